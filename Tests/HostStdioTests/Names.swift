import Foundation

/// Stable names for what differs from run to run: `sess_1` for the first session's id, `<time>`, `<home>`, ...
struct Names {
    private var names: [String: String] = [:]
    private var originals: [String: String] = [:]
    private var counts: [String: Int] = [:]
    private let home: String

    init(home: String) { self.home = home }

    /// What came, with names.
    mutating func naming(_ text: String) -> String {
        var text = text.replacing(home, with: "<home>").replacing(Built.agent, with: "<fake-agent>")
        text = text.replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/, with: "<time>")
        text = text.replacing(
            /"(duration_ms|uptime_ms|pid|resident_bytes|peak_bytes|[a-z0-9]+_us|started_ms)":\d+/
        ) { "\"\($0.output.1)\":\"<number>\"" }
        text = text.replacing(/\bfake-\d+-\d+/, with: "<made by the agent>")
        text = text.replacing(/"next_cursor":"([^"]+)"/) { match in
            "\"next_cursor\":\"\(name(String(match.output.1), "cursor"))\""
        }
        text = text.replacing(/\b([a-z]+)_([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})/) { match in
            let name = name(String(match.output.0), String(match.output.1))
            names[String(match.output.2)] = names[String(match.output.2)] ?? "<uuid of \(name)>"
            return name
        }
        return text.replacing(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/) { match in
            names[String(match.output.0)] ?? "<uuid>"
        }
    }

    private mutating func name(_ original: String, _ kind: String) -> String {
        if let name = names[original] { return name }
        counts[kind, default: 0] += 1
        let name = "\(kind)_\(counts[kind] ?? 0)"
        names[original] = name
        originals[name] = original
        return name
    }

    /// What is sent, without names.
    func original(of text: String) -> String {
        text.replacing("<home>", with: home).replacing(/\b[a-z]+_\d+\b/) { match in
            originals[String(match.output)] ?? String(match.output)
        }
    }
}
