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
    /// 4. when nothing was found, or `correctsKnown`: words of the same first letter at distance 1, by scanning those
    ///    of about its length;
    /// 5. when that found nothing either: words at distance 2, a wrong first letter counting double. One word at
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
        var near = try scan(for: word, lengths: [length, length - 1, length + 1], atMost: allowed)
        if near.contains(where: { $0.distance == 1 }) {
            near.removeAll { $0.distance > 1 }
        } else if allowed > 1 {
            near += try scan(for: word, lengths: [length - 2, length + 2], atMost: allowed)
            near += try otherFirstLetters(of: word)
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

    /// The words with the same first letter that are near, those of the first length first.
    private mutating func scan(for word: String, lengths: [Int], atMost limit: Int) throws -> [Near] {
        guard let letter = word.unicodeScalars.first else { return [] }
        let pattern = TypoPattern(word)
        var hits: [(id: Int, distance: Int)] = []
        var room = [0, options.readMax, options.readMax]
        var left = options.scannedMax
        for length in lengths where left > 0 {
            try source.words(letter: letter, length: length) { id, bytes in
                left -= 1
                if let distance = pattern.distance(toUTF8: bytes, atMost: limit), room[distance] > 0 {
                    hits.append((id, distance))
                    room[distance] -= 1
                }
                return left > 0
            }
        }
        scanned += options.scannedMax - left
        return try hits.compactMap { hit in
            try source.word(id: hit.id).map { Near(word: $0, distance: hit.distance) }
        }.filter { mayBeMeant($0.word.text) }
    }

    /// The words that are one edit at the first letter away, which counts double: that letter left out, added,
    /// replaced, or swapped with the next one. They are asked for by name.
    private mutating func otherFirstLetters(of word: String) throws -> [Near] {
        let letters = Array(word.unicodeScalars)
        guard letters.count > 2 else { return [] }
        let others = try source.firstLetters().filter { $0 != letters[0] }.prefix(options.firstLettersMax)
        let rest = letters.dropFirst()
        var forms = [Array(rest), [letters[1], letters[0]] + rest.dropFirst()]
        forms += others.map { [$0] + rest }
        forms += others.map { [$0] + letters }
        scanned += forms.count
        return try forms.compactMap { form -> Near? in
            var text = String.UnicodeScalarView()
            text.append(contentsOf: form)
            // A row without a frequency of its own may be there as a stem only: that is found by its id as nothing.
            guard let found = try source.word(String(text)), try source.word(id: found.id) != nil,
                mayBeMeant(found.text),
                let distance = TypoRules.distance(word, found.text, atMost: 2)
            else { return nil }
            return Near(word: found, distance: distance)
        }
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
