import Testing

@testable import MemorySearch

@Suite struct WordMatcherTests {
    private struct Search {
        let words: [[Int]]
        let excluding: [Int]
        let fields: FieldMask

        init(seed: UInt64) {
            var random = IndexRandom(seed: seed)
            words = (0...random.below(3)).map { _ in
                (0...random.below(3)).map { _ in random.skewed(RandomCorpus.stems) * 3 }
            }
            excluding = random.chance(0.5) ? [random.below(RandomCorpus.stems) * 3] : []
            fields = random.chance(0.5) ? [.content, .key, .tags] : .tags
        }

        func matcher(_ index: HeldIndex, steps: Int) throws -> WordMatcher {
            let stems = words.flatMap { $0 } + excluding
            let terms = try TermPostings(stems: stems, partitions: RandomCorpus.partitions, source: index)
            return WordMatcher(
                words: words.map { $0.map(terms.cursor) }, excluding: excluding.map(terms.cursor), fields: fields,
                budget: WorkBudget(steps: steps))
        }

        func matches(_ document: RandomCorpus.Document) -> [MatchedWord]? {
            func entry(_ stem: Int) -> TailRow.Entry? {
                document.row.entries.first { $0.stem == stem && !$0.fields.isDisjoint(with: fields) }
            }
            if excluding.contains(where: { entry($0) != nil }) { return nil }
            let matches = words.compactMap { stems in
                stems.indices.first { entry(stems[$0]) != nil }.flatMap { place in
                    entry(stems[place]).map { MatchedWord(candidate: place, tf: Int($0.tf), fields: $0.fields) }
                }
            }
            return matches.count == words.count ? matches : nil
        }
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func findsWhatHasAllWords(seed: UInt64) throws {
        let corpus = try RandomCorpus(seed: seed, documents: [40, 900, 3_000][Int(seed % 3)])
        for round in 0..<20 as Range<UInt64> {
            let search = Search(seed: seed * 50 + round)
            var matcher = try search.matcher(corpus.index, steps: .max)
            var found: [Int: [MatchedWord]] = [:]
            var last = -1
            while let document = try matcher.nextDocument() {
                #expect(document > last)
                last = document
                found[document] = matcher.matches
            }
            var expected: [Int: [MatchedWord]] = [:]
            for document in corpus.documents { expected[document.number] = search.matches(document) }
            #expect(found == expected)
            #expect(!matcher.isCut)
        }
    }

    @Test func aSpentBudgetCuts() throws {
        let corpus = try RandomCorpus(seed: 2, documents: 900)
        let search = Search(seed: 0)
        var free = try search.matcher(corpus.index, steps: .max)
        var bound = try search.matcher(corpus.index, steps: 40)
        var count = 0
        while let document = try bound.nextDocument() {
            #expect(try free.nextDocument() == document)
            count += 1
        }
        #expect(bound.isCut)
        #expect(count < 40)
        #expect(try free.nextDocument() != nil)
    }

    @Test func noWordsMatchNothing() throws {
        var matcher = WordMatcher(words: [], excluding: [], fields: .content, budget: WorkBudget(steps: 9))
        #expect(try matcher.nextDocument() == nil)
        #expect(!matcher.isCut)
    }
}
