package import AgentModel

/// One consistent state of the store. Hidden sessions are not in it.
package protocol StoreReader {
    func session(_ id: SessionID) throws -> AgentSession?
    /// Newest first, by id: a UUIDv7 begins with the time it was made.
    func sessions(_ filter: SessionFilter, _ page: PageRequest) throws -> Page<AgentSession>
    func task(_ id: TaskID) throws -> AgentTask?
    /// Newest first.
    func tasks(_ filter: TaskFilter, _ page: PageRequest) throws -> Page<AgentTask>
    /// The tasks of a session that wait, in their order.
    func queuedTasks(_ session: SessionID) throws -> [AgentTask]
    func runs(_ task: TaskID) throws -> [Run]
    /// Whether the task came from another store with its session, as far as it has not run here.
    func isImported(_ task: TaskID) throws -> Bool
    /// Whether the store has ever had a run, unless it was purged with its session.
    func hasRun(_ id: RunID) throws -> Bool
    /// In the order of `seq`, as many as fit in `limit` entries and `bytesLimit` bytes, but at least one if any.
    func events(_ session: SessionID, _ range: EventRange) throws -> [Event]
    /// 0 when the log is empty.
    func lastSeq(_ session: SessionID) throws -> Int
    /// In the order in which they were first written.
    func artifacts(_ filter: ArtifactFilter, _ page: PageRequest) throws -> Page<Artifact>
    func checkpoint(_ id: CheckpointID) throws -> Checkpoint?
    /// Newest first.
    func checkpoints(_ session: SessionID, _ page: PageRequest) throws -> Page<Checkpoint>
    func checkpointState(_ id: CheckpointID) throws -> CheckpointState?
    /// Where the session stands.
    func lastCheckpoint(_ session: SessionID) throws -> Checkpoint?
    /// The agent's own session that a driver's is to go off from when it begins in this session; `nil` when there is
    /// none, or when something ran in it since the session was made.
    func forkOrigin(_ session: SessionID, driver: String) throws -> String?
    /// After the last turn of a task.
    func lastTurn(_ task: TaskID) throws -> Checkpoint?
    func connection(_ id: ConnectionID) throws -> DatabaseConnection?
    /// Newest first.
    func connections(_ page: PageRequest) throws -> Page<DatabaseConnection>
    func project(_ id: ProjectID) throws -> Project?
    /// Newest first.
    func projects(_ page: PageRequest) throws -> Page<Project>
    /// In the order of the key, what belongs to none last. Days are UTC; `from` is included, `to` is not.
    func usage(_ filter: UsageFilter) throws -> [UsageRow]
    func sessionStats(_ filter: SessionFilter) throws -> SessionStats
    /// Sessions that no task has used since then, nothing is going to happen in by itself and nothing goes on from: not
    /// running or paused, without tasks that have not ended, no project's latest one, of no plan or workflow that has
    /// not ended. The oldest first.
    func idleSessions(unusedSince: Timestamp, limit: Int) throws -> [AgentSession]
    /// `nil` where there is no such session.
    func mark(of session: SessionID) throws -> SessionMark?
    /// A part of what a session owns: so many records, so many bytes of them, but at least one if any.
    func records(of session: SessionID, from cursor: SessionRecordCursor) throws -> SessionRecordPage
    /// Who runs the session now, if anyone.
    func leaseHolder(_ session: SessionID) throws -> HostRecord?
    func host(_ id: HostID) throws -> HostRecord?
    /// What others ask of a host, in their order.
    func ownerRequests(_ host: HostID) throws -> [OwnerRequest]
    /// Hosts that are registered but no longer alive.
    func deadHosts() throws -> [HostRecord]
    /// Runs that a host has not ended: what it may have left running.
    func openRuns(_ host: HostID) throws -> [Run]
    /// Sessions hidden but not yet purged, with their results folders; without those that are being made.
    func hiddenSessions() throws -> [AgentSession]
    func ask(_ id: PermissionID) throws -> PermissionAsk?
    /// Asks that nobody has resolved, oldest first; of one session or of all, 1,000 at most.
    func openAsks(_ session: SessionID?) throws -> [PermissionAsk]

    func workflow(_ id: FlowID) throws -> Workflow?
    /// Newest first.
    func workflows(_ filter: WorkflowFilter, _ page: PageRequest) throws -> Page<Workflow>
    func plan(_ id: PlanID) throws -> Plan?
    /// Newest first.
    func plans(_ filter: PlanFilter, _ page: PageRequest) throws -> Page<Plan>

    /// A memory as it is, or as it was at a time.
    func memory(_ id: MemoryID, at: Timestamp?) throws -> Memory?
    func memory(_ scope: MemoryScope, namespace: String, key: String, at: Timestamp?) throws -> Memory?
    /// Newest first, the current one at the front.
    func memoryVersions(_ id: MemoryID) throws -> [Memory]
    /// Newest version first. `at` is the time that the filter looks from.
    func memories(_ filter: MemoryFilter, at: Timestamp, _ page: PageRequest) throws -> Page<Memory>
    func countMemories(_ filter: MemoryFilter, at: Timestamp) throws -> Int
    /// By scope in the order given and by name; `nil`: all scopes.
    func namespaces(_ scopes: [MemoryScope]?) throws -> [NamespaceCount]
    func memoryStats() throws -> MemoryStats
    /// Current versions without a vector of this model, oldest first, after a document's number. It looks at a part of
    /// what there is, so that it may find none although there are more.
    func memoriesToEmbed(model: String, after document: Int, limit: Int) throws -> MemoriesToEmbed
    func embedding(_ id: MemoryID) throws -> RecallEmbedding?
    /// By name.
    func synonymSets() throws -> [SynonymSet]
    /// By name.
    func stopwordSets() throws -> [StopwordSet]
    /// What is known of a question, best first; nothing when nothing reaches the least score.
    func recall(_ query: RecallQuery) throws -> RecallResult
    /// What a search finds, on one state after another when it takes long.
    ///
    /// - Throws: `SearchError` besides what a read throws.
    func search(_ query: SearchQuery) throws -> SearchAnswer
}

package struct PageRequest: Hashable, Sendable {
    /// 1...1000
    package var limit: Int
    /// Opaque, from the page before.
    package var cursor: String?

    package init(limit: Int = 100, cursor: String? = nil) {
        self.limit = limit
        self.cursor = cursor
    }
}

package struct Page<Item: Sendable>: Sendable {
    package var items: [Item]
    package var nextCursor: String?

    package init(items: [Item], nextCursor: String?) {
        self.items = items
        self.nextCursor = nextCursor
    }
}

package struct SessionFilter: Hashable, Sendable {
    /// Only this one.
    package var sessionID: SessionID?
    package var statuses: Set<SessionStatus> = []
    package var projectID: ProjectID?
    package var milestoneID: String?
    package var connectionID: ConnectionID?
    package var driver: String?
    /// Text that the title contains, in any case.
    package var titleContains: String?
    package var includeTemporary = true

    package init() {}
}

package struct TaskFilter: Hashable, Sendable {
    package var sessionID: SessionID?
    /// Of sessions that were made for it.
    package var milestoneID: String?
    package var statuses: Set<TaskStatus> = []
    package var source: String?

    package init() {}
}

package struct WorkflowFilter: Hashable, Sendable {
    package var statuses: Set<WorkflowStatus> = []
    package var projectID: ProjectID?

    package init() {}
}

package struct PlanFilter: Hashable, Sendable {
    package var statuses: Set<PlanStatus> = []
    package var sessionID: SessionID?
    package var projectID: ProjectID?

    package init() {}
}

package struct EventRange: Hashable, Sendable {
    /// Events after this number.
    package var afterSeq = 0
    /// Events before this number, the last ones first looked for: with it, the newest `limit` before it are returned.
    package var beforeSeq: Int?
    package var limit = 100
    package var bytesLimit = 4 << 20
    /// Empty: all.
    package var types: Set<EventType> = []
    package var taskID: TaskID?

    package init() {}
}

package struct ArtifactFilter: Hashable, Sendable {
    package var sessionID: SessionID?
    package var taskID: TaskID?

    package init() {}
}

package struct UsageFilter: Hashable, Sendable {
    package enum Group: String, Sendable, CaseIterable {
        case total, session, project, driver, day
    }

    package var group = Group.total
    package var sessionID: SessionID?
    package var projectID: ProjectID?
    package var driver: String?
    package var from: Timestamp?
    package var to: Timestamp?

    package init() {}
}

/// The bill of one group, apart by how well it is known.
package struct UsageRow: Hashable, Sendable {
    /// The session, project, driver or day; `nil` for the total and for what belongs to none any more.
    package var key: String?
    package var runs: Int
    package var known: Usage
    package var estimated: Usage
    package var unknown: Usage
    /// What driver sessions used that no run of a host is known to have: somebody worked with them elsewhere.
    package var outside: Usage

    package init(
        key: String?, runs: Int, known: Usage, estimated: Usage, unknown: Usage, outside: Usage = .none
    ) {
        self.key = key
        self.runs = runs
        self.known = known
        self.estimated = estimated
        self.unknown = unknown
        self.outside = outside
    }
}

package struct SessionStats: Hashable, Sendable {
    package var sessionsByStatus: [SessionStatus: Int] = [:]
    package var tasksByStatus: [TaskStatus: Int] = [:]
    /// Failed tasks by stop reason.
    package var failuresByReason: [StopReason: Int] = [:]
    /// Runs that were to resume a driver session, and those of them that did.
    package var resumesTried = 0
    package var resumesSucceeded = 0
    /// About what runs that resumed had not to be sent anew: what they read from their agents' caches at a time.
    package var tokensSavedByResuming = 0
    /// How often a driver session was forgotten because its time was over.
    package var driverSessionsExpired = 0
    package var events = 0

    package init() {}
}
