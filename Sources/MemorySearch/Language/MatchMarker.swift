import JSON

/// Shows the matched words in texts, as TypeSense's `highlight` and `highlights` do.
struct MatchMarker {
    struct Marked {
        var snippet: String
        var value: String
        var tokens: [String]
    }

    let request: HighlightRequest
    let isMatched: (Word) -> Bool

    /// `nil` when nothing matches.
    func mark(_ text: String) -> Marked? {
        let words = Tokenizer.words(in: text)
        let hits = words.indices.filter { isMatched(words[$0]) }
        guard let first = hits.first else { return nil }
        let bytes = Array(text.utf8)
        let last = hits.last { $0 <= first + 10 } ?? first
        let from = max(0, first - request.affixWords)
        let to = min(words.count - 1, last + request.affixWords)
        let isShort = words.count <= request.snippetThreshold
        let start = isShort || from == 0 ? 0 : words[from].range.lowerBound
        let end = isShort || to == words.count - 1 ? bytes.count : words[to].range.upperBound
        let ranges = hits.map { words[$0].range }
        return Marked(
            snippet: marked(bytes, start..<max(start, end), ranges), value: marked(bytes, 0..<bytes.count, ranges),
            tokens: ranges.map { String(decoding: bytes[$0], as: UTF8.self) })
    }

    private func marked(_ bytes: [UInt8], _ part: Range<Int>, _ ranges: [Range<Int>]) -> String {
        var out: [UInt8] = []
        var place = part.lowerBound
        for range in ranges where range.lowerBound >= place && range.upperBound <= part.upperBound {
            out += bytes[place..<range.lowerBound] + request.startTag.utf8 + bytes[range] + request.endTag.utf8
            place = range.upperBound
        }
        out += bytes[place..<part.upperBound]
        return String(decoding: out, as: UTF8.self)
    }

    /// The objects `highlight` and `highlights` of a hit.
    func highlights(of document: MemoryDocument, _ fields: [MemoryField]) -> (object: JSONObject, list: [JSON]) {
        var object = JSONObject()
        var list: [JSON] = []
        for field in fields {
            let texts = document.texts(of: field)
            let marks = texts.enumerated().compactMap { index, text in mark(text).map { (index, $0) } }
            guard let first = marks.first?.1 else { continue }
            let isFull = request.fullFields.contains(field)
            var entry = JSONObject([("field", .string(field.name))])
            if texts.count == 1, field.name != "tags" {
                entry["matched_tokens"] = .array(first.tokens.map(JSON.string))
                entry["snippet"] = .string(first.snippet)
                if isFull { entry["value"] = .string(first.value) }
                object[field.name] = shown(first, isFull)
            } else {
                entry["indices"] = .array(marks.map { .int(Int64($0.0)) })
                entry["matched_tokens"] = .array(marks.map { .array($0.1.tokens.map(JSON.string)) })
                entry["snippets"] = .array(marks.map { .string($0.1.snippet) })
                if isFull { entry["values"] = .array(marks.map { .string($0.1.value) }) }
                object[field.name] = .array(marks.map { shown($0.1, isFull) })
            }
            list.append(.object(entry))
        }
        return (object, list)
    }

    private func shown(_ marked: Marked, _ isFull: Bool) -> JSON {
        var shown = JSONObject([
            ("matched_tokens", .array(marked.tokens.map(JSON.string))), ("snippet", .string(marked.snippet)),
        ])
        if isFull { shown["value"] = .string(marked.value) }
        return .object(shown)
    }
}
