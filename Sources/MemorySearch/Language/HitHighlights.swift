import JSON

/// The matched words in the texts of a hit, as TypeSense's `highlight` and `highlights` show them.
struct HitHighlights {
    let fullFields: [MemoryField]
    let matched: MatchedWords
    let highlighter: Highlighter

    /// The objects `highlight` and `highlights` of a hit.
    func make(of document: MemoryDocument, _ fields: [MemoryField]) -> (object: JSONObject, list: [JSON]) {
        var object = JSONObject()
        var list: [JSON] = []
        for field in fields {
            let texts = document.texts(of: field)
            let marks = texts.enumerated().compactMap { index, text in
                highlighter.highlight(text, matched).map { (index, $0) }
            }
            guard let first = marks.first?.1 else { continue }
            let isFull = fullFields.contains(field)
            var entry = JSONObject([("field", .string(field.name))])
            if texts.count == 1, field.name != "tags" {
                entry["matched_tokens"] = .array(first.matchedTokens.map(JSON.string))
                entry["snippet"] = .string(first.snippet)
                if isFull { entry["value"] = first.value.map(JSON.string) }
                object[field.name] = shown(first, isFull)
            } else {
                entry["indices"] = .array(marks.map { .int(Int64($0.0)) })
                entry["matched_tokens"] = .array(marks.map { .array($0.1.matchedTokens.map(JSON.string)) })
                entry["snippets"] = .array(marks.map { .string($0.1.snippet) })
                if isFull { entry["values"] = .array(marks.compactMap { $0.1.value.map(JSON.string) }) }
                object[field.name] = .array(marks.map { shown($0.1, isFull) })
            }
            list.append(.object(entry))
        }
        return (object, list)
    }

    private func shown(_ marked: Highlight, _ isFull: Bool) -> JSON {
        var shown = JSONObject([
            ("matched_tokens", .array(marked.matchedTokens.map(JSON.string))), ("snippet", .string(marked.snippet)),
        ])
        if isFull { shown["value"] = marked.value.map(JSON.string) }
        return .object(shown)
    }
}

extension HighlightRequest {
    var options: HighlightOptions {
        var options = HighlightOptions()
        options.startTag = startTag
        options.endTag = endTag
        options.snippetThreshold = snippetThreshold
        options.affixTokens = affixWords
        options.isFull = true
        return options
    }
}
