/// An action that changes where a session stands.
///
/// The table of transitions. A status that is not listed under an action refuses it with `conflict`:
///
/// | action | active | running | paused | completed | failed | expired |
/// |---|---|---|---|---|---|---|
/// | `acceptTask` | active | running | - | - | - | active |
/// | `startTask` | running | - | - | - | - | running |
/// | `endTask` | - | active | paused | completed | failed | - |
/// | `pause` | paused | paused | paused | - | - | paused |
/// | `resume` | active | running | active | active | active | active |
/// | `complete` | completed | - | completed | completed | - | completed |
/// | `expire` | expired | - | expired | - | - | expired |
///
/// A session that is paused while a task runs is `paused` at once: that task goes on to its end, no further one starts.
package enum SessionMove: String, Sendable, CaseIterable {
    case acceptTask, startTask, endTask, pause, resume, complete, expire

    /// The status after this action, or `nil` when that status refuses it.
    /// - Parameter hasRunningTask: whether a task of the session runs, which `resume` goes back to.
    package func next(from status: SessionStatus, hasRunningTask: Bool = false) -> SessionStatus? {
        switch (self, status) {
        case (.acceptTask, .active), (.acceptTask, .expired): .active
        case (.acceptTask, .running): .running
        case (.startTask, .active), (.startTask, .expired): .running
        case (.endTask, .running): .active
        case (.endTask, .paused), (.endTask, .completed), (.endTask, .failed): status
        case (.pause, .active), (.pause, .running), (.pause, .paused), (.pause, .expired): .paused
        case (.resume, _): hasRunningTask ? .running : .active
        case (.complete, .active), (.complete, .completed), (.complete, .expired): .completed
        case (.complete, .paused): hasRunningTask ? nil : .completed
        case (.expire, .active), (.expire, .expired): .expired
        case (.expire, .paused): hasRunningTask ? nil : .expired
        default: nil
        }
    }
}
