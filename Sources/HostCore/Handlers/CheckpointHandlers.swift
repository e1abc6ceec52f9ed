import AgentModel
import HostProtocol
import JSON
import JSONRPC
import Store

extension Host {
    func listCheckpoints(_ params: Wire.CheckpointListParams, _ call: Call) throws(RPCError) {
        let id = try sessionID(params.sessionID)
        let page = PageRequest(limit: params.limit, cursor: params.cursor)
        read(call) { reader throws -> Page<Checkpoint>? in
            guard try reader.session(id) != nil else { return nil }
            return try reader.checkpoints(id, page)
        } then: { [self] found in
            guard let found else { return fail(call, .notFound("\(id)", path: "params.session_id")) }
            reply(
                call,
                Wire.CheckpointPage(items: found.items.map { Wire.Checkpoint($0) }, nextCursor: found.nextCursor))
        }
    }

    func getCheckpoint(_ params: Wire.CheckpointGetParams, _ call: Call) throws(RPCError) {
        let id = try checkpointID(params.checkpointID)
        read(call) { reader throws -> (Checkpoint, CheckpointState)? in
            guard let checkpoint = try reader.checkpoint(id), let state = try reader.checkpointState(id) else {
                return nil
            }
            return (checkpoint, state)
        } then: { [self] found in
            guard let (checkpoint, state) = found else {
                return fail(call, .notFound("\(id)", path: "params.checkpoint_id"))
            }
            reply(call, Wire.Checkpoint(checkpoint, state))
        }
    }

    func restoreCheckpoint(_ params: Wire.CheckpointRestoreParams, _ call: Call) throws(RPCError) {
        let id = try checkpointID(params.checkpointID)
        read(call) {
            try $0.checkpoint(id)
        } then: { [self] checkpoint in
            guard let session = checkpoint?.sessionID else {
                return fail(call, .notFound("\(id)", path: "params.checkpoint_id"))
            }
            restore(session, id, call)
        }
    }

    private func restore(_ session: SessionID, _ id: CheckpointID, _ call: Call) {
        let new: CheckpointID = clock.id()
        commit(call, [.restoreSession(session, id, as: new)]) { [self] result in
            switch result {
            case .success(let commit):
                guard let session = commit.sessions[session] else { return fail(call, .notFound("\(id)", path: "")) }
                reply(
                    call,
                    Wire.SessionRestored(
                        session: Wire.Session(session), fromCheckpointID: "\(id)", checkpointID: "\(new)"))
            case .failure(.notFound): fail(call, .notFound("\(id)", path: "params.checkpoint_id"))
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    func deleteCheckpoint(_ params: Wire.CheckpointDeleteParams, _ call: Call) throws(RPCError) {
        let id = try checkpointID(params.checkpointID)
        commit(call, [.deleteCheckpoint(id)]) { [self] result in
            switch result {
            case .success: reply(call, Wire.CheckpointDeleted(checkpointID: "\(id)"))
            case .failure(.notFound): fail(call, .notFound("\(id)", path: "params.checkpoint_id"))
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    func checkpointID(_ text: String) throws(RPCError) -> CheckpointID {
        guard let id = CheckpointID(text) else { throw .notFound(text, path: "params.checkpoint_id") }
        return id
    }
}
