import MemorySearch

/// What a turn of a conversation gains from the turns beside it: half of what these score by themselves. An answer is
/// found by the words of its question this way, although it has none of them.
struct TurnBlending {
    private let database: SQLiteConnection

    private static let share = 0.5

    /// `nil` when no memory of the partitions is a turn.
    init?(_ partitions: [Int], _ database: SQLiteConnection) throws {
        self.database = database
        let hasTurns = try partitions.contains { partition in
            try database.integer(
                """
                SELECT EXISTS(SELECT 1 FROM memory INDEXED BY memory_turn
                    WHERE partition = ? AND current = 1 AND seq IS NOT NULL)
                """, [.int(partition)]) == 1
        }
        guard hasTurns else { return nil }
    }

    /// Best first. Turns beside those that were found may join them if they are visible.
    func blended(_ found: [RankedMemory], _ source: SQLiteIndexSource) throws -> [RankedMemory] {
        var memories = Dictionary(found.map { ($0.document, $0) }, uniquingKeysWith: { first, _ in first })
        for memory in found {
            for neighbour in try neighbours(of: memory.document) {
                if memories[neighbour] == nil {
                    guard try source.isVisible(neighbour) else { continue }
                    memories[neighbour] = RankedMemory(unnamed: neighbour)
                }
                memories[neighbour]?.neighbours += Self.share * memory.own
            }
        }
        return memories.values.sorted { ($0.score, $0.document) > ($1.score, $1.document) }
    }

    /// The turns before and after one in its conversation; none for what is no turn.
    private func neighbours(of document: Int) throws -> [Int] {
        let place = try database.first(
            "SELECT partition, namespace, seq FROM memory WHERE n = ? AND seq IS NOT NULL", [.int(document)]
        ) { (partition: $0.int(), namespace: $0.text(), seq: $0.int()) }
        guard let place else { return [] }
        let values: [SQLiteValue] = [
            .int(place.partition), .text(place.namespace), .int(place.seq), .int(document),
        ]
        let before = try database.first(Self.beside("<", "DESC"), values) { $0.int() }
        let after = try database.first(Self.beside(">", "ASC"), values) { $0.int() }
        return [before, after].compactMap { $0 }
    }

    private static func beside(_ comparison: String, _ order: String) -> String {
        """
        SELECT n FROM memory INDEXED BY memory_turn WHERE partition = ? AND namespace = ? AND current = 1
            AND seq IS NOT NULL AND (seq, n) \(comparison) (?, ?)
        ORDER BY seq \(order), n \(order) LIMIT 1
        """
    }
}
