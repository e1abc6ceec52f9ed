import HostProtocol
import JSON

/// `agenthost sessions export` and `import`: a session with all that it owns as a file.
enum SessionTransferCommands {
    static let commands = [export, importing]

    private static let export = Command(
        "sessions export", "Write a session with all that it owns to a file.", operands: "ID FILE [FLAGS]",
        about: "Its log, checkpoints, memories and files, for sessions import, here or elsewhere. No task of it may "
            + "run. A file that exists is left alone.",
        flags: [Flag("--overwrite", "Replace a file that exists."), .json, .store, .config],
        examples: ["agenthost sessions export 7f3a91c2 figures.session"]
    ) { arguments, invocation in
        try arguments.none(besides: 2)
        guard arguments.rest.count == 2 else {
            throw CommandLineError("sessions export takes a session and a FILE to make")
        }
        let client = try HostClient(arguments, invocation)
        let session = try client.session(arguments.rest[0])
        let params = Wire.SessionExportParams(
            sessionID: session.id, path: arguments.rest[1], overwrite: arguments.has("--overwrite"))
        let raw = try client.finished(.sessionExport, params.json.objectValue ?? [:])
        if arguments.has("--json") {
            Terminal.standardOutput.say(raw.description)
        } else {
            let result = try Wire.SessionExportResult(lenient: raw)
            for path in result.missingArtifacts { Terminal.note("\(path) is gone or was changed: left out") }
            Terminal.standardOutput.say(
                "Wrote session \(shortID(session.id)) with \(counted(result.contents)) to \(result.path), "
                    + "\(Quantity.bytes(result.bytes)).")
        }
        try client.finish()
        return .completed
    }

    private enum Settings: String, CaseIterable { case own, file }

    private static let importing = Command(
        "sessions import", "Make a session of a file that sessions export has written.", operands: "FILE [FLAGS]",
        about: "The file is checked first; a session that cannot be made whole is not made at all. Ctrl-C ends it. "
            + "What its runs have cost counts where they ran. Which agent it goes on with, and where, is yours to say: "
            + "the file's word for it counts with --settings file.",
        flags: [
            Flag("--new-ids", "Give it ids of its own, so that it can be imported again, or beside the original."),
            Flag(
                "--settings", "WHOSE",
                "own: driver, model, folder, database and project as of a new session; file: as "
                    + "the file says. For files of your own.", standard: "own"),
            Flag("--driver", "NAME", "The agent of its next task."),
            Flag("--model", "MODEL", "Its model."), Flag("--dir", "FOLDER", "The folder that its agents work in."),
            .json, .store, .config,
        ],
        examples: [
            "agenthost sessions import figures.session", "agenthost sessions import figures.session --new-ids",
            "agenthost sessions import mine.session --settings file",
        ]
    ) { arguments, invocation in
        let file = try arguments.single("FILE to import")
        let client = try HostClient(arguments, invocation)
        let ids: Wire.ImportedIDs = arguments.has("--new-ids") ? .new : .keep
        let settings = try arguments.word("--settings", Settings.self) ?? .own
        let params = Wire.SessionImportParams(
            path: file, ids: ids, settings: Wire.ImportedSettings(rawValue: settings.rawValue),
            driver: arguments["--driver"], model: arguments["--model"], workingDirectory: arguments["--dir"])
        let raw = try client.finished(.sessionImport, params.json.objectValue ?? [:])
        if arguments.has("--json") {
            Terminal.standardOutput.say(raw.description)
        } else {
            let result = try Wire.SessionImportResult(lenient: raw)
            if !result.leftOut.isEmpty {
                Terminal.note("not as in the file: \(result.leftOut.joined(separator: ", "))")
            }
            for warning in result.warnings { Terminal.note(warning) }
            Terminal.standardOutput.say(
                "Imported session \(shortID(result.session.id)) with \(counted(result.contents)).")
        }
        try client.finish()
        return .completed
    }

    private static func counted(_ contents: Wire.SessionContents) -> String {
        let memories = contents.memories == 1 ? "1 memory" : "\(Quantity.count(contents.memories)) memories"
        return [
            Quantity.counted(contents.tasks, "task"), Quantity.counted(contents.events, "event"),
            Quantity.counted(contents.artifacts, "file"), memories,
        ].joined(separator: ", ")
    }
}
