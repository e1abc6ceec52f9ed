import CSystem
import HostProtocol
import JSON

/// `agenthost memories show`: a memory with its history.
enum MemoryShowCommand {
    static let command = Command(
        "memories show", "Show a memory with its earlier versions.", operands: "ID [FLAGS]",
        flags: [.json, .store, .config], examples: ["agenthost memories show 7f3a91c2"], run: run)

    private static func run(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        let id = try arguments.single("memory")
        let client = try HostClient(arguments, invocation)
        let raw = try client.memory(id)
        if arguments.has("--json") {
            Terminal.standardOutput.say(raw.description)
        } else {
            show(try Wire.Memory(lenient: raw))
        }
        try client.finish()
        return .completed
    }

    private static func show(_ memory: Wire.Memory) {
        let terminal = Terminal.standardOutput
        let now = cs_wall_ms()
        terminal.say(TextLayout.harmless(memory.contentText), .bold)
        var table = TextTable(indent: 2)
        func row(_ name: String, _ value: String?) {
            if let value { table.add([.init(name, .dim), .init(value)]) }
        }
        func time(_ text: String) -> String { "\(Quantity.moment(text)) UTC, \(Quantity.age(of: text, now: now))" }
        row("memory", memory.id)
        row("name", MemoryText.name(memory))
        row("of", MemoryText.place(memory))
        row("tags", memory.tags.isEmpty ? nil : memory.tags.joined(separator: ", "))
        row("importance", "\(memory.importance)")
        row("made", time(memory.createdAt))
        row("changed", memory.updatedAt == memory.createdAt ? nil : time(memory.updatedAt))
        row("recalled", memory.recallCount == 0 ? "never" : Quantity.counted(memory.recallCount, "time"))
        row("expires", memory.expiresAt.map(Quantity.moment))
        row("valid from", memory.validFrom.map(Quantity.moment))
        row("valid to", memory.validTo.map(Quantity.moment))
        row("superseded by", memory.supersededBy)
        if memory.value != .string(memory.contentText) { row("value", memory.value.description) }
        // Values of this table are ids and JSON, which are to be copied: they are not cut.
        for line in table.lines(for: terminal) { terminal.say(line) }
        let versions = (memory.versions ?? []).filter { $0.updatedAt != memory.updatedAt }
        guard !versions.isEmpty else { return }
        terminal.say("\nBefore", .bold)
        for version in versions {
            let until = version.validTo.map { "until \(Quantity.moment($0)) UTC" } ?? ""
            terminal.say("  \(until)  \(TextLayout.oneLine(version.contentText))")
        }
    }
}
