import AgentModel
import JSON
import Store
import StoreConformance

@testable import StoreSQLite

/// Words that no stemmer touches and that are no stop words, a few of them in most texts.
struct Vocabulary {
    private var random: SeededRandom

    init(seed: Int) { random = SeededRandom(seed: UInt64(seed)) }

    static let words = (0..<120).map { number in
        let letters = Array("bdfgkmprvz"), vowels = Array("aou")
        return String([
            letters[number % 10], vowels[number % 3], letters[number / 10 % 10], vowels[number / 3 % 3],
            letters[(number / 7) % 10], "o", "k",
        ])
    }

    /// Low numbers more often.
    mutating func word() -> String { Self.words[min(random.below(120), random.below(120), random.below(120))] }
    mutating func text() -> String { (0..<(2 + random.below(9))).map { _ in word() }.joined(separator: " ") }
    mutating func below(_ bound: Int) -> Int { random.below(bound) }
}

extension IndexLimits {
    /// So few that a short test sees everything happen.
    static let small: IndexLimits = {
        var limits = IndexLimits()
        limits.fold = 4
        limits.tailMax = 12
        limits.fanIn = 2
        limits.fanInMax = 3
        return limits
    }()

    /// Everything stays in the tail.
    static let never: IndexLimits = {
        var limits = IndexLimits()
        limits.fold = 1 << 30
        limits.tailMax = 1 << 30
        return limits
    }()
}

extension StoreHost {
    func remembered(_ text: String, key: String? = nil, scope: MemoryScope = .user) -> MemoryDraft {
        var draft = MemoryDraft(id: Fresh.id(), scope: scope, namespace: "n", key: key, value: .string(text))
        draft.importance = 0.5
        return draft
    }

    /// Everything that is found, best first: its text and score.
    func recalled(
        _ text: String, scope: MemoryScope = .user, limit: Int = 1000, minScore: Double? = 0
    ) throws -> [(text: String, score: Double)] {
        try read { reader in
            var query = RecallQuery(text: text, scopes: [RecallScope(scope)], at: StoreHost.noon)
            query.limit = limit
            query.minScore = minScore
            return try reader.recall(query).hits.map { ($0.memory.contentText, $0.score) }
        }
    }
}
