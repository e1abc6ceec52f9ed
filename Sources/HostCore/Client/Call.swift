import AgentModel
import JSON
import JSONRPC
import Store

/// A request on its way to its one answer.
final class Call {
    let key: RequestKey
    let id: RequestID
    let method: String
    let params: JSON
    /// For the reply's `_meta.warnings`.
    var warnings: [String]
    let receivedAtNanoseconds: UInt64
    /// The task behind it, told by an error that hides it.
    var task: TaskID?
    /// Where that task's session stood when it was queued.
    var head: CheckpointID?
    /// What `rpc.cancel` does; without it the request cannot be cancelled any more.
    var cancel: (() -> Void)?
    /// What the store reads for it now: of no use to anybody once the request has its answer.
    var reading: StoreTicket?
    /// `rpc.cancel` has been heard.
    var isCancelled = false

    init(key: RequestKey, _ request: Request, params: JSON, warnings: [String], now: UInt64) {
        self.key = key
        id = request.id
        method = request.method
        self.params = params
        self.warnings = warnings
        receivedAtNanoseconds = now
    }
}
