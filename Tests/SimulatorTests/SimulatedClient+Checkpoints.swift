import AgentModel
import JSON
import Store

/// Where sessions stand, and what goes off from there.
extension SimulatedClient {
    func actOnCheckpoints() {
        chance.draw([(3, restore), (3, deleteCheckpoint), (3, fork), (1, keepLess)] as [(Int, () -> Void)])()
    }

    /// A checkpoint of any session.
    private func pickCheckpoint(then: @escaping (_ checkpoint: CheckpointID, _ session: SessionID) -> Void) {
        guard let session = chance.pick(sessions.union(temporary).sorted()) else { return }
        sendPicking("checkpoint.list", ["session_id": .string("\(session)")]) { item in
            if let id = item["id"]?.stringValue.flatMap({ CheckpointID($0) }) { then(id, session) }
        }
    }

    private func restore() {
        pickCheckpoint { [unowned self] id, session in
            send("checkpoint.restore", ["checkpoint_id": .string("\(id)")], "\(session)") { [unowned self] answer in
                guard !deleted.contains(session) else { return }
                let origin = answer["from_checkpoint_id"] ?? .null
                promises.add("\(session) was taken back to \(origin)") { reader in
                    var range = EventRange()
                    range.types = [.sessionRestored]
                    return try reader.events(session, range).contains { $0.data["from_checkpoint_id"] == origin }
                }
            }
        }
    }

    private func deleteCheckpoint() {
        pickCheckpoint { [unowned self] id, session in
            send("checkpoint.delete", ["checkpoint_id": .string("\(id)")], "\(session)") { [unowned self] _ in
                promises.add("\(session) has no \(id) any more") { try $0.checkpoint(id) == nil }
            }
        }
    }

    /// From where a session stands, from one of its checkpoints or from a task.
    private func fork() {
        guard let session = chance.pick(sessions.union(temporary).sorted()) else { return }
        switch chance.below(3) {
        case 0: fork(["session_id": .string("\(session)")])
        case 1: pickCheckpoint { [unowned self] id, _ in fork(["checkpoint_id": .string("\(id)")]) }
        default:
            sendPicking("task.list", ["session_id": .string("\(session)")]) { [unowned self] in
                fork(["task_id": $0["id"] ?? .null])
            }
        }
    }

    private func fork(_ params: JSON) {
        send("session.fork", params) { [unowned self] in know(session: $0) }
    }

    private func keepLess() {
        guard let session = chance.pick(sessions.sorted()) else { return }
        let count = JSON.int(Int64(1 + chance.below(4)))
        send("session.update", ["session_id": .string("\(session)"), "checkpoints": ["keep_count": count]])
    }
}
