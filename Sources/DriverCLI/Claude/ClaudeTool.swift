import JSON

/// What is known of the CLI's own tools.
enum ClaudeTool {
    private static let titleLengthMax = 200
    private static let readers: Set<String> = [
        "Glob", "Grep", "LS", "ListMcpResourcesTool", "NotebookRead", "Read", "ReadMcpResourceTool", "WebFetch",
        "WebSearch",
    ]

    /// Whether it changes nothing.
    static func reads(_ tool: String) -> Bool { readers.contains(tool) }

    /// What a use is about, in a line: what it does comes before what the model says of it.
    static func subject(_ input: JSON) -> String? {
        let keys = [
            "command", "file_path", "notebook_path", "path", "url", "query", "pattern", "description", "subject",
        ]
        for key in keys {
            guard let text = input[key]?.stringValue, !text.isEmpty else { continue }
            let line = text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? text
            let isCut = line.count < text.count || line.count > titleLengthMax
            return line.prefix(titleLengthMax) + (isCut ? "..." : "")
        }
        return nil
    }

    /// The files it is about, absolute.
    static func paths(_ input: JSON, blocked: String?, folder: String?) -> [String] {
        var paths: [String] = []
        let named = ["file_path", "notebook_path", "path"].map { input[$0]?.stringValue } + [blocked]
        for case let path? in named where !path.isEmpty {
            guard path.hasPrefix("/") || folder != nil else { continue }
            let absolute = path.hasPrefix("/") ? path : "\(folder ?? "")/\(path)"
            if !paths.contains(absolute) { paths.append(absolute) }
        }
        return paths
    }
}
