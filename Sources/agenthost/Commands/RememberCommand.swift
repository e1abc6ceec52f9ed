import HostProtocol
import JSON

/// `agenthost remember`: keeps something for later sessions.
enum RememberCommand {
    static let command = Command(
        "remember", "Remember a text, for this and later sessions.", operands: "\"TEXT\" [FLAGS]",
        about: "- in place of the text reads it from standard input. What has the same key in the same namespace is "
            + "replaced, and kept as history. Without --db or --session it is the user's own.",
        flags: [
            Flag("--key", "KEY", "What it is called.", standard: "none"),
            Flag("--namespace", "NAME", "The group it belongs to.", standard: "general"),
            Flag("--tag", "TAG", "A tag; may be given again."),
            Flag("--importance", "0..1", "How much it counts among others.", standard: "0.5"),
            Flag("--expires", "TIME", "When it is forgotten by recall, as 2027-01-31T12:00:00Z.", standard: "never"),
            Flag("--value", "JSON", "A value of any kind, instead of the text or beside it."),
        ] + MemoryPlace.flags + [.json, .store, .config],
        examples: [
            "agenthost remember \"Turnover means revenue without freight\" --namespace glossary --key turnover",
            "agenthost remember \"The warehouse moved in May 2024\" --db shop.db --importance 0.9",
        ], run: run)

    private static func run(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        let memory = try members(arguments)
        let client = try HostClient(arguments, invocation)
        var params = try MemoryPlace.members(arguments, client, makesConnection: true)
        for (name, value) in memory { params[name] = value }
        let raw = try client.rawCall(.memoryRemember, .object(params))
        if arguments.has("--json") {
            Terminal.standardOutput.say(raw.description)
        } else {
            let change = try Wire.MemoryChange(lenient: raw)
            Terminal.standardOutput.say(sentence(change))
        }
        try client.finish()
        return .completed
    }

    private static func members(_ arguments: Arguments) throws -> JSONObject {
        var params: JSONObject = [:]
        let value = try arguments["--value"].map { text throws(CommandLineError) in
            do { return try JSON(parsing: text) } catch {
                throw CommandLineError("--value takes JSON: \(error)", .dataError)
            }
        }
        if let text = try text(arguments, isNeeded: value == nil) {
            params["value"] = .string(text)
            if let value { (params["value"], params["content_text"]) = (value, .string(text)) }
        } else {
            params["value"] = value
        }
        params["key"] = arguments["--key"].map(JSON.string)
        params["namespace"] = arguments["--namespace"].map(JSON.string)
        params["expires_at"] = arguments["--expires"].map(JSON.string)
        if let text = arguments["--importance"] {
            guard let importance = Double(text), (0...1).contains(importance) else {
                throw CommandLineError("--importance takes a number from 0 to 1, not \(text)")
            }
            params["importance"] = .double(importance)
        }
        let tags = arguments.all("--tag")
        if !tags.isEmpty { params["tags"] = .array(tags.map(JSON.string)) }
        return params
    }

    private static func text(_ arguments: Arguments, isNeeded: Bool) throws -> String? {
        guard isNeeded || !arguments.rest.isEmpty else { return nil }
        let word = try arguments.single("\"TEXT\" to remember")
        guard word == "-" else { return word }
        guard let bytes = InputBytes.read(0), let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandLineError("standard input is no text in UTF-8", .dataError)
        }
        // The line's end is the shell's, not the text's.
        return text.hasSuffix("\r\n") || text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    private static func sentence(_ change: Wire.MemoryChange) -> String {
        let memory = change.memory
        let place = "\(shortID(memory.id)) in \(memory.namespace)" + (MemoryText.key(memory).map { " as \($0)" } ?? "")
        switch change.outcome.rawValue {
        case "created": return "Remembered \(place)."
        case "updated": return "Remembered \(place); what it said before is history."
        default: return "Known already: \(place)."
        }
    }
}
