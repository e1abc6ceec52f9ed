import HostProtocol
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a person is told when a task has ended.
struct TaskReport {
    let result: Wire.TaskResult
    let session: Wire.Session
    let isQuiet: Bool

    var exitCode: ExitCode {
        switch result.status.rawValue {
        case "completed": .completed
        case "cancelled", "interrupted": .notFinished
        default: result.error?.reason == "driver_unavailable" ? .driverUnavailable : .failed
        }
    }

    func printAnswer() {
        guard !result.output.isEmpty else { return }
        let terminal = Terminal.standardOutput
        // A terminal obeys what it is shown; a file or pipe gets the answer as it is.
        let text = terminal.isTerminal ? TextLayout.harmless(result.output) : result.output
        terminal.write(text.hasSuffix("\n") ? text : text + "\n")
    }

    func listFiles() {
        guard !isQuiet, !result.artifacts.isEmpty else { return }
        list("Files in \(session.resultsDirectory)")
    }

    private func list(_ heading: String) {
        let terminal = Terminal.standardError
        terminal.say()
        terminal.say(heading, .bold)
        var table = TextTable(rightAligned: [1], indent: 2)
        for artifact in result.artifacts {
            table.add(artifact.path, Quantity.bytes(artifact.bytes), artifact.mediaType)
        }
        table.print(on: terminal)
    }

    /// Copies the files below a folder, which is made when it is not there.
    func copyFiles(to folder: String) throws(CommandLineError) {
        let target = ResultsCopy(folder: folder)
        for artifact in result.artifacts { try target.copy(artifact, of: session.resultsDirectory) }
        if !isQuiet, !result.artifacts.isEmpty { list("Files in \(folder)") }
    }

    /// One line: how it ended, how long it took, what it cost, how to go on.
    func printEnd() {
        let terminal = Terminal.standardError
        let status = result.status.rawValue
        let didFail = status != "completed"
        if didFail, let error = result.error {
            Terminal.note(TextLayout.oneLine(error.message))
        } else if didFail, isQuiet {
            Terminal.note("the task ended as \(status): \(result.stopReason.rawValue)")
        }
        guard !isQuiet else { return }
        let reason = didFail && result.stopReason.rawValue != status ? " (\(result.stopReason.rawValue))" : ""
        let parts = [
            status.capitalizedFirst + reason + " in " + Quantity.duration(milliseconds: result.durationMilliseconds),
            EventText.usage(result.usage.json),
            "go on with --session \(shortID(session.id))",
        ]
        terminal.say()
        terminal.say(parts.compactMap { $0 }.joined(separator: " · "), didFail ? .red : .green)
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
