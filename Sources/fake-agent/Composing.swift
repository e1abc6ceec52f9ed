import Driver
import JSON

/// The work of an agent that writes one part of a program after the other: under names that it draws, so that nobody
/// can know them who was not told.
extension FakeAgent {
    /// `{gives: [what], needs: [what]}`: writes a Python file that declares a function for each thing that it gives and
    /// imports one for each that it needs. What it has not been told of is left out. Its own record of the session
    /// keeps what it wrote and what the host has told it.
    mutating func compose(_ value: JSON) {
        func listed(_ member: String) -> [String] { value[member]?.arrayValue?.compactMap(\.stringValue) ?? [] }
        let told = [start.record, start.context?.stringValue].compactMap { $0 }
        for text in told { record?.append(text) }
        let known = KnownParts(told: record?.prompts.compactMap(\.stringValue) ?? told)
        let path = "\(Self.drawn("part")).py"
        let given = listed("gives").map(Self.drawn)
        let imports = listed("needs").compactMap { known.parts[$0] }
            .map { "from \($0.path.dropLast(3)) import \($0.name)\n" }
        let text = imports.joined() + given.map { "\n\ndef \($0)():\n    pass\n" }.joined()
        Descriptor.write(Array(text.utf8), path: "\(start.workingDirectory ?? ".")/\(path)")
        record?.append("\(path): \(given.joined(separator: ", "))")
        voice.say("Done.")
    }

    private static func drawn(_ what: String) -> String {
        "\(what)_\(String(UInt64.random(in: 0...(.max)), radix: 36))"
    }
}

/// What texts tell of parts: a line names a file, and after it what is in there.
private struct KnownParts {
    /// By what they are for.
    var parts: [String: (path: String, name: String)] = [:]

    init(told texts: [String]) {
        for line in texts.flatMap({ $0.split(whereSeparator: \.isNewline) }) {
            var path: String?
            for word in line.split(whereSeparator: { " ,:()".contains($0) }) {
                if word.hasSuffix(".py") {
                    path = String(word)
                } else if let path, let mark = word.lastIndex(of: "_") {
                    parts[String(word[..<mark])] = (path, String(word))
                }
            }
        }
    }
}
