import AgentModel
import Store

/// Memories that were told to somebody since the last commit. Nobody waits for their being counted: the marks ride on
/// the next commit of a request, else they are written when the host ends.
struct RecallMarks {
    /// Further ones are not counted: no commit is to grow much by them.
    static let waitingMax = 256

    private var waiting: [MemoryID] = []

    mutating func add(_ ids: some Sequence<MemoryID>) {
        for id in ids where waiting.count < Self.waitingMax { waiting.append(id) }
    }

    /// What goes with the commit at hand.
    mutating func take() -> [StoreCommand] {
        guard !waiting.isEmpty else { return [] }
        defer { waiting = [] }
        return [.markRecalled(waiting)]
    }
}
