package import AgentModel
package import JSON

/// One change within a transaction. A command that finds its condition unmet fails the whole batch, which then changed
/// nothing; conditions are part of the command so that no state read earlier is trusted.
package enum StoreCommand: Hashable, Sendable {
    /// Claims an idempotency key. Fails with `replayed` when the key stands for the same parameters,
    /// with `keyConflict` when it stands for others.
    case claimKey(IdempotencyClaim)
    /// Fails with `fenced` unless this host holds the session's lease with this epoch.
    case fence(SessionID, epoch: Int)

    /// Fails with `notFound` when it names a connection that does not exist.
    case insertSession(AgentSession)
    case patchSession(SessionID, SessionPatch)
    /// Fails with `refused` where `SessionMove` has no next status.
    case moveSession(SessionID, SessionMove)
    /// Keeps the agent's own conversation id for a driver; `nil` forgets it.
    case setDriverSession(SessionID, driver: String, id: String?)
    /// Adds to the session's log; numbers and times are given by the transaction.
    case append(SessionID, [EventDraft])
    /// Hides the session and marks it for purging. Fails with `refused` while a task runs or waits, unless forced.
    case hideSession(SessionID, force: Bool)
    /// Removes rows of hidden sessions, at most so many, and counts them in the commit.
    case purgeHidden(limit: Int)
    /// Expires the sessions whose driver session is past its time, at most so many, each with its event.
    case expireSessions(limit: Int)

    /// Queues a task. Fails with `refused` when the session takes none, `busy` when another live host has tasks of
    /// the session that have not ended (`force`: displaces that host), `limit` past `queueLimit` waiting tasks.
    case insertTask(AgentTask, force: Bool, queueLimit: Int)
    /// Takes the lease, marks the task and the session running and inserts the run. Fails with `superseded` when the
    /// task is no longer queued, `busy` when another host holds the session or the driver session.
    case startTask(TaskID, Run)
    /// A further run of a running task.
    case insertRun(Run)
    /// What is known of a run by now; a run that ended also enters the ledger.
    case updateRun(Run)
    /// Ends a task: result, terminal event, lease released, session moved. Fails with `superseded` when it has ended.
    case endTask(TaskID, TaskResult)
    case insertArtifact(Artifact)

    case insertConnection(DatabaseConnection)
    case updateConnection(DatabaseConnection)
    /// Fails with `refused` while sessions that are not hidden use it.
    case deleteConnection(ConnectionID)

    /// Asks the host that owns a task to do something.
    case requestOwner(OwnerRequest)
    /// Takes what others asked of this host into the commit.
    case takeOwnerRequests
    /// Interrupts the tasks of a host that is dead, with their terminal events, and frees its leases. A host that
    /// turns out to live fails it with `busy`.
    case buryHost(HostID)
}

/// A key under which a method's effect happens once.
package struct IdempotencyClaim: Hashable, Sendable {
    package var method: String
    /// The session that the request named, or empty.
    package var scope: String
    package var key: String
    /// A hash of the parameters without the key.
    package var parametersHash: String
    /// What the effect makes: the id of a session or of a task.
    package var target: String

    package init(method: String, scope: String, key: String, parametersHash: String, target: String) {
        self.method = method
        self.scope = scope
        self.key = key
        self.parametersHash = parametersHash
        self.target = target
    }
}

/// What one host asks of the host that runs a task.
package struct OwnerRequest: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case cancel
    }

    package var host: HostID
    package var kind: Kind
    package var taskID: TaskID
    package var detail: JSON

    package init(host: HostID, kind: Kind, taskID: TaskID, detail: JSON = nil) {
        self.host = host
        self.kind = kind
        self.taskID = taskID
        self.detail = detail
    }
}
