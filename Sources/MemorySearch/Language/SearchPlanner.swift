/// Turns the words of `q` into attempts at finding documents.
struct SearchPlanner<Source: SearchSource> {
    let source: Source
    let request: SearchRequest
    let analyzer: TextAnalyzer

    /// Words to look for together, and whether a synonym put them there.
    struct Variant {
        var words: [QueryWord]
        var isSynonym = false
    }

    // MARK: Stop words and synonyms

    /// The query without its stop words, then with each synonym in place of what it stands for.
    func variants() throws -> [Variant] {
        let words = try withoutStopwords(request.query.words)
        var variants = [Variant(words: words)]
        guard request.enablesSynonyms, !words.isEmpty else { return variants }
        for name in try request.synonymSets ?? source.synonymSets() {
            guard let synonyms = try source.synonyms(ofSet: name) else {
                throw SearchError(.invalid, "synonym_sets", expected: "the name of a set of synonyms", found: name)
            }
            for synonym in synonyms { add(synonym, to: &variants, words) }
        }
        return variants
    }

    private func withoutStopwords(_ words: [QueryWord]) throws -> [QueryWord] {
        var dropped: Set<String> = []
        for name in request.stopwordSets {
            guard let set = try source.stopwords(ofSet: name) else {
                throw SearchError(.invalid, "stopwords", expected: "the name of a set of stop words", found: name)
            }
            dropped.formUnion(set.map(TextFolding.fold))
        }
        return words.filter { !dropped.contains($0.folded) }
    }

    private func add(_ synonym: SearchSynonym, to variants: inout [Variant], _ words: [QueryWord]) {
        for from in synonym.root.map({ [$0] }) ?? synonym.synonyms {
            let pattern = analyzer.queryWords(from).map(\.folded)
            guard !pattern.isEmpty, pattern.count <= words.count else { continue }
            for start in 0...words.count - pattern.count
            where zip(words[start...], pattern).allSatisfy({ $0.folded == $1 }) {
                for to in synonym.synonyms where to != from && variants.count < SearchLimits.synonymsMax {
                    var replaced = words
                    replaced.replaceSubrange(start..<start + pattern.count, with: analyzer.queryWords(to))
                    if !replaced.isEmpty { variants.append(Variant(words: replaced, isSynonym: true)) }
                }
            }
        }
    }

    // MARK: Dropping words

    /// What is left of the words as ever more of them are dropped, nothing dropped not among it.
    func dropped(_ words: [QueryWord]) -> [[QueryWord]] {
        guard words.count > 1 else { return [] }
        let fromRight = (1..<words.count).reversed().map { Array(words.prefix($0)) }
        let fromLeft = (1..<words.count).map { Array(words.dropFirst($0)) }
        switch request.dropTokensMode {
        case .rightToLeft: return fromRight
        case .leftToRight: return fromLeft
        case .bothSides(let most):
            return words.count > most ? fromRight : zip(fromRight, fromLeft).flatMap { [$0, $1] }
        }
    }

    // MARK: Candidates

    /// What the words may stand for when each may be so many edits away; `nil` when one of them stands for nothing.
    func plan(_ words: [QueryWord], typos: Int) throws -> [PlannedWord]? {
        var planned: [PlannedWord] = []
        for (index, word) in words.enumerated() {
            let isLast = index == words.count - 1 && word.folded == request.query.words.last?.folded
            let isPrefix = isLast && request.queryBy.contains(where: \.isPrefix)
            var selection = CandidateSelection(source, options(word, typos: typos, isPrefix: isPrefix))
            let candidates = try selection.candidates(for: word).filter { $0.distance <= typos }
            if candidates.isEmpty { return nil }
            planned.append(PlannedWord(word: word, candidates: candidates, isPrefix: isPrefix))
        }
        return planned
    }

    private func options(_ word: QueryWord, typos: Int, isPrefix: Bool) -> CandidateOptions {
        let hasDigit = word.folded.utf8.contains { (48...57).contains($0) }
        let isNumber = hasDigit && word.folded.utf8.allSatisfy { (48...57).contains($0) }
        let mayCorrect = isNumber ? request.correctsNumbers : hasDigit ? request.correctsIdentifiers : true
        let most = request.queryBy.map(\.typos).max() ?? 0
        var options = CandidateOptions()
        options.rules = TypoRules(
            maximum: mayCorrect ? min(typos, most) : 0, minimumLengthOfOne: request.minLengthOfOneTypo,
            minimumLengthOfTwo: request.minLengthOfTwoTypos)
        options.prefix = isPrefix
        options.correctsKnown = typos > 0
        let exhaustive = request.isExhaustive ? SearchLimits.candidatesMax : nil
        options.candidatesMax = request.maxCandidates ?? exhaustive ?? options.candidatesMax
        options.prefixesMax = request.maxCandidates ?? exhaustive ?? options.prefixesMax
        return options
    }

    // MARK: Documents

    /// The documents that have all the words, and how well.
    func documents(_ words: [PlannedWord]) throws -> (documents: DocumentSet, matcher: PostingMatcher) {
        var cursors: [Int: PlacedCursor] = [:]
        let stems = Set(words.flatMap { $0.candidates.map(\.stem) })
        for stem in stems { cursors[stem] = PlacedCursor(try source.cursor(ofStem: stem)) }
        func any(_ candidates: [WordCandidate]) -> DocumentSet {
            .any(Set(candidates.map(\.stem)).compactMap { cursors[$0].map(DocumentSet.one) })
        }
        func documents(of planned: PlannedWord) -> DocumentSet {
            let whole = any(planned.candidates.filter { $0.part == nil })
            let parts = planned.word.parts.indices.map { part in planned.candidates.filter { $0.part == part } }
            guard !parts.isEmpty, !parts.contains(where: \.isEmpty) else { return whole }
            return .any([whole, .all(parts.map(any))])
        }
        return (.all(words.map(documents)), PostingMatcher(words, cursors, request))
    }

    /// The documents that have the words of all phrases, somewhere.
    func documentsOfPhrases() throws -> DocumentSet {
        .all(try request.query.phrases.joined().map(documents(with:)))
    }

    private func documents(with word: QueryWord) throws -> DocumentSet {
        if word.isPartial {
            var options = CandidateOptions()
            options.prefix = true
            options.prefixesMax = SearchLimits.candidatesMax
            options.rules = TypoRules(maximum: 0)
            var selection = CandidateSelection(source, options)
            let stems = Set(try selection.candidates(for: word).map(\.stem))
            return .any(try stems.map(documents(ofStem:)))
        }
        func documents(withStem stem: String) throws -> DocumentSet {
            try source.word(stem).map { try self.documents(ofStem: $0.id) } ?? .none
        }
        let whole = try documents(withStem: word.stem)
        guard !word.parts.isEmpty else { return whole }
        return .any([whole, .all(try word.parts.map { try documents(withStem: $0.stem) })])
    }

    private func documents(ofStem stem: Int) throws -> DocumentSet {
        .one(PlacedCursor(try source.cursor(ofStem: stem)))
    }
}
