import HostProtocol
import JSON

/// `agenthost memories forget`: removes memories for good.
enum MemoryForgetCommand {
    static let command = Command(
        "memories forget", "Remove memories with their history, for good.", operands: "[ID...] [FLAGS]",
        about: "Named by id, by --key, or by --filter; --all takes a whole namespace. On a terminal it says how many "
            + "they are and asks first.",
        flags: [
            Flag("--key", "KEY", "The one with this key."),
            Flag("--namespace", "NAME", "The group that --key, --filter or --all mean.", standard: "general for --key"),
            Flag("--filter", "FILTER", "All that it holds for, as 'tags:=draft'."),
            Flag("--all", "All of the namespace."),
            Flag("--dry-run", "Only count what would go."),
            Flag("--yes", "Do not ask."),
        ] + MemoryPlace.flags + [.json, .store, .config],
        examples: [
            "agenthost memories forget 7f3a91c2",
            "agenthost memories forget --filter 'namespace:=conversation && created_at:<2026-01-01' --dry-run",
        ], run: run)

    private static func run(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        let ways = [!arguments.rest.isEmpty, arguments["--key"] != nil, arguments["--filter"] != nil]
        guard ways.contains(true) || arguments.has("--all") else {
            throw CommandLineError("say which memories: an ID, --key, --filter or --all")
        }
        let client = try HostClient(arguments, invocation)
        var params = try MemoryPlace.members(arguments, client)
        let ids = try arguments.rest.compactMap { try client.memory($0)["id"] }
        if !ids.isEmpty { params["memory_ids"] = .array(ids) }
        params["key"] = arguments["--key"].map(JSON.string)
        params["namespace"] = arguments["--namespace"].map(JSON.string)
        params["filter_by"] = arguments["--filter"].map(JSON.string)
        if arguments.has("--all") { params["all"] = true }
        let names = ["session_id", "db_connection_id", "scope"]
        // The host wants a scope named where many may go.
        if params["filter_by"] != nil || params["all"] != nil, names.allSatisfy({ params[$0] == nil }) {
            params["scope"] = "user"
        }
        let isDryRun = arguments.has("--dry-run")
        guard try isDryRun || arguments.has("--yes") || isMeant(params, client) else { return .failed }
        params["dry_run"] = .bool(isDryRun)
        let raw = try client.rawCall(.memoryForget, .object(params))
        if arguments.has("--json") {
            Terminal.standardOutput.say(raw.description)
        } else {
            say(try Wire.ForgetResult(lenient: raw))
        }
        try client.finish()
        return .completed
    }

    /// Asks, where there is somebody to ask.
    private static func isMeant(_ params: JSONObject, _ client: HostClient) throws -> Bool {
        let terminal = Terminal.standardError
        guard Terminal.isInputTerminal, terminal.isTerminal else { return true }
        var dry = params
        dry["dry_run"] = true
        let count = try Wire.ForgetResult(lenient: try client.rawCall(.memoryForget, .object(dry))).memories
        guard count > 0 else { return true }
        terminal.write("Forget \(memories(count)) for good? [y/N] ")
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }

    private static func say(_ result: Wire.ForgetResult) {
        let terminal = Terminal.standardOutput
        if result.dryRun {
            return _ = terminal.say("Would forget \(memories(result.memories)).")
        }
        guard result.memories > 0 else { return Terminal.note("there was nothing to forget") }
        var sentence = "Forgot \(memories(result.memories))"
        if result.versions > 0 { sentence += ", \(Quantity.counted(result.versions, "earlier version"))" }
        if result.words > 0 { sentence += ", \(Quantity.counted(result.words, "word")) that nothing else had" }
        terminal.say(sentence + ".")
    }

    private static func memories(_ count: Int) -> String {
        count == 1 ? "1 memory" : "\(Quantity.count(count)) memories"
    }
}
