/// What the host does for an agent that has no hands of its own. Files are those of the session's working folder;
/// terminals are processes of the run and end with it.
package enum DriverService: Hashable, Sendable {
    /// Answered with `text`.
    /// - Parameters:
    ///   - path: absolute.
    ///   - firstLine: counted from 1; `nil`: the first.
    ///   - lineLimit: `nil`: all that follow.
    case readTextFile(path: String, firstLine: Int?, lineLimit: Int?)
    /// Makes the file or replaces it, folders above it included. Answered with `done`.
    case writeTextFile(path: String, text: String)
    /// Answered with `terminal` as soon as the program runs.
    case createTerminal(TerminalSpec)
    /// Answered with `output`.
    case terminalOutput(terminalID: String)
    /// Answered with `output` once the program has ended.
    case waitForTerminal(terminalID: String)
    /// Ends the program; what it wrote stays. Answered with `done`.
    case killTerminal(terminalID: String)
    /// Ends the program and forgets it. Answered with `done`.
    case releaseTerminal(terminalID: String)
}

/// A program that an agent has the host run.
package struct TerminalSpec: Hashable, Sendable {
    package var command: String
    package var arguments: [String]
    package var environment: [String: String]
    /// Absolute; `nil`: the session's working folder.
    package var workingDirectory: String?
    /// Of what it writes, the last so many bytes are kept; `nil`: as many as the host keeps.
    package var outputBytesMax: Int?

    package init(
        command: String, arguments: [String] = [], environment: [String: String] = [:],
        workingDirectory: String? = nil, outputBytesMax: Int? = nil
    ) {
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.outputBytesMax = outputBytesMax
    }
}

/// What a terminal's program has written, stdout and stderr as they came.
package struct TerminalOutput: Hashable, Sendable {
    package var text: String
    /// The beginning was dropped.
    package var isCut: Bool
    /// Exit code, or signal number as a negative number; `nil` while it runs.
    package var status: Int?

    package init(text: String, isCut: Bool, status: Int?) {
        self.text = text
        self.isCut = isCut
        self.status = status
    }
}

/// What became of a service.
package enum ServiceResult: Hashable, Sendable {
    case done
    case text(String)
    case terminal(id: String)
    case output(TerminalOutput)
    /// There is no such file or terminal.
    case notFound(String)
    /// Not done, and why: outside the working folder, read and propose only, too large, the system's words.
    case refused(String)
}
