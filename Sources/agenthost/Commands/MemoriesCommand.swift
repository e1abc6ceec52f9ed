import CSystem
import HostProtocol
import JSON

/// `agenthost memories`: what is remembered, newest first.
enum MemoriesCommand {
    static let command = Command(
        "memories", "List what is remembered, newest first.", operands: "[FLAGS]",
        about: "Commands that take a memory's ID take the short form that this list shows.",
        flags: [
            Flag("--namespace", "NAME", "Only this group."),
            Flag("--tag", "TAG", "Only what has this tag."),
            Flag("--filter", "FILTER", "Only what it holds for, as 'tags:=draft && importance:<0.3'."),
            Flag("--limit", "N", "At most so many, up to 1000.", standard: "20"),
            Flag("--all", "Also what has expired, holds no longer or was superseded."),
        ] + MemoryPlace.flags + [.json, .store, .config],
        examples: [
            "agenthost memories",
            "agenthost memories --namespace glossary",
            "agenthost memories --filter 'value.city:[Rome, Oslo] && created_at:>=2026-01-01'",
        ], run: run)

    private static let below = ["show", "forget", "export", "import"]

    private static func run(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        if let word = arguments.rest.first {
            // What other programs call it.
            if ["list", "ls", "filter"].contains(word) {
                throw CommandLineError(
                    "there is no command memories \(word)", advice: "agenthost memories lists them, with --filter too.")
            }
            throw CommandLineError(
                "there is no command memories \(word)",
                advice: NearestWord.to(word, among: below).map { "Did you mean memories \($0)?" }
                    ?? "Known are \(below.joined(separator: ", ")).")
        }
        let limit = try arguments.number("--limit", 1...1000) ?? 20
        let client = try HostClient(arguments, invocation)
        let place = try MemoryPlace.members(arguments, client)
        let raw = try listed(limit, place, arguments, client)
        if arguments.has("--json") {
            Terminal.standardOutput.say(raw.description)
        } else {
            let page = try Wire.MemoryPage(lenient: raw)
            let narrows = ["--namespace", "--tag", "--filter"].contains { arguments[$0] != nil }
            show(page.items, isAll: !narrows)
            if page.nextCursor != nil { Terminal.note("there are more; --limit shows them") }
        }
        try client.finish()
        return .completed
    }

    private static func listed(
        _ limit: Int, _ place: JSONObject, _ arguments: Arguments, _ client: HostClient
    ) throws -> JSON {
        var params = place
        params["limit"] = .int(Int64(limit))
        params["namespace"] = arguments["--namespace"].map(JSON.string)
        params["tag"] = arguments["--tag"].map(JSON.string)
        params["filter_by"] = arguments["--filter"].map(JSON.string)
        if arguments.has("--all") { params["include_inactive"] = true }
        return try client.rawCall(.memoryList, .object(params))
    }

    private static func show(_ memories: [Wire.Memory], isAll: Bool) {
        guard !memories.isEmpty else {
            return Terminal.note(
                isAll
                    ? "nothing is remembered here; agenthost remember \"TEXT\" keeps something"
                    : "nothing that is remembered is like that")
        }
        let now = cs_wall_ms()
        var table = TextTable(["MEMORY", "NAME", "UPDATED", "TEXT"])
        for memory in memories {
            table.add([
                .init(shortID(memory.id), .bold), .init(TextLayout.cut(MemoryText.name(memory), 32)),
                .init(Quantity.age(of: memory.updatedAt, now: now)), .init(memory.contentText),
            ])
        }
        table.print(on: .standardOutput)
    }
}
