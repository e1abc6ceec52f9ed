import CSystem
import HostProtocol
import JSON

/// `agenthost recall`: what memory knows about a question.
enum RecallCommand {
    static let command = Command(
        "recall", "Say what is remembered about a question, best first.", operands: "\"QUESTION\" [FLAGS]",
        about: "Whole sentences will do; words with typing errors are corrected. Exits with 1 when nothing is known.",
        flags: [
            Flag("--limit", "N", "At most so many, up to 100.", standard: "5"),
            Flag("--namespace", "NAME", "Only this group."),
            Flag("--explain", "Say how each score came about."),
        ] + MemoryPlace.flags + [.json, .store, .config],
        examples: [
            "agenthost recall \"when did the warehouse move?\"", "agenthost recall \"net prices\" --db shop.db",
        ],
        run: run)

    private static func run(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        let question = try arguments.single("\"QUESTION\"")
        let limit = try arguments.number("--limit", 1...100) ?? 5
        var params: JSONObject = ["query": .string(question), "limit": .int(Int64(limit))]
        params["namespace"] = arguments["--namespace"].map(JSON.string)
        if arguments.has("--explain") { params["explain"] = true }
        let answer = try StoreLook.answer(params, arguments, invocation) ?? ask(params, arguments, invocation)
        let result = try Wire.RecallResult(lenient: answer)
        if arguments.has("--json") { Terminal.standardOutput.say(answer.description) } else { show(result) }
        return result.nothingKnown ? .failed : .completed
    }

    private static func ask(_ params: JSONObject, _ arguments: Arguments, _ invocation: Invocation) throws -> JSON {
        let client = try HostClient(arguments, invocation)
        var params = params
        for member in try MemoryPlace.members(arguments, client) { params[member.key] = member.value }
        let answer = try client.rawCall(.memoryRecall, .object(params))
        try client.finish()
        return answer
    }

    private static func show(_ result: Wire.RecallResult) {
        if let corrected = result.correctedQuery { Terminal.note("read as \"\(TextLayout.oneLine(corrected))\"") }
        guard !result.nothingKnown else { return Terminal.note("nothing is known about that") }
        let terminal = Terminal.standardOutput
        let now = cs_wall_ms()
        for (place, hit) in result.memories.enumerated() {
            let number = "\(place + 1). "
            let indent = String(repeating: " ", count: number.count)
            let text = TextLayout.oneLine(hit.memory.contentText)
            let columns = terminal.columns ?? 100
            let lines = TextLayout.wrap(text, columns: columns - number.count).split(separator: "\n").map(String.init)
            for (index, line) in lines.prefix(linesMax).enumerated() {
                let cut = index == linesMax - 1 && lines.count > linesMax ? " …" : ""
                terminal.say((index == 0 ? number : indent) + line + cut, .bold)
            }
            let about = MemoryText.about(hit.memory, now: now) + " · \(hundredths(hit.score))"
            terminal.say(indent + TextLayout.cut(about, columns - number.count), .dim)
            if let explanation = hit.explain { explain(explanation, indent, terminal) }
        }
    }

    private static let linesMax = 4

    /// A line for each word that counted, then what they were multiplied with.
    private static func explain(_ parts: JSON, _ indent: String, _ terminal: Terminal) {
        var table = TextTable(rightAligned: [1], indent: indent.count + 2)
        for word in parts["words"]?.arrayValue ?? [] {
            let asked = word["word"]?.stringValue ?? ""
            let matched = word["matched"]?.stringValue ?? ""
            table.add(
                asked == matched ? asked : "\(asked) → \(matched)", hundredths(word["score"]?.doubleValue ?? 0),
                "rarity \(hundredths(word["idf"]?.doubleValue ?? 0)), \(word["tf"]?.intValue ?? 0) times")
        }
        table.print(on: terminal)
        let factors = [
            ("importance and age", parts["factor"]?.doubleValue), ("scope", parts["scope_weight"]?.doubleValue),
        ].compactMap { name, value in value.map { "× \(name) \(hundredths($0))" } }
        let neighbours = parts["neighbours"]?.doubleValue ?? 0
        let more = neighbours > 0 ? ["+ turns beside it \(hundredths(neighbours))"] : []
        terminal.say(indent + "  " + (factors + more).joined(separator: "  "), .dim)
    }

    private static func hundredths(_ number: Double) -> String {
        let whole = Int((min(max(number, -1e9), 1e9) * 100).rounded())
        let digits = String(whole.magnitude % 100)
        return "\(whole < 0 ? "-" : "")\(whole.magnitude / 100).\(digits.count == 1 ? "0" : "")\(digits)"
    }
}
