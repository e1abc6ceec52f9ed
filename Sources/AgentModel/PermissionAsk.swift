package import JSON

/// An ask for consent or an answer, of an agent or of a plan, durable until somebody resolves it.
package struct PermissionAsk: Hashable, Sendable {
    package let id: PermissionID
    package let sessionID: SessionID
    /// The task whose agent asks; `nil`: the session's plan does.
    package let taskID: TaskID?
    package let runID: RunID?
    /// The driver's own id of it.
    package let driverAskID: String
    package let kind: DriverAsk.Kind
    package var tool: String?
    package var title: String
    package var input: JSON = nil
    package var options: [DriverAsk.Option] = []
    /// Files that it is about, as the agent names them, absolute. Known to the host that runs the task, not kept.
    package var paths: [String] = []
    package let createdAt: Timestamp
    /// Informs; the host's own timer decides.
    package var deadlineAt: Timestamp?
    /// The option taken at the deadline.
    package var defaultOption: String?
    package var resolution: Resolution?

    package init(
        id: PermissionID, sessionID: SessionID, taskID: TaskID?, runID: RunID?, driverAskID: String,
        kind: DriverAsk.Kind, title: String, at now: Timestamp
    ) {
        self.id = id
        self.sessionID = sessionID
        self.taskID = taskID
        self.runID = runID
        self.driverAskID = driverAskID
        self.kind = kind
        self.title = title
        createdAt = now
    }

    /// How an ask came to its end. The first one counts.
    package struct Resolution: Hashable, Sendable {
        /// The option that was chosen; `nil` for cancelled.
        package var option: String?
        /// Who decided: `client`, `policy`, `deadline`, `task_ended` or another word.
        package var by: String
        package var at: Timestamp

        package init(option: String?, by: String, at: Timestamp) {
            self.option = option
            self.by = by
            self.at = at
        }
    }
}
