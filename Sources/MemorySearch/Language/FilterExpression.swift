import JSON

/// What `filter_by` says.
package indirect enum FilterExpression: Hashable, Sendable {
    case all([FilterExpression])
    case any([FilterExpression])
    case condition(FilterCondition)
    /// One and the same object at the field fulfils the expression, whose fields are the object's.
    case nested(MemoryField, FilterExpression)
}

/// One field against one or more values, any of which will do.
package struct FilterCondition: Hashable, Sendable {
    package enum Match: Hashable, Sendable {
        /// `:` - all the words of the value stand in the field, in any order; numbers are equal.
        case words
        /// `:=` - the field is the value.
        case exact
    }

    package let field: MemoryField
    package let match: Match
    /// `:!` and `:!=`: true where the condition is not, also of a memory without the field.
    package let isNegated: Bool
    package let operands: [FilterOperand]
}

package enum FilterOperand: Hashable, Sendable {
    case literal(FilterLiteral)
    case comparison(FilterComparison, FilterBound)
    /// Both ends included.
    case range(FilterBound, FilterBound)
}

package enum FilterComparison: Hashable, Sendable {
    case less, lessOrEqual, greater, greaterOrEqual
}

/// A value as it was written, read in each way that it can be.
package struct FilterLiteral: Hashable, Sendable {
    /// Without backticks and the `*` of a prefix.
    package let text: String
    package let isPrefix: Bool
    let folded: String
    let words: [String]
    package let number: FilterNumber?
    package let bool: Bool?
    /// Milliseconds since 1970.
    package let time: Int64?

    /// - Parameter isQuoted: text that stands in backticks is text, never a number.
    init(_ text: String, isPrefix: Bool, isQuoted: Bool) {
        self.text = text
        self.isPrefix = isPrefix
        folded = TextFolding.fold(text)
        words = Tokenizer.words(in: text).map(\.folded)
        let isPlain = !isQuoted && !isPrefix
        number = isPlain ? FilterNumber(text) : nil
        bool = isPlain ? ["true": true, "false": false][text] : nil
        time = ISOTime.milliseconds(text)
    }

    /// `*` alone: whatever there is.
    var isAnything: Bool { isPrefix && text.isEmpty }
}

/// A number, exact when it is an integer of 64 bits.
package enum FilterNumber: Hashable, Sendable {
    case int(Int64)
    case double(Double)

    /// Digits with a sign, a fraction and an exponent; `nil` for anything else and for what a double cannot hold.
    package init?(_ text: String) {
        if let int = Int64(text), !text.hasPrefix("+") {
            self = .int(int)
            return
        }
        let bytes = text.utf8
        guard let first = bytes.first(where: { $0 != UInt8(ascii: "-") }), (48...57).contains(first),
            bytes.allSatisfy({ (48...57).contains($0) || "+-.eE".utf8.contains($0) }),
            let double = Double(text), double.isFinite
        else { return nil }
        self = .double(double)
    }

    init?(_ value: JSON) {
        switch value {
        case .int(let int): self = .int(int)
        case .double(let double): self = .double(double)
        default: return nil
        }
    }

    package var double: Double {
        switch self {
        case .int(let int): Double(int)
        case .double(let double): double
        }
    }

    /// Negative, zero or positive as this is less than, equal to or greater than the other.
    func compared(to other: FilterNumber) -> Int {
        if case .int(let left) = self, case .int(let right) = other { return left < right ? -1 : left > right ? 1 : 0 }
        return double < other.double ? -1 : double > other.double ? 1 : 0
    }
}

/// An end of a range.
package enum FilterBound: Hashable, Sendable {
    case number(FilterNumber)
    /// Milliseconds since 1970.
    case time(Int64)
}
