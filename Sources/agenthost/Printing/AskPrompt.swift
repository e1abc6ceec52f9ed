import HostProtocol
import JSON

/// Puts an agent's ask to the person at the terminal.
struct AskPrompt {
    let terminal: Terminal
    let typedLine: () -> String?

    /// The id of the option chosen; `nil` when the person leaves it.
    func answer(_ ask: Wire.PermissionRequest) -> String? {
        say(ask)
        let keys = Self.keys(for: ask.options)
        let choices = zip(keys, ask.options).map { "\($0) \($1.title)" }.joined(separator: " · ")
        while true {
            terminal.write(terminal.styled("    \(choices)? ", .bold))
            guard let line = typedLine() else {
                terminal.say("")
                return nil
            }
            let word = line.lowercased().filter { !$0.isWhitespace }
            if let index = keys.firstIndex(of: word) { return ask.options[index].id }
            if let option = ask.options.first(where: { $0.title.lowercased() == line.lowercased() }) {
                return option.id
            }
        }
    }

    private func say(_ ask: Wire.PermissionRequest) {
        let columns = min(terminal.columns ?? 100, 120) - 4
        terminal.say("  " + TextLayout.cut(TextLayout.oneLine(ask.title), columns), .yellow)
        guard let input = ask.input?.objectValue else { return }
        for member in input.prefix(8) {
            let value = member.value.stringValue ?? member.value.description
            terminal.say("    " + TextLayout.cut(TextLayout.oneLine("\(member.key): \(value)"), columns), .dim)
        }
    }

    /// What to type for each option: y, a, n, x where their kinds have them, else numbers.
    static func keys(for options: [Wire.AskOption]) -> [String] {
        let letters = ["allow_once": "y", "allow_always": "a", "reject_once": "n", "reject_always": "x"]
        let keys = options.map { $0.kind.flatMap { letters[$0.rawValue] } }
        let isPlain = keys.contains(nil) || Set(keys).count < keys.count
        return isPlain ? options.indices.map { String($0 + 1) } : keys.compactMap { $0 }
    }
}
