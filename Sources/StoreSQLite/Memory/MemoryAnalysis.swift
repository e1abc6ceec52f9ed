import AgentModel
import JSON
import MemorySearch

extension MemoryRow {
    /// What the index is to know of it. Strings of the value whose words are all in the text count once.
    func analyzed(_ analyzer: TextAnalyzer = TextAnalyzer()) -> AnalyzedDocument {
        var fields: [(field: FieldMask, text: String)] = []
        var repeated: Set<String> = []
        if hasText {
            fields.append((.content, value.contentText))
            let said = Set(analyzer.analyze(fields).words.map(\.word))
            for string in Memory.strings(of: value.value) {
                let words = analyzer.analyze([(.value, string)]).words.map(\.word)
                if said.isSuperset(of: words) {
                    repeated.formUnion(words)
                } else {
                    fields.append((.value, string))
                }
            }
        } else {
            fields.append(([.content, .value], value.contentText))
        }
        if hasKey { fields.append((.key, value.key)) }
        for tag in value.tags { fields.append((.tags, tag)) }
        let document = analyzer.analyze(fields)
        return repeated.isEmpty ? document : document.marking(repeated, as: .value)
    }
}

extension AnalyzedDocument {
    /// Says that words are in a field as well, without counting them again.
    fileprivate func marking(_ marked: Set<String>, as field: FieldMask) -> AnalyzedDocument {
        AnalyzedDocument(
            words: words.map { word in
                marked.contains(word.word) ? word.inFields(field) : word
            }, length: length)
    }
}
