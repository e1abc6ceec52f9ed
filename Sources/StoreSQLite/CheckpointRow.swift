import AgentModel
import JSON
import Store

/// A checkpoint as it is stored, without its state.
struct CheckpointRow {
    let number: Int64
    let parent: Int64?
    /// The last run of the store when it was saved.
    let runMark: Int64
    let value: Checkpoint

    /// Checkpoints as `c` with their sessions as `s`.
    static func select(_ rest: String) -> String {
        """
        SELECT c.n, c.parent, c.run_mark, c.id, s.id, coalesce(c.kind, 'turn'), c.seq, c.bytes, c.created_at, c.turn,
            (SELECT id FROM task WHERE n = c.task), (SELECT id FROM run WHERE n = c.run),
            (SELECT id FROM checkpoint WHERE n = c.parent)
        FROM checkpoint c JOIN session s ON s.n = c.session \(rest)
        """
    }

    init(_ row: inout SQLiteRow) throws {
        number = row.int64()
        parent = row.optionalInt64()
        runMark = row.int64()
        var checkpoint = Checkpoint(
            id: try row.id(), sessionID: try row.id(), kind: try row.word(), seq: row.int(), bytes: row.int(),
            at: row.time())
        checkpoint.turn = row.optionalInt()
        checkpoint.taskID = try row.optionalID()
        checkpoint.runID = try row.optionalID()
        checkpoint.parentID = try row.optionalID()
        value = checkpoint
    }

    /// The last one of a session.
    static func head(of session: Int64, _ database: SQLiteConnection) throws -> CheckpointRow? {
        try database.first(select("WHERE c.session = ? ORDER BY c.n DESC LIMIT 1"), [.integer(session)]) {
            try CheckpointRow(&$0)
        }
    }

    private static let chain = """
        WITH RECURSIVE chain(parent, whole, change) AS (
            SELECT parent, whole, change FROM checkpoint WHERE n = ?
            UNION ALL
            SELECT c.parent, c.whole, c.change FROM chain JOIN checkpoint c ON c.n = chain.parent
            WHERE chain.whole = 0)
        SELECT whole, change FROM chain
        """

    /// The state of a checkpoint, with what reading it costs.
    static func chain(of number: Int64, _ database: SQLiteConnection) throws -> StateChain {
        // From the checkpoint back to a whole state.
        var links: [(stored: StateChain.Stored, bytes: Int)] = []
        try database.each(chain, [.integer(number)]) { row in
            let isWhole = row.bool()
            let bytes = row.size
            let json = try row.optionalJSON()
            links.append((StateChain.Stored(isWhole: isWhole, json), bytes))
            return true
        }
        var chain = StateChain()
        for link in links.reversed() { chain.read(link.stored, bytes: link.bytes) }
        return chain
    }
}

extension StateChain.Stored {
    /// Of its columns.
    init(isWhole: Bool, _ json: JSON?) {
        self = isWhole ? .whole(json ?? [:]) : .change(json.map(StateChange.init(json:)))
    }

    var columns: (isWhole: Bool, JSON?) {
        switch self {
        case .whole(let state): (true, state)
        case .change(let change): (false, change?.json)
        }
    }
}

/// The states of the checkpoints that sessions were at last, so that the next one is told from what is known.
final class CheckpointHeads {
    /// Of all the states that are kept, written out.
    private static let bytesMax = 4 << 20
    private static let countMax = 64

    private var chains: [Int64: (checkpoint: CheckpointID, chain: StateChain)] = [:]
    private var bytes = 0

    /// `nil` when it is not known. By the id of the checkpoint: numbers come again when a transaction is taken back.
    func chain(of session: Int64, at checkpoint: CheckpointID) -> StateChain? {
        guard let known = chains[session], known.checkpoint == checkpoint else { return nil }
        return known.chain
    }

    func keep(_ chain: StateChain, of session: Int64, at checkpoint: CheckpointID) {
        forget(session)
        guard chain.stateBytes <= Self.bytesMax else { return }
        while chains.count >= Self.countMax || bytes + chain.stateBytes > Self.bytesMax, let any = chains.first?.key {
            forget(any)
        }
        chains[session] = (checkpoint, chain)
        bytes += chain.stateBytes
    }

    private func forget(_ session: Int64) {
        guard let known = chains.removeValue(forKey: session) else { return }
        bytes -= known.chain.stateBytes
    }
}
