/// How many steps a search may still take: counted, so that the same search ends at the same place everywhere.
package final class WorkBudget {
    package private(set) var stepsLeft: Int

    package init(steps: Int) { stepsLeft = steps }

    /// Takes one step; false when there is none left.
    package func take() -> Bool {
        guard stepsLeft > 0 else { return false }
        stepsLeft -= 1
        return true
    }
}

/// A word in a document.
package struct MatchedWord: Hashable, Sendable {
    /// Which of the word's candidates: the first that the document has.
    package let candidate: Int
    package let tf: Int
    package let fields: FieldMask
}

/// Walks the documents that have all words, each by one of its candidates, and none of the excluded ones.
package struct WordMatcher {
    private let words: [[PostingCursor]]
    private let excluding: [PostingCursor]
    private let fields: FieldMask
    private let budget: WorkBudget
    private var next = 0
    /// Whether documents may be missing because the budget was spent.
    package private(set) var isCut = false
    /// Of the current document, in the order of the words.
    package private(set) var matches: [MatchedWord] = []

    /// - Parameters:
    ///   - words: the candidates of each, the best first; no words match nothing
    ///   - excluding: what no document found may have
    ///   - fields: where a word must occur, in one of these
    package init(
        words: [[PostingCursor]], excluding: [PostingCursor], fields: FieldMask, budget: WorkBudget
    ) {
        self.words = words
        self.excluding = excluding
        self.fields = fields
        self.budget = budget
    }

    /// The next document, ascending; `nil` at the end, or when the budget is spent.
    package mutating func nextDocument() throws -> Int? {
        while !words.isEmpty, let document = try common() {
            next = document + 1
            if try matchWords(document), try !isExcluded(document) { return document }
        }
        return nil
    }

    /// The first document from `next` on that has all words in some field.
    private mutating func common() throws -> Int? {
        var agreed = 0
        var word = 0
        while agreed < words.count {
            guard let found = try first(words[word]) else { return nil }
            agreed = found == next ? agreed + 1 : 1
            next = found
            word = (word + 1) % words.count
        }
        return next
    }

    private mutating func first(_ candidates: [PostingCursor]) throws -> Int? {
        var least: Int?
        for cursor in candidates {
            guard budget.take() else {
                isCut = true
                return nil
            }
            if let found = try cursor.seek(next), found < least ?? Int.max { least = found }
        }
        return least
    }

    private mutating func matchWords(_ document: Int) throws -> Bool {
        matches.removeAll(keepingCapacity: true)
        for candidates in words {
            guard let match = try match(candidates, document) else { return false }
            matches.append(match)
        }
        return true
    }

    private func match(_ candidates: [PostingCursor], _ document: Int) throws -> MatchedWord? {
        for (place, cursor) in candidates.enumerated() where try cursor.seek(document) == document {
            guard let posting = try cursor.posting(), !posting.fields.isDisjoint(with: fields) else { continue }
            return MatchedWord(candidate: place, tf: Int(posting.tf), fields: posting.fields)
        }
        return nil
    }

    private func isExcluded(_ document: Int) throws -> Bool { try match(excluding, document) != nil }
}
