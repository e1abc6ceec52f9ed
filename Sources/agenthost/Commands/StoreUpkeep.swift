import JSON
import Store
import StoreSQLite

/// `agenthost store ...`: what a person does to the store's file. No host is started for it.
enum StoreUpkeep {
    static let commands = [check, rebuild, backup, vacuum, path]

    private static let flags: [Flag] = [.json, .store]

    private static let check = Command(
        "store check", "Read the whole store and say what does not fit together.", operands: "[FLAGS]",
        about: "Exits with 0 for a sound store and with 1 for another. Hosts may go on meanwhile.", flags: flags,
        examples: ["agenthost store check", "agenthost store check --json"]
    ) { arguments, invocation in
        try arguments.none()
        let report = try StoreMaintenance(folder: folder(arguments, invocation)).check(progress: told)
        let terminal = Terminal.standardOutput
        if arguments.has("--json") {
            terminal.say(report.json.description)
        } else {
            for problem in report.problems { terminal.say("• \(TextLayout.oneLine(problem))", .red) }
            terminal.say(report.sentence, report.isSound ? .green : .red)
        }
        return report.isSound ? .completed : .failed
    }

    private static let rebuild = Command(
        "store rebuild", "Make the index of the memories anew.", operands: "[FLAGS]",
        about: "For an index that check finds fault with. No host may use the store meanwhile.", flags: flags,
        examples: ["agenthost store rebuild"]
    ) { arguments, invocation in
        try arguments.none()
        let stats = try StoreMaintenance(folder: folder(arguments, invocation)).rebuildIndex(progress: told)
        Terminal.standardOutput.say(
            arguments.has("--json") ? stats.json.description : "Rebuilt the index of \(stats.sentence).")
        return .completed
    }

    /// Every hundred thousand memories, a line.
    private static func told(_ done: Int, of total: Int) {
        guard done % 102_400 == 0, done < total else { return }
        Terminal.standardError.say("\(Quantity.count(done)) of \(Quantity.count(total)) memories")
    }

    private static let backup = Command(
        "store backup", "Copy the store into a new file.", operands: "FILE [FLAGS]",
        about: "The copy is whole and compact, whatever hosts do meanwhile. A file that exists is left alone.",
        flags: flags, examples: ["agenthost store backup agenthost-backup.db"]
    ) { arguments, invocation in
        let file = try arguments.single("FILE to copy to")
        let path = file.hasPrefix("/") ? file : Locations.currentDirectory() + "/" + file
        let copy = try StoreMaintenance(folder: folder(arguments, invocation)).backup(to: path)
        say(copy, "Copied to \(copy.path): \(Quantity.bytes(copy.bytesAfter)).", arguments)
        return .completed
    }

    private static let vacuum = Command(
        "store vacuum", "Give back the space of what was deleted.", operands: "[FLAGS]",
        about: "No host may use the store meanwhile.", flags: flags, examples: ["agenthost store vacuum"]
    ) { arguments, invocation in
        try arguments.none()
        let copy = try StoreMaintenance(folder: folder(arguments, invocation)).vacuum()
        let sizes = "\(Quantity.bytes(copy.bytesBefore)) before, \(Quantity.bytes(copy.bytesAfter)) now"
        say(copy, "Compacted \(copy.path): \(sizes).", arguments)
        return .completed
    }

    private static let path = Command(
        "store path", "Print the folder of the store.", operands: "[FLAGS]", flags: flags,
        examples: ["ls -l \"$(agenthost store path)\""]
    ) { arguments, invocation in
        try arguments.none()
        let folder = try folder(arguments, invocation)
        Terminal.standardOutput.say(arguments.has("--json") ? (["path": .string(folder)] as JSON).description : folder)
        return .completed
    }

    private static func folder(_ arguments: Arguments, _ invocation: Invocation) throws(CommandLineError) -> String {
        try Locations(store: arguments["--store"], environment: invocation.environment).store
    }

    private static func say(_ copy: StoreCopy, _ sentence: String, _ arguments: Arguments) {
        Terminal.standardOutput.say(arguments.has("--json") ? copy.json.description : sentence)
    }
}

extension StoreReport {
    fileprivate var json: JSON {
        [
            "sound": .bool(isSound), "problems": .array(problems.map(JSON.string)), "sessions": .int(Int64(sessions)),
            "tasks": .int(Int64(tasks)), "events": .int(Int64(events)), "bytes": .int(Int64(bytes)),
            "schema_version": .int(Int64(schemaVersion)), "memory": memory.json,
        ]
    }

    fileprivate var sentence: String {
        let contents = [
            Quantity.counted(sessions, "session"), Quantity.counted(tasks, "task"), Quantity.counted(events, "event"),
            memory.sentence, Quantity.bytes(bytes),
        ].joined(separator: ", ")
        return isSound ? "Sound: \(contents)." : "\(Quantity.counted(problems.count, "problem")) in \(contents)."
    }
}

extension MemoryStats {
    fileprivate var json: JSON {
        [
            "memories": .int(Int64(memories)), "versions": .int(Int64(versions)), "words": .int(Int64(words)),
            "tail_documents": .int(Int64(tailDocuments)), "segments": .int(Int64(segments)),
            "index_bytes": .int(Int64(indexBytes)), "embeddings": .int(Int64(embeddings)),
        ]
    }

    fileprivate var sentence: String {
        guard memories > 0 else { return "no memories" }
        let count = memories == 1 ? "1 memory" : "\(Quantity.count(memories)) memories"
        return "\(count) in \(Quantity.counted(segments, "segment")) of \(Quantity.bytes(indexBytes))"
            + " and \(Quantity.count(tailDocuments)) to be folded"
    }
}

extension StoreCopy {
    fileprivate var json: JSON {
        [
            "path": .string(path), "bytes_before": .int(Int64(bytesBefore)), "bytes_after": .int(Int64(bytesAfter)),
        ]
    }
}
