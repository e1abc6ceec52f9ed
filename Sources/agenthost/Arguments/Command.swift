/// A command: what it is called, what its help says, what it does.
struct Command: Sendable {
    /// One or two words.
    let name: String
    /// For the list of commands.
    let summary: String
    /// What follows the name, e.g. `"PROMPT" [flags]`.
    let operands: String
    /// What else is worth knowing, in a sentence or two.
    let about: String
    let flags: [Flag]
    let examples: [String]
    /// Left out of the list: for the host's own use.
    let isHidden: Bool
    let run: @Sendable (Arguments, Invocation) throws -> ExitCode

    init(
        _ name: String, _ summary: String, operands: String = "", about: String = "", flags: [Flag] = [],
        examples: [String] = [], isHidden: Bool = false,
        run: @escaping @Sendable (Arguments, Invocation) throws -> ExitCode
    ) {
        self.name = name
        self.summary = summary
        self.operands = operands
        self.about = about
        self.flags = flags
        self.examples = examples
        self.isHidden = isHidden
        self.run = run
    }
}

/// How the program was called.
struct Invocation {
    /// Absolute path of this program.
    let executable: String
    let environment: [String: String]
}
