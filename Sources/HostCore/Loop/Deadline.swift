import AgentEngine
import AgentModel

/// What the loop may be asked to come back to.
enum Deadline: Hashable, Sendable {
    case task(TaskID, TaskMachine.Timer)
    /// The store refused a task's records for now.
    case recordAgain(TaskID)
    /// The store would not start a task for now.
    case startAgain(TaskID, SessionID)
    /// The store would not end a task for now.
    case endAgain(TaskID)
    /// Memory has had its time to say what it knows of a task.
    case recallOver(TaskID)
    /// Something that the store refused is tried again.
    case again(UInt64)
    case ladder(ChildID)
    case ask(PermissionID)
    /// A request's own time is over.
    case request(UInt64)
    /// Look for sessions past their time.
    case sweep
    /// Look for other hosts that have died.
    case otherHosts
    /// A process kept for the next run has waited long enough.
    case warm
    /// The host has had its time to end.
    case exit
}
