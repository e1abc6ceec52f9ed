import JSON

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What a person sees: results on stdout, progress on stderr, colours on a terminal only and never with `NO_COLOR`.
struct Screen {
    enum Style: String {
        case plain = ""
        case dim = "2"
        case bold = "1"
        case green = "32"
    }

    private let coloursOut = Screen.mayColour(1)
    private let coloursProgress = Screen.mayColour(2)
    private static let columns = 110

    private static func mayColour(_ descriptor: Int32) -> Bool {
        isatty(descriptor) == 1 && getenv("NO_COLOR") == nil
    }

    func show(_ text: String = "", _ style: Style = .plain) {
        Self.write(text, coloursOut ? style : .plain, to: 1)
    }

    func progress(_ text: String) {
        Self.write(text, coloursProgress ? .dim : .plain, to: 2)
    }

    /// A line of the protocol, cut to the width of a page.
    func wire(sent: Bool, _ line: String) {
        show((sent ? "--> " : "<-- ") + Self.cut(line, columns: Self.columns), .dim)
    }

    /// An event of the session's log, in a line or two.
    func event(_ event: JSON) {
        guard let seq = event["seq"]?.intValue, let type = event["type"]?.stringValue else { return }
        let data = event["data"] ?? .null
        if type == "progress" {
            progress("    ... \(data["message"]?.stringValue ?? "")")
            return
        }
        let number = String(repeating: " ", count: max(0, 4 - "\(seq)".count)) + "\(seq)"
        let summary = Self.summary(type, data)
        let gap = summary.isEmpty ? "" : String(repeating: " ", count: max(1, 18 - type.count))
        show("\(number)  \(type)\(gap)\(summary)")
        if let sql = data["input"]?["sql"]?.stringValue {
            show("        " + Self.cut(Self.oneLine(sql), columns: Self.columns), .dim)
        }
    }

    private static func summary(_ type: String, _ data: JSON) -> String {
        let text =
            switch type {
            case "tool.started": data["title"]?.stringValue ?? data["name"]?.stringValue ?? ""
            case "tool.finished": outcome(data)
            case "message": data["text"]?.stringValue ?? ""
            case "warning": data["message"]?.stringValue ?? ""
            case "artifact.created": "\(data["path"]?.stringValue ?? "") \(data["bytes"].map { "(\($0) bytes)" } ?? "")"
            default: ""
            }
        return cut(oneLine(text), columns: columns - 24)
    }

    private static func outcome(_ data: JSON) -> String {
        guard let output = data["output"] else { return "" }
        let failed = data["is_error"] == true ? "failed: " : ""
        if let rows = output["row_count"]?.intValue ?? output["rows"]?.intValue { return "\(failed)\(rows) rows" }
        return failed + (output.stringValue ?? output.description)
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private static func cut(_ text: String, columns: Int) -> String {
        text.count > columns ? text.prefix(columns - 3) + "..." : text
    }

    private static func write(_ text: String, _ style: Style, to descriptor: Int32) {
        let line = style == .plain ? text + "\n" : "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m\n"
        var rest = Array(line.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
