import JSON

/// What a document is sorted by.
enum SortValue: Hashable {
    case number(Double)
    case text(String)
    case missing

    init(_ order: SortOrder, _ document: MemoryDocument) {
        switch order.key {
        case .textMatch, .groupFound, .vectorDistance: self = .missing
        case .random(let seed): self = .number(Self.random(seed, document.number))
        case .decay(let field, let function):
            let value = document.values(of: field).lazy.compactMap(Self.number).first
            self = value.map { .number(function.rank(of: $0)) } ?? .missing
        case .field(let field, _):
            self = document.values(of: field).first.map { Self.value($0, field.kind) } ?? .missing
        }
    }

    /// - Parameter column: what the row has at the field of the order.
    init(_ order: SortOrder, _ number: Int64, column: Double?) {
        switch order.key {
        case .textMatch, .groupFound, .vectorDistance: self = .missing
        case .random(let seed): self = .number(Self.random(seed, number))
        case .decay(_, let function): self = column.map { .number(function.rank(of: $0)) } ?? .missing
        case .field: self = column.map(SortValue.number) ?? .missing
        }
    }

    private static func value(_ value: JSON, _ kind: MemoryField.Kind) -> SortValue {
        switch value {
        case .bool(let bool): .number(bool ? 1 : 0)
        case .string(let text):
            if kind == .time, let time = value.milliseconds {
                .number(Double(time))
            } else {
                text.isEmpty ? .missing : .text(TextFolding.fold(text))
            }
        default: value.doubleValue.map(SortValue.number) ?? .missing
        }
    }

    /// Numbers as they are, times as milliseconds.
    static func number(_ value: JSON) -> Double? { value.doubleValue ?? value.milliseconds.map(Double.init) }

    /// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
    private static func random(_ seed: UInt64, _ number: Int64) -> Double {
        var z = seed &+ UInt64(bitPattern: number) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((z ^ (z >> 31)) >> 11)
    }

    /// Whether this one comes first; `nil` when nothing is between them.
    func precedes(_ other: SortValue, _ order: SortOrder) -> Bool? {
        switch (self, other) {
        case (.missing, .missing): return nil
        case (.missing, _): return Self.missingComesFirst(order, other)
        case (_, .missing): return !Self.missingComesFirst(order, self)
        case (.number(let left), .number(let right)):
            return left == right ? nil : (left < right) != order.isDescending
        case (.text(let left), .text(let right)):
            return left == right
                ? nil : left.utf8.lexicographicallyPrecedes(right.utf8) != order.isDescending
        // Numbers before texts.
        case (.number, .text): return !order.isDescending
        case (.text, .number): return order.isDescending
        }
    }

    private static func missingComesFirst(_ order: SortOrder, _ other: SortValue) -> Bool {
        guard case .field(_, let missing) = order.key else { return false }
        switch missing {
        case .first: return true
        case .last: return false
        case .normal:
            if case .text = other { return order.isDescending }
            return false
        }
    }
}
