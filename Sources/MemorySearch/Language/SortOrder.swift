/// What `sort_by` says of one of its up to three keys.
package struct SortOrder: Hashable, Sendable {
    package enum Key: Hashable, Sendable {
        case textMatch(Buckets)
        case field(MemoryField, missing: Missing)
        case decay(MemoryField, DecayFunction)
        /// How many memories the group has.
        case groupFound
        /// How far a neighbour is; those that are none come last.
        case vectorDistance
        /// In an order that only the seed decides.
        case random(seed: UInt64)
    }

    /// Hits of one bucket count as equally good.
    package enum Buckets: Hashable, Sendable {
        case none
        case count(Int)
        case size(Int)
    }

    /// Where memories without the field go. `normal`: to the end, except that a missing text is the greatest text.
    package enum Missing: String, Hashable, Sendable, CaseIterable {
        case first, last, normal
    }

    package let key: Key
    package let isDescending: Bool

    package init(_ key: Key, isDescending: Bool) {
        self.key = key
        self.isDescending = isDescending
    }

    /// The field whose value decides.
    var field: MemoryField? {
        switch key {
        case .field(let field, _), .decay(let field, _): field
        case .textMatch, .groupFound, .vectorDistance, .random: nil
        }
    }

    /// Whether the rows of documents are enough to sort by it.
    var isOfRows: Bool {
        switch key {
        case .textMatch(let buckets): buckets == .none
        case .random: true
        case .field(let field, _), .decay(let field, _): field.isColumn
        case .groupFound, .vectorDistance: false
        }
    }

    package var isTextMatch: Bool {
        if case .textMatch = key { true } else { false }
    }
}

/// How good a value is by its distance from another one.
package struct DecayFunction: Hashable, Sendable {
    package enum Shape: String, Hashable, Sendable, CaseIterable {
        case gauss, linear, exp, diff
    }

    package var shape: Shape
    package var origin: Double
    /// The distance at which the score is `decay`; of no meaning to `diff`.
    package var scale: Double
    /// Distances up to it count as none.
    package var offset: Double
    package var decay: Double

    /// Orders values as the score does, without being it: `gauss` and `exp` fall strictly with the distance, `linear`
    /// until it is nothing. `diff` is the distance itself, so it grows.
    func rank(of value: Double) -> Double {
        let distance = max(0, abs(value - origin) - offset)
        if shape == .diff { return distance }
        if decay >= 1 { return 0 }
        if shape == .linear { return -min(distance, abs(scale) / (1 - decay)) }
        return decay <= 0 ? (distance > 0 ? -1 : 0) : -distance
    }
}
