import HostProtocol
import JSON

/// `agenthost memories export` and `import`: memories as JSON Lines.
enum MemoryTransferCommands {
    static let commands = [export, importing]

    private static let export = Command(
        "memories export", "Write memories as JSON Lines, to a file or to standard output.",
        operands: "[FILE] [FLAGS]", about: "What memories import reads. A file that exists is left alone.",
        flags: [
            Flag("--namespace", "NAME", "Only this group."),
            Flag("--tag", "TAG", "Only what has this tag."),
            Flag("--filter", "FILTER", "Only what it holds for, as 'tags:=draft && importance:<0.3'."),
            Flag("--all", "Also what has expired, holds no longer or was superseded."),
        ] + MemoryPlace.flags + [.json, .store, .config],
        examples: [
            "agenthost memories export memories.jsonl", "agenthost memories export --namespace glossary | wc -l",
        ]
    ) { arguments, invocation in
        try arguments.none(besides: 1)
        let client = try HostClient(arguments, invocation)
        var params = try MemoryPlace.members(arguments, client)
        params["namespace"] = arguments["--namespace"].map(JSON.string)
        params["tag"] = arguments["--tag"].map(JSON.string)
        params["filter_by"] = arguments["--filter"].map(JSON.string)
        if arguments.has("--all") { params["include_inactive"] = true }
        if let file = arguments.rest.first {
            params["path"] = .string(file)
            let raw = try client.finished(.memoryExport, params)
            let result = try Wire.ExportResult(lenient: raw)
            let sentence =
                "Wrote \(counted(result.memories)) to \(result.path ?? file), \(Quantity.bytes(result.bytes ?? 0))."
            Terminal.standardOutput.say(arguments.has("--json") ? raw.description : sentence)
        } else {
            try writePages(params, client)
        }
        try client.finish()
        return .completed
    }

    private static let importing = Command(
        "memories import", "Remember each line of a JSON Lines file.", operands: "FILE [FLAGS]",
        about: "A line is what memories export writes, or an object with at least a value. What has the same key is "
            + "replaced, so that a file may be imported again. Ctrl-C ends it; what was imported stays.",
        flags: [
            Flag("--namespace", "NAME", "The group of lines that name none.", standard: "general"),
            Flag("--after-line", "N", "Pass over so many lines.", standard: "0"),
        ] + MemoryPlace.flags + [.json, .store, .config],
        examples: ["agenthost memories import memories.jsonl", "agenthost memories import notes.jsonl --db shop.db"]
    ) { arguments, invocation in
        let file = try arguments.single("FILE to import")
        let client = try HostClient(arguments, invocation)
        var params = try MemoryPlace.members(arguments, client, makesConnection: true)
        params["path"] = .string(file)
        params["namespace"] = arguments["--namespace"].map(JSON.string)
        params["after_line"] = try arguments.number("--after-line", 0...(1 << 50)).map { .int(Int64($0)) }
        let raw = try client.finished(.memoryImport, params)
        let result = try Wire.ImportResult(lenient: raw)
        if arguments.has("--json") {
            Terminal.standardOutput.say(raw.description)
        } else {
            for error in result.errors { Terminal.note("line \(error.line): \(TextLayout.oneLine(error.message))") }
            Terminal.standardOutput.say(sentence(result))
        }
        try client.finish()
        return result.failed == 0 ? .completed : .failed
    }

    private static func sentence(_ result: Wire.ImportResult) -> String {
        let counts = [
            (result.created, "new"), (result.updated, "changed"), (result.unchanged, "known already"),
            (result.failed, "not imported"),
        ]
        let parts = counts.filter { $0.0 > 0 }.map { "\(Quantity.count($0.0)) \($0.1)" }
        let what = parts.isEmpty ? "nothing in them" : parts.joined(separator: ", ")
        return "Read \(Quantity.counted(result.lines, "line")): \(what)."
    }

    private static func writePages(_ params: JSONObject, _ client: HostClient) throws {
        var params = params
        params["limit"] = 1000
        repeat {
            let page = try client.rawCall(.memoryExport, .object(params))
            for memory in page["items"]?.arrayValue ?? [] {
                guard Terminal.standardOutput.say(memory.description) else { return }
            }
            params["cursor"] = page["next_cursor"]
        } while params["cursor"] != nil
    }

    private static func counted(_ memories: Int) -> String {
        memories == 1 ? "1 memory" : "\(Quantity.count(memories)) memories"
    }
}
