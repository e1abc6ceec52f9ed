import AgentEngine
import AgentModel
import Store

/// Who is told what tasks do, beyond what the store's commits tell.
protocol TaskSink: AnyObject {
    /// A piece of a message, after the event `afterSeq` of the session's log.
    func heard(_ delta: OpenText.Delta, task: AgentTask, run: RunID, afterSeq: Int)
    /// The task has ended and its end is durable; or it cannot be recorded, with the reason.
    func ended(_ task: TaskID, in session: SessionID, _ failure: StoreFailure?)
    /// An ask is durable. Returns whether a client was asked.
    func opened(_ ask: PermissionAsk) -> Bool
    /// It needs no answer any more.
    func closed(_ ask: PermissionID)
}
