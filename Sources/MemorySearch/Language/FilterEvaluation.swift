import JSON

/// Tests documents against filters, one document at a time; keeps the words of what it has read of the current one.
package struct FilterEvaluation {
    /// Values and words compared so far, over all documents.
    package private(set) var steps = 0
    private var texts: [String: FieldText] = [:]

    package init() {}

    package mutating func matches(_ filter: FilterExpression, _ document: MemoryDocument) -> Bool {
        texts.removeAll(keepingCapacity: true)
        return matches(filter, in: document.object, at: "")
    }

    /// - Parameter place: where the object stands, to tell its fields from those of others.
    private mutating func matches(_ filter: FilterExpression, in object: JSONObject, at place: String) -> Bool {
        switch filter {
        case .all(let parts):
            for part in parts where !matches(part, in: object, at: place) { return false }
            return true
        case .any(let parts):
            for part in parts where matches(part, in: object, at: place) { return true }
            return false
        case .condition(let condition):
            return matches(condition, in: object, at: place) != condition.isNegated
        case .nested(let field, let inner):
            for (index, element) in MemoryDocument.objects(at: field, in: object).enumerated() {
                if matches(inner, in: element, at: "\(place)\(field.name)[\(index)].") { return true }
            }
            return false
        }
    }

    private mutating func matches(_ condition: FilterCondition, in object: JSONObject, at place: String) -> Bool {
        let name = place + condition.field.name
        let text = texts[name] ?? FieldText(MemoryDocument.values(at: condition.field.path[...], in: .object(object)))
        steps += text.values.count &* condition.operands.count &+ 1
        texts[name] = text
        for operand in condition.operands where matches(operand, condition, text, name) { return true }
        return false
    }

    private mutating func matches(
        _ operand: FilterOperand, _ condition: FilterCondition, _ text: FieldText, _ name: String
    ) -> Bool {
        switch operand {
        case .range(let low, let high):
            text.values.contains { value in
                Self.order(value, low).map { $0 >= 0 } ?? false && Self.order(value, high).map { $0 <= 0 } ?? false
            }
        case .comparison(let comparison, let bound):
            text.values.contains { Self.order($0, bound).map { Self.holds(comparison, $0) } ?? false }
        case .literal(let literal):
            if literal.isAnything {
                !text.values.isEmpty
            } else if condition.match == .exact {
                text.values.contains { Self.equals($0, literal, condition.field.kind) }
            } else {
                contains(literal, name)
            }
        }
    }

    // MARK: One value

    private static func holds(_ comparison: FilterComparison, _ order: Int) -> Bool {
        switch comparison {
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .greater: order > 0
        case .greaterOrEqual: order >= 0
        }
    }

    /// How the value stands to the bound; `nil` when they cannot be compared.
    private static func order(_ value: JSON, _ bound: FilterBound) -> Int? {
        switch bound {
        case .number(let number): FilterNumber(value)?.compared(to: number)
        case .time(let time):
            value.milliseconds.map { FilterNumber.int($0).compared(to: .int(time)) }
                ?? FilterNumber(value)?.compared(to: .int(time))
        }
    }

    private static func equals(_ value: JSON, _ literal: FilterLiteral, _ kind: MemoryField.Kind) -> Bool {
        switch value {
        case .string(let text):
            if kind == .identifier {
                return literal.isPrefix
                    ? text.utf8.starts(with: literal.text.utf8) : text.hasSameBytes(as: literal.text)
            }
            let folded = TextFolding.fold(text)
            return literal.isPrefix
                ? folded.utf8.starts(with: literal.folded.utf8) : folded.hasSameBytes(as: literal.folded)
        case .bool(let bool): return literal.bool == bool
        case .int, .double:
            guard let number = literal.number, let own = FilterNumber(value) else { return false }
            return own.compared(to: number) == 0
        default: return false
        }
    }

    // MARK: Words

    private mutating func contains(_ literal: FilterLiteral, _ name: String) -> Bool {
        guard var text = texts[name] else { return false }
        if literal.words.isEmpty || text.hasScalars(equalTo: literal) {
            return text.values.contains { Self.equals($0, literal, .text) }
        }
        // Taken out, so that the words are added in place.
        texts[name] = nil
        defer { texts[name] = text }
        return text.containsWords(of: literal, steps: &steps)
    }
}

/// The values of a field of one document, and their words once someone asks for them.
private struct FieldText {
    let values: [JSON]
    private var words: [Set<String>]?

    init(_ values: [JSON]) { self.values = values }

    /// A number or truth value has no words: it is compared as what it is.
    func hasScalars(equalTo literal: FilterLiteral) -> Bool {
        values.contains { value in
            switch value {
            case .int, .double:
                literal.number.flatMap { number in FilterNumber(value)?.compared(to: number) } == 0
            case .bool(let bool): literal.bool == bool
            default: false
            }
        }
    }

    /// Whether one of the values has all the words, the last one perhaps as a beginning.
    mutating func containsWords(of literal: FilterLiteral, steps: inout Int) -> Bool {
        let words = self.words ?? values.compactMap(\.stringValue).map(Self.words)
        steps += self.words == nil ? words.reduce(0) { $0 + $1.count } : 0
        self.words = words
        let whole = literal.isPrefix ? literal.words.dropLast() : literal.words[...]
        return words.contains { own in
            steps += whole.count
            guard whole.allSatisfy(own.contains) else { return false }
            guard literal.isPrefix, let beginning = literal.words.last else { return true }
            steps += own.count
            return own.contains { $0.utf8.starts(with: beginning.utf8) }
        }
    }

    private static func words(of text: String) -> Set<String> {
        var words: Set<String> = []
        for word in Tokenizer.words(in: text) {
            words.insert(word.folded)
            words.formUnion(word.parts)
        }
        return words
    }
}

extension JSON {
    /// The moment that the text names, in milliseconds since 1970.
    var milliseconds: Int64? { stringValue.flatMap(ISOTime.milliseconds) }
}
