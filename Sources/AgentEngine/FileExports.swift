/// The names that a source file gives to others, as a line-by-line look finds them: enough to tell an agent what it may
/// refer to, no parser.
package enum FileExports {
    /// In the order of the file, each once, at most so many.
    package static func names(in text: String, path: String, max: Int = 40) -> [String] {
        guard let language = Language(path: path) else { return [] }
        var names: [String] = []
        for line in text.split(whereSeparator: \.isNewline) where names.count < max {
            guard let name = language.name(declaredBy: line), !names.contains(name) else { continue }
            names.append(name)
        }
        return names
    }

    private enum Language {
        case script, python, swift, go, rust, jvm, sql

        init?(path: String) {
            switch path.split(separator: ".").last ?? "" {
            case "js", "jsx", "ts", "tsx", "mjs", "cjs", "mts": self = .script
            case "py": self = .python
            case "swift": self = .swift
            case "go": self = .go
            case "rs": self = .rust
            case "java", "kt", "cs": self = .jvm
            case "sql": self = .sql
            default: return nil
            }
        }

        func name(declaredBy line: Substring) -> String? {
            let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "$") }
            let isIndented = line.first?.isWhitespace ?? true
            switch self {
            case .script:
                guard words.first == "export" else { return nil }
                return Self.name(
                    after: ["function", "class", "const", "let", "var", "interface", "type", "enum"], words)
            case .python: return isIndented ? nil : Self.name(after: ["def", "class"], words)
            case .swift:
                guard !isIndented else { return nil }
                return Self.name(after: ["func", "struct", "class", "enum", "protocol", "actor", "typealias"], words)
            case .go:
                guard !isIndented, let name = Self.name(after: ["func", "type"], words) else { return nil }
                return name.first?.isUppercase == true ? name : nil
            case .rust:
                guard words.first == "pub" else { return nil }
                return Self.name(after: ["fn", "struct", "enum", "trait", "type", "const", "mod"], words)
            case .jvm:
                guard words.first == "public" || words.first == "fun" else { return nil }
                return Self.name(after: ["class", "interface", "enum", "record", "object", "fun"], words)
            case .sql:
                guard words.first?.uppercased() == "CREATE",
                    let kind = words.firstIndex(where: { ["TABLE", "VIEW"].contains($0.uppercased()) })
                else { return nil }
                let between = ["IF", "NOT", "EXISTS"]
                return words[(kind + 1)...].first { !between.contains($0.uppercased()) }.map(String.init)
            }
        }

        private static func name(after keywords: Set<Substring>, _ words: [Substring]) -> String? {
            guard let keyword = words.firstIndex(where: keywords.contains), keyword + 1 < words.count else {
                return nil
            }
            return String(words[keyword + 1])
        }
    }
}
