import MemorySearch

/// A step of upkeep as it was planned and encoded before the store is locked for it.
struct IndexStep: Hashable, Sendable {
    let partition: Int64
    /// Of the partition, when the step was planned: what was planned from another one is dropped.
    let generation: Int
    /// Each is written by itself. All but the last and the only one begin by bumping the generation, so that of two
    /// processes at one step the later one goes on alone.
    let transactions: [[IndexChange]]

    init(_ state: PartitionState, _ transactions: [[IndexChange]]) {
        partition = state.partition
        generation = state.generation
        self.transactions = transactions
    }
}

/// What is known of a partition's index when a step is planned.
struct PartitionState: Hashable, Sendable {
    let partition: Int64
    let generation: Int
    let isHidden: Bool
    /// Rows of the tail, counted up to a bound.
    let tail: Int
    /// By their documents.
    let segments: [SegmentRow]

    /// `nil` when there is no such partition.
    static func read(_ partition: Int64, tailMax: Int, _ database: SQLiteConnection) throws -> PartitionState? {
        let known = try database.first(
            "SELECT generation, hidden FROM partition WHERE id = ?", [.integer(partition)]
        ) { (generation: $0.int(), isHidden: $0.bool()) }
        guard let known else { return nil }
        let tail = try database.integer(
            "SELECT count(*) FROM (SELECT 1 FROM tail WHERE partition = ? LIMIT ?)",
            [.integer(partition), .int(tailMax)])
        let segments = try database.rows(SegmentRow.ofPartition, [.integer(partition)]) { try SegmentRow(&$0) }
        return PartitionState(
            partition: partition, generation: known.generation, isHidden: known.isHidden, tail: tail,
            segments: segments)
    }

    /// Of a hidden partition only what is dead goes: the rest goes with its memories. Segments of another analysis are
    /// left to a rebuild.
    func due(_ plan: IndexPlan) -> IndexWork? {
        let own = segments.filter { $0.analysis == TextAnalyzer.version || $0.segment.state != .live }.map(\.segment)
        return isHidden
            ? plan.due(tail: 0, segments: own.filter { $0.state == .dead }) : plan.due(tail: tail, segments: own)
    }

    func isPressing(_ plan: IndexPlan) -> Bool {
        !isHidden && plan.isPressing(tail: tail, segments: segments.map(\.segment))
    }

    subscript(id: Int64) -> SegmentRow? { segments.first { $0.segment.id == id } }
}
