/// Why a command ends early: a sentence for people, and what the program exits with.
struct CommandLineError: Error, CustomStringConvertible {
    /// Empty when it has been said already.
    let description: String
    /// What to try, in a sentence of its own.
    var advice: String?
    let exitCode: ExitCode

    var sentence: String { advice.map { "\(description). \($0)" } ?? description }

    init(_ description: String, advice: String? = nil, _ exitCode: ExitCode = .usage) {
        self.description = description
        self.advice = advice
        self.exitCode = exitCode
    }
}
