/// Counts the distinct words of a document.
struct WordCounter {
    private struct Entry {
        /// As `StopWords.key` has it.
        let key: UInt64
        let token: Int
        let fields: FieldMask
    }

    private var entries: [Entry] = []
    /// How many places stop words take.
    private(set) var stopWords = 0

    /// Adds the words of the list from the token at `start` on, all of one field.
    mutating func add(_ list: TokenList, from start: Int, _ fields: FieldMask) {
        entries.reserveCapacity(list.tokens.count)
        list.bytes.withUnsafeBufferPointer { bytes in
            for index in start..<list.tokens.count {
                let token = list.tokens[index]
                var key: UInt64 = 0
                for place in 0..<min(8, token.count) { key = key << 8 | UInt64(bytes[token.start + place]) }
                key <<= UInt64(8 * max(0, 8 - token.count))
                entries.append(Entry(key: key, token: index, fields: fields))
            }
        }
    }

    /// The words in the order of their bytes.
    mutating func words(of list: TokenList, isEnglish: Bool) -> [AnalyzedWord] {
        entries.sort { left, right in
            if left.key != right.key { return left.key < right.key }
            let (first, second) = (list.tokens[left.token], list.tokens[right.token])
            guard first.count > 8, second.count > 8 else { return first.count < second.count }
            return list.utf8(first).lexicographicallyPrecedes(list.utf8(second))
        }
        var words: [AnalyzedWord] = []
        words.reserveCapacity(entries.count)
        var place = 0
        while place < entries.count {
            let first = entries[place]
            let bytes = list.utf8(list.tokens[first.token])
            var end = place + 1
            var fields = first.fields
            while end < entries.count, entries[end].key == first.key,
                bytes.count <= 8 && list.tokens[entries[end].token].count <= 8
                    || bytes.elementsEqual(list.utf8(list.tokens[entries[end].token]))
            {
                fields.formUnion(entries[end].fields)
                end += 1
            }
            let word = String(decoding: bytes, as: UTF8.self)
            if isEnglish, StopWords.isEnglish(bytes, key: first.key) { stopWords += end - place }
            words.append(AnalyzedWord(word: word, isStemmed: isEnglish, tf: end - place, fields: fields))
            place = end
        }
        return words
    }
}
