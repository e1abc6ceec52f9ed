import JSON

/// What a search knows of documents that it has read and that are no hits, so that a further attempt, with other words,
/// need not read them again.
struct SeenDocuments {
    private var refused: Set<Int64> = []
    private var unmatched: [Int64: MemoryDocument] = [:]
    private var bytes = 0

    private let refusedMax: Int
    private let bytesMax: Int

    /// - Parameters:
    ///   - refusedMax: of how many documents is remembered that they are none
    ///   - bytesMax: how much of texts is kept
    init(refusedMax: Int = 65_536, bytesMax: Int = 4 << 20) {
        self.refusedMax = refusedMax
        self.bytesMax = bytesMax
    }

    /// Whether it is no hit of any words: it does not pass the filter, or is excluded.
    func isRefused(_ number: Int64) -> Bool { refused.contains(number) }

    /// One that may be a hit of other words.
    subscript(number: Int64) -> MemoryDocument? { unmatched[number] }

    mutating func refuse(_ number: Int64) {
        if refused.count < refusedMax { refused.insert(number) }
    }

    mutating func keep(_ document: MemoryDocument) {
        guard bytes < bytesMax, unmatched[document.number] == nil else { return }
        let size = Self.size(.object(document.object))
        guard bytes + size <= bytesMax else { return }
        bytes += size
        unmatched[document.number] = document
    }

    /// About what it takes in memory.
    private static func size(_ value: JSON) -> Int {
        switch value {
        case .string(let text): 16 + text.utf8.count
        case .array(let elements): elements.reduce(32) { $0 + size($1) }
        case .object(let members): members.reduce(64) { $0 + $1.key.utf8.count + 16 + size($1.value) }
        default: 16
        }
    }
}
