import AgentEngine
import AgentModel

/// Deltas on their way to the client. While it is slow they are held back, and those of one message become one.
struct LiveView {
    struct Piece {
        var delta: OpenText.Delta
        let session: SessionID
        let task: TaskID
        let run: RunID
        let afterSeq: Int
        let at: Timestamp
    }

    /// Tasks whose events their own request asked to see.
    var streamed: Set<TaskID> = []
    /// Sessions whose own events, those of no task, the client asked to see with a plan of theirs.
    var streamedSessions: Set<SessionID> = []
    private(set) var held: [Piece] = []

    mutating func hold(_ piece: Piece) {
        if let index = held.lastIndex(where: { $0.task == piece.task }), held[index].run == piece.run,
            held[index].delta.messageID == piece.delta.messageID, held[index].delta.type == piece.delta.type
        {
            held[index].delta.text += piece.delta.text
        } else {
            held.append(piece)
        }
    }

    /// What is held of one task, or of all.
    mutating func release(_ task: TaskID? = nil) -> [Piece] {
        guard let task else {
            defer { held = [] }
            return held
        }
        let released = held.filter { $0.task == task }
        if !released.isEmpty { held.removeAll { $0.task == task } }
        return released
    }
}
