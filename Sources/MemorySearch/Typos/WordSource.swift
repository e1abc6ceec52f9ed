/// A word of the dictionary.
package struct DictionaryWord: Hashable, Sendable {
    package let id: Int
    /// Folded.
    package let text: String
    /// The id of the row of its stem, by which its postings are found.
    package let stem: Int
    /// In how many documents it stands, as far as the dictionary knows: it only ranks.
    package let frequency: Int

    package init(id: Int, text: String, stem: Int, frequency: Int) {
        self.id = id
        self.text = text
        self.stem = stem
        self.frequency = frequency
    }
}

/// The dictionary as candidates are looked for in it. All words are folded.
package protocol WordSource {
    /// The word of that very text, also one that is there as a stem only.
    func word(_ text: String) throws -> DictionaryWord?

    func word(id: Int) throws -> DictionaryWord?

    /// The letters that words begin with, each once.
    func firstLetters() throws -> [Unicode.Scalar]

    /// Every word that begins with the letter and has that many scalars, as id and UTF-8 bytes that are valid during
    /// the call of `body` only, until `body` returns false.
    func words(letter: Unicode.Scalar, length: Int, _ body: (Int, UnsafeRawBufferPointer) throws -> Bool) throws

    /// The words that begin with the prefix, the most frequent first, at most `limit` of them.
    func words(prefix: String, limit: Int) throws -> [DictionaryWord]
}
