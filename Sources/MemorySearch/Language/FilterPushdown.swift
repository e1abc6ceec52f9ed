import JSON

/// What of a filter a store can look for by its columns. Every document that fulfils the filter fulfils all of this;
/// the other way round only if `isComplete`.
package struct FilterPushdown: Hashable, Sendable {
    /// Any of these; `nil`: all.
    package var ids: [String]?
    package var namespaces: [String]?
    package var keys: [String]?
    /// Of each of these, at least one.
    package var tags: [[String]] = []
    package var importance = Bounds<Double>()
    /// Milliseconds since 1970.
    package var createdAt = Bounds<Int64>()
    package var updatedAt = Bounds<Int64>()
    /// Whether the filter says nothing else.
    package var isComplete = true

    /// Both ends are part of it; `nil`: open.
    package struct Bounds<Value: Comparable & Hashable & Sendable>: Hashable, Sendable {
        package var low: Value?
        package var high: Value?

        mutating func narrow(low other: Value?, high: Value?) {
            if let other { low = low.map { max($0, other) } ?? other }
            if let high { self.high = self.high.map { min($0, high) } ?? high }
        }
    }

    /// - Parameter filter: `nil` for everything.
    package init(_ filter: FilterExpression?) {
        switch filter {
        case .none: break
        case .all(let parts): for part in parts { add(part) }
        case .some(let filter): add(filter)
        }
    }

    private mutating func add(_ filter: FilterExpression) {
        switch filter {
        case .all(let parts): for part in parts { add(part) }
        case .condition(let condition) where !condition.isNegated:
            if !take(condition) { isComplete = false }
        default: isComplete = false
        }
    }

    /// Whether all that the condition says is taken in.
    private mutating func take(_ condition: FilterCondition) -> Bool {
        switch condition.field.name {
        case "id", "namespace", "key", "tags": return takeTexts(condition)
        case "importance":
            guard let ends = Self.ends(of: condition) else { return false }
            importance.narrow(low: ends.low?.double, high: ends.high?.double)
            return ends.areClosed
        case "created_at", "updated_at":
            guard let ends = Self.ends(of: condition) else { return false }
            let bounds = condition.field.name == "created_at" ? \Self.createdAt : \Self.updatedAt
            self[keyPath: bounds].narrow(low: ends.low?.time, high: ends.high?.time)
            return ends.areClosed
        default: return false
        }
    }

    private mutating func takeTexts(_ condition: FilterCondition) -> Bool {
        guard condition.match == .exact else { return false }
        var texts: [String] = []
        for operand in condition.operands {
            guard case .literal(let literal) = operand, !literal.isPrefix else { return false }
            texts.append(literal.text)
        }
        func narrowed(_ known: [String]?) -> [String] {
            guard let known else { return texts }
            return known.filter { one in texts.contains { $0.hasSameBytes(as: one) } }
        }
        switch condition.field.name {
        case "id": ids = narrowed(ids)
        case "namespace": namespaces = narrowed(namespaces)
        case "key": keys = narrowed(keys)
        default:
            tags.append(texts)
            // SQLite ends a text inside JSON at a zero.
            return !texts.contains { $0.utf8.contains(0) }
        }
        return true
    }

    private struct Ends {
        var low: FilterBound?
        var high: FilterBound?
        /// Open ends are taken as closed ones, which lets one value too many through.
        var areClosed: Bool
    }

    private static func ends(of condition: FilterCondition) -> Ends? {
        guard condition.operands.count == 1, let operand = condition.operands.first else { return nil }
        switch operand {
        case .literal: return nil
        case .range(let low, let high): return Ends(low: low, high: high, areClosed: true)
        case .comparison(.less, let bound): return Ends(high: bound, areClosed: false)
        case .comparison(.lessOrEqual, let bound): return Ends(high: bound, areClosed: true)
        case .comparison(.greater, let bound): return Ends(low: bound, areClosed: false)
        case .comparison(.greaterOrEqual, let bound): return Ends(low: bound, areClosed: true)
        }
    }
}

extension FilterBound {
    fileprivate var double: Double? {
        if case .number(let number) = self { number.double } else { nil }
    }

    fileprivate var time: Int64? {
        if case .time(let time) = self { time } else { nil }
    }
}
