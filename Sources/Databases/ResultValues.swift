package import JSON

extension JSON {
    /// A number, or as text what JSON has no number for: `NaN`, `Infinity`, `-Infinity`.
    package init(number: Double) {
        if number.isFinite {
            self = .double(number)
        } else {
            self = .string(number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity")
        }
    }

    /// The bytes that this value takes when written as JSON, give or take a few for numbers.
    var writtenBytes: Int {
        switch self {
        case .null, .bool: 5
        case .int, .double: 12
        case .string(let text): text.utf8.reduce(3) { $0 + ($1 < 0x20 ? 6 : $1 == 0x22 || $1 == 0x5c ? 2 : 1) }
        case .array(let values): values.reduce(2) { $0 + $1.writtenBytes }
        case .object(let members): members.reduce(2) { $0 + $1.key.utf8.count + 4 + $1.value.writtenBytes }
        }
    }
}

/// Rows as they come, until a limit is reached.
struct RowCollector {
    private let limits: QueryLimits
    private var bytes = 0
    private(set) var rows: [[JSON]] = []
    private(set) var isTruncated = false

    init(_ limits: QueryLimits) { self.limits = limits }

    var bytesLeft: Int { max(0, limits.bytes - bytes) }
    var isFull: Bool { rows.count >= limits.rows }

    mutating func truncate() { isTruncated = true }

    /// `false` when the row did not fit any more: then no further one will be taken.
    mutating func add(_ row: [JSON]) -> Bool {
        bytes += row.reduce(2) { $0 + $1.writtenBytes }
        if isFull || bytes > limits.bytes {
            isTruncated = true
            return false
        }
        rows.append(row)
        return true
    }
}
