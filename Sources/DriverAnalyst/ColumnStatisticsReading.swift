import JSON

extension ColumnStatistics {
    private static let textsMax = 5000

    /// What these values show.
    /// - Parameter isDecimal: whether they are decimals by their declared type, which some databases give as text.
    init(of values: some Sequence<JSON>, isDecimal: Bool = false) {
        self.init()
        var seen: Set<JSON> = []
        var counts: [String: Int] = [:]
        var kinds: Set<Kind> = []
        var letters = 0
        for value in values {
            rows += 1
            guard let kind = Self.kind(of: value) else {
                nulls += 1
                continue
            }
            kinds.insert(kind)
            seen.insert(value)
            if let text = value.stringValue {
                counts[text, default: 0] += 1
                letters += text.unicodeScalars.count
            } else if let number = value.doubleValue {
                numbers.append(number)
            }
        }
        kind = Self.merged(kinds)
        distinct = seen.count
        if filled > 0 { averageTextLength = Double(letters) / Double(filled) }
        texts = counts.map { TextCount(text: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.text) < ($0.count, $1.text) }
        if texts.count > Self.textsMax { texts.removeLast(texts.count - Self.textsMax) }
        readDecimals(texts: counts, isDecimal)
        numbers.sort()
        minimum = numbers.first
        maximum = numbers.last
        hasFractions = numbers.contains { $0 != $0.rounded(.down) }
    }

    /// A column of nothing but decimals in text (as some databases give them) is one of numbers.
    private mutating func readDecimals(texts counts: [String: Int], _ isDecimal: Bool) {
        guard kind == .text, isDecimal || counts.keys.contains(where: { $0.utf8.contains(46) }) else { return }
        let parsed = counts.map { (JSON.string($0.key).number, $0.value) }
        guard parsed.allSatisfy({ $0.0 != nil }) else { return }
        numbers = parsed.flatMap { number, count in Array(repeating: number ?? 0, count: count) }
        kind = .real
    }

    private static func kind(of value: JSON) -> Kind? {
        switch value {
        case .null: nil
        case .bool: .boolean
        case .int: .integer
        case .double: .real
        case .string: .text
        case .array, .object: .binary
        }
    }

    private static func merged(_ kinds: Set<Kind>) -> Kind {
        guard let first = kinds.first else { return .empty }
        if kinds.count == 1 { return first }
        return kinds == [.integer, .real] ? .real : .mixed
    }

    /// The quartiles and the fences beyond which a number is an outlier (1.5 times the range between the quartiles,
    /// J. Tukey), of at least eight numbers with any spread.
    var fences: (low: Double, high: Double)? {
        guard numbers.count >= 8 else { return nil }
        let first = quantile(0.25)
        let third = quantile(0.75)
        guard third > first else { return nil }
        let reach = 1.5 * (third - first)
        return (first - reach, third + reach)
    }

    /// A quantile by linear interpolation; zero when there are no numbers.
    func quantile(_ share: Double) -> Double {
        guard !numbers.isEmpty else { return 0 }
        let place = share * Double(numbers.count - 1)
        let low = Int(place)
        let high = min(low + 1, numbers.count - 1)
        return numbers[low] + (numbers[high] - numbers[low]) * (place - Double(low))
    }
}
