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

    func checkpointID(_ text: String) throws(RPCError) -> CheckpointID {
        guard let id = CheckpointID(text) else { throw .notFound(text, path: "params.checkpoint_id") }
        return id
    }
}
