/// What a person did not mean to write, in a sentence.
struct CommandLineError: Error, CustomStringConvertible {
    let description: String
    /// `EX_USAGE` of sysexits.h unless something else is the matter.
    let exitCode: Int32

    init(_ description: String, exitCode: Int32 = 64) {
        self.description = description
        self.exitCode = exitCode
    }
}
