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

    private static let importing = Command(
        "sessions import", "Make a session of a file that sessions export has written.", operands: "FILE [FLAGS]",
        about: "The file is checked first; a session that cannot be made whole is not made at all. Ctrl-C ends it. "
            + "What its runs have cost counts where they ran.",
        flags: [
            Flag("--new-ids", "Give it ids of its own, so that it can be imported again, or beside the original."),
            .json, .store, .config,
        ],
        examples: [
            "agenthost sessions import figures.session", "agenthost sessions import figures.session --new-ids",
        ]
    ) { arguments, invocation in
        let file = try arguments.single("FILE to import")
        let client = try HostClient(arguments, invocation)
        let ids: Wire.ImportedIDs = arguments.has("--new-ids") ? .new : .keep
        let params = Wire.SessionImportParams(path: file, ids: ids)
        let raw = try client.finished(.sessionImport, params.json.objectValue ?? [:])
        if arguments.has("--json") {
            Terminal.standardOutput.say(raw.description)
        } else {
            let result = try Wire.SessionImportResult(lenient: raw)
            for field in result.leftOut { Terminal.note("its \(field) is not in this store: left out") }
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
