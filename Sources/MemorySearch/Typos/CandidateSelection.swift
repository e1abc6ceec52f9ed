/// Chooses the words of a dictionary that a word of a query may stand for.
package struct CandidateSelection<Source: WordSource> {
    private let source: Source
    private let options: CandidateOptions
    /// The words that were measured so far, for all words that were asked for.
    package private(set) var scanned = 0

    package init(_ source: Source, _ options: CandidateOptions = CandidateOptions()) {
        self.source = source
        self.options = options
    }

    /// The candidates, the best first, each stem once for the whole word and once for each part:
    ///
    /// 1. the word itself by its stem, of weight 1;
    /// 2. the parts of an identifier, each of `QueryWord.partWeight`;
    /// 3. with `prefix`, and for a character that is indexed in pairs, the words that begin with it, the frequent
    ///    first;
    /// 4. when nothing was found, or `correctsKnown`: words at distance 1, by the hashes of deletions;
    /// 5. when that found nothing either: words at distance 2 of the same first letter, by scanning. One word at
    ///    distance 1 is enough: TypeSense stops there too by default (`typo_tokens_threshold` 1), and what is farther
    ///    away is seldom meant where something is near.
    ///
    /// Corrected words are in order of distance, frequency and text. Identifiers and words with digits are corrected
    /// when nothing was found, an identifier by its parts when it has no whole near it. Stop words and numbers never
    /// are: what is near a number is another number.
    package mutating func candidates(for word: QueryWord) throws -> [WordCandidate] {
        var found = try exact(word)
        if options.prefix || word.isPartial { found += try prefixes(of: word, without: Set(found.map(\.stem))) }
        guard !word.isStopWord, found.isEmpty || options.correctsKnown && !word.isExact else { return found }
        let known = Set(found.map(\.stem))
        found += try corrections(of: word.folded, part: nil, weight: options.correctedWeight)
            .filter { !known.contains($0.stem) }
        if found.isEmpty {
            for (index, part) in word.parts.enumerated() {
                found += try corrections(
                    of: part.folded, part: index, weight: options.correctedWeight * word.partWeight)
            }
        }
        return found
    }

    private func exact(_ word: QueryWord) throws -> [WordCandidate] {
        var found: [WordCandidate] = []
        // A word is in the dictionary only together with its stem.
        if let stem = try source.word(word.stem) { found.append(WordCandidate(word: word.folded, stem: stem.id)) }
        for (index, part) in word.parts.enumerated() {
            guard let stem = try source.word(part.stem) else { continue }
            found.append(WordCandidate(word: part.folded, stem: stem.id, part: index, weight: word.partWeight))
        }
        return found
    }

    private func prefixes(of word: QueryWord, without known: Set<Int>) throws -> [WordCandidate] {
        let words = try source.words(prefix: word.folded, limit: options.prefixesMax)
        var stems = known
        return words.filter { $0.text != word.folded && stems.insert($0.stem).inserted }.map {
            WordCandidate(
                word: $0.text, stem: $0.stem, isPrefix: true, weight: word.isPartial ? 1 : options.prefixWeight)
        }
    }

    // MARK: Corrections

    private mutating func corrections(of word: String, part: Int?, weight: Double) throws -> [WordCandidate] {
        let length = word.unicodeScalars.count
        let allowed = options.rules.allowed(length: length)
        guard allowed > 0, word.unicodeScalars.contains(where: { !$0.isDigit && $0 != "." && $0 != "-" }) else {
            return []
        }
        var near = try neighbours(of: word, length: length, allowed: allowed)
        if allowed > 1, !near.contains(where: { $0.distance == 1 }) {
            near += try scan(for: word, length: length)
        }
        var stems: Set<Int> = []
        return near.sorted(by: Near.ranksBefore).filter { stems.insert($0.word.stem).inserted }
            .prefix(options.candidatesMax)
            .map {
                WordCandidate(
                    word: $0.word.text, stem: $0.word.stem, distance: $0.distance, part: part, weight: weight)
            }
    }

    private func mayBeMeant(_ word: String) -> Bool { options.correctsToStopWords || !StopWords.isEnglish(word) }

    /// The words one edit away.
    private mutating func neighbours(of word: String, length: Int, allowed: Int) throws -> [Near] {
        var seen: Set<Int> = []
        var near: [Near] = []
        func consider(_ other: DictionaryWord) {
            guard other.text != word, seen.insert(other.id).inserted, mayBeMeant(other.text) else { return }
            if let distance = TypoRules.distance(word, other.text, atMost: allowed), distance <= allowed {
                near.append(Near(word: other, distance: distance))
            }
        }
        for hash in DeletionHashes.of(word) {
            for other in try source.words(withHash: hash) where seen.count < options.scannedMax { consider(other) }
        }
        // Words of three letters have no hashes; a word of four comes to one by losing a letter.
        if length == 4 {
            var letters = Array(word.unicodeScalars)
            for index in 1..<4 {
                let letter = letters.remove(at: index)
                var shorter = String.UnicodeScalarView()
                shorter.append(contentsOf: letters)
                if let other = try source.word(String(shorter)) { consider(other) }
                letters.insert(letter, at: index)
            }
        }
        scanned += seen.count
        return near
    }

    /// The words two edits away that begin with the same letter, those of the word's own length first.
    private mutating func scan(for word: String, length: Int) throws -> [Near] {
        guard let letter = word.unicodeScalars.first else { return [] }
        let pattern = TypoPattern(word)
        var hits: [Int] = []
        var left = options.scannedMax
        for other in [length, length - 1, length + 1, length - 2, length + 2]
        where left > 0 && hits.count < options.readMax {
            try source.words(letter: letter, length: other) { id, bytes in
                left -= 1
                if pattern.distance(toUTF8: bytes, atMost: 2) == 2 { hits.append(id) }
                return left > 0 && hits.count < options.readMax
            }
        }
        scanned += options.scannedMax - left
        return try hits.compactMap { try source.word(id: $0) }.filter { mayBeMeant($0.text) }
            .map { Near(word: $0, distance: 2) }
    }
}

/// A word that may have been meant.
private struct Near {
    let word: DictionaryWord
    let distance: Int

    static func ranksBefore(_ left: Near, _ right: Near) -> Bool {
        if left.distance != right.distance { return left.distance < right.distance }
        if left.word.frequency != right.word.frequency { return left.word.frequency > right.word.frequency }
        return left.word.text < right.word.text
    }
}

extension TypoPattern {
    /// The distance to a word that is valid UTF-8.
    func distance(toUTF8 bytes: UnsafeRawBufferPointer, atMost limit: Int) -> Int? {
        if bytes.allSatisfy({ $0 < 128 }) { return distance(to: bytes.lazy.map { UInt32($0) }, atMost: limit) }
        return distance(to: String(decoding: bytes, as: UTF8.self).unicodeScalars.lazy.map(\.value), atMost: limit)
    }
}
