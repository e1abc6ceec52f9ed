/// The parts of a memory that a word stands in.
package struct FieldMask: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let content = FieldMask(rawValue: 1)
    package static let key = FieldMask(rawValue: 2)
    package static let tags = FieldMask(rawValue: 4)
    package static let value = FieldMask(rawValue: 8)
}

/// What of a document goes into the index.
package struct AnalyzedDocument: Hashable, Sendable {
    /// Distinct, in ascending order of their UTF-8 bytes.
    package let words: [AnalyzedWord]
    /// How many places its words take that are no stop words; an identifier takes as many as it has parts. It says how
    /// much a document has to say: small talk between the words of a turn is not held against it.
    package let length: Int

    package init(words: [AnalyzedWord], length: Int) {
        self.words = words
        self.length = length
    }
}

/// A surface word of a document.
package struct AnalyzedWord: Hashable, Sendable {
    /// Folded.
    package let word: String
    /// Whether it has an English stem.
    private let isStemmed: Bool
    /// How often it stands in all fields together, at least 1.
    package let tf: Int
    package let fields: FieldMask

    package init(word: String, isStemmed: Bool, tf: Int, fields: FieldMask) {
        self.word = word
        self.isStemmed = isStemmed
        self.tf = tf
        self.fields = fields
    }

    /// Made each time it is asked for: whoever knows the word already needs no stem.
    package var stem: String { isStemmed ? EnglishStemmer.stem(word) : word }

    /// The same in further fields.
    package func inFields(_ more: FieldMask) -> AnalyzedWord {
        AnalyzedWord(word: word, isStemmed: isStemmed, tf: tf, fields: fields.union(more))
    }
}
