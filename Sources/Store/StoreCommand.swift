package import AgentModel
package import JSON

/// One change within a transaction. A command that finds its condition unmet fails the whole batch, which then changed
/// nothing; conditions are part of the command so that no state read earlier is trusted.
///
/// What happens to a session, a task or a run is logged by the command that makes it happen, in the same transaction;
/// each case names its events. `append` is for all other events.
package enum StoreCommand: Hashable, Sendable {
    /// Claims an idempotency key. Fails with `replayed` when the key stands for the same parameters, with `keyConflict`
    /// when it stands for others. A key is free again 24 h after the end of the task it made, or after it was claimed.
    case claimKey(IdempotencyClaim)
    /// Fails with `fenced` unless this host holds the session's lease with this epoch.
    case fence(SessionID, epoch: Int)

    /// Fails with `notFound` when it names a connection, a project or a plan that does not exist. Logs
    /// `session.created`.
    case insertSession(AgentSession)
    /// Logs `session.updated` with what changes, unless nothing does.
    case patchSession(SessionID, SessionPatch)
    /// Fails with `refused` where `SessionMove` has no next status, and for `complete` also while tasks wait. Logs
    /// `session.paused`, `session.resumed`, `session.completed` or `session.expired` when the status changes.
    case moveSession(SessionID, SessionMove)
    /// Keeps the agent's own conversation id for a driver; `nil` forgets it.
    case setDriverSession(SessionID, driver: String, id: String?)
    /// Adds to the session's log; numbers and times are given by the transaction. Fails with `refused` for
    /// `task.queued`, `task.started`, `run.started`, `run.ended` and what ends a task, and `notFound` for a task or run
    /// that is not the session's. A `memory.captured` names what was there already in place of what its batch was to
    /// remember.
    case append(SessionID, [EventDraft])
    /// Hides the session and marks it for purging. Fails with `refused` while a task runs or waits; with `force` these
    /// end as cancelled, whoever runs them.
    case hideSession(SessionID, force: Bool)
    /// Removes rows of hidden sessions, at most so many, and counts them in the commit: memories with all that
    /// `forgetMemories` removes.
    case purgeHidden(limit: Int)
    /// Expires the sessions past their time that no task keeps busy, at most so many, and forgets their driver
    /// sessions. Logs `session.expired` in each. Idempotency keys past their time go as well.
    case expireSessions(limit: Int)
    /// Hides, with its memories and files to follow, each of these sessions that has not been used since then and that
    /// nothing else holds (see `idleSessions`); the others are left out.
    case retireSessions([SessionID], unusedSince: Timestamp)

    /// Queues a task. Fails with `refused` when the session takes none, `busy` when another live host has tasks of
    /// the session that have not ended, or works with the driver session that the task is to resume (`force`: these
    /// tasks end as interrupted, `lease_lost`, and that host is fenced),
    /// `deadHolder` when that host is dead, `limit` past `queueLimit` waiting tasks. Logs `task.queued`; counts the
    /// task in its session.
    case insertTask(AgentTask, force: Bool, queueLimit: Int)
    /// Takes the lease, marks the task and the session running and inserts the run. Fails with `superseded` when the
    /// task is no longer queued, `refused` when the session starts none now, `busy` or `deadHolder` when another host
    /// holds the session, or anyone the driver session that `Run` names. Logs `task.started`, `run.started`. Asked for
    /// again with the same run while that goes on, it changes nothing and is answered as it was.
    case startTask(TaskID, Run)
    /// A further run of a running task. Logs `run.started`.
    case insertRun(Run)
    /// What is known of a run by now. One that ended (`endedAt`) also enters the ledger, counts in its session's usage
    /// and logs `run.ended`. Fails with `superseded` when the run had ended before.
    case updateRun(Run)
    /// Keeps where a driver session stands. A rise is billed, as estimated, to the run of that driver session before
    /// the one that heard of it, if that ended without a result; else it is used outside, and no session's. Fails with
    /// `notFound` for the run. Nothing happens in a store of an older version.
    case keepReading(ReadingChange)
    /// Ends a task: result, terminal event, lease released, session moved on, a temporary session completed. Fails with
    /// `superseded` when it has ended, `fenced` when another host runs it, `busy` when it waits in another host.
    ///
    /// A result that names no run is of the last one there was. A task that has run leaves a checkpoint, named in its
    /// result; `from_checkpoint_id` there is what its run went on from. Runs still open end with it, with the usage
    /// that `updateRun` said last; the task's usage is the sum of its runs, whatever the result says, and its
    /// `last_session` is the project's: this session, if the run named its driver session. Open asks end as cancelled
    /// unless the task is interrupted. Logs `run.ended` for open runs, `permission.resolved` for open asks,
    /// `checkpoint.saved`, the terminal event with `TaskResult.json`, `session.completed`.
    case endTask(TaskID, TaskResult)
    /// Keeps where the session stands after a turn of a task's run. Fails with `notFound` for a task or run that is not
    /// the session's. Logs `checkpoint.saved`.
    case saveCheckpoint(SessionID, CheckpointDraft)
    /// Takes a session back to one of its checkpoints: what it stands at then is saved under the new id. Agents' own
    /// sessions stay only where nothing ran in them since. Fails with `refused` while tasks have not ended. Logs
    /// `session.restored`.
    case restoreSession(SessionID, CheckpointID, as: CheckpointID)
    /// Removes a checkpoint; those after it read as before. Fails with `refused` where the session stands there.
    case deleteCheckpoint(CheckpointID)
    /// Removes what sessions do not keep of their checkpoints, at most so many. `saveCheckpoint` and `endTask` do so in
    /// their session.
    case trimCheckpoints(limit: Int)
    /// Makes a session, unseen until `showFork`, that is to go on from where another stood. Fails with `notFound` for
    /// the other session and its checkpoint; a project that has been deleted is left out. Logs `session.created`,
    /// `session.forked`. One that nobody shows any more, since its host has died or calls `abandonSession`, is purged
    /// as if it was hidden.
    case forkSession(SessionFork)
    /// Copies a part of another session's conversation into one that is being made: prompts as messages, messages, tool
    /// calls; no tasks. `copiedSeq` says how far it came, `isMoreLeft` whether there is more.
    case copyHistory(HistoryCopy)
    /// Copies a part of what another session has remembered into one that is being made, under new ids and without
    /// history. `copiedDocument` says how far it came, `isMoreLeft` whether there is more. Fails with `notFound`.
    case copyMemories(MemoryCopy)
    /// Shows a session that was made by `forkSession`, with its memories. Saves its first checkpoint, with what a
    /// driver had said of its state.
    case showFork(SessionID, driver: JSON?, turn: Int?)
    case abandonSession(SessionID)
    /// Makes a session, unseen until `showImport`, of what another store wrote of it. One that nobody shows any more is
    /// purged like a fork's. Logs nothing: the log comes with it. Fails with `refused` where its id is used.
    case beginImport(SessionImport)
    /// Adds what the session owns, in the order of `SessionRecordCursor.Kind`; runs enter no ledger. May stop before
    /// the end, after one at least: `importedRecords` says how many there were. Ids of the session's own parts are
    /// changed wherever they stand. Fails with `refused` for what does not fit together, or has an id that is used,
    /// `notFound` for what refers to nothing.
    case importRecords(SessionImport, [SessionRecord])
    /// Has some of its memories be found in place of others only where those are here, once all of them have come.
    /// `isMoreLeft` says whether there are more.
    case settleImport(SessionImport)
    /// Looks whether everything is there and settled, and shows the session. Its project, its connection and its plan
    /// stay out where they are not in this store; the plan also in a copy. Fails with `refused`.
    case showImport(SessionImport)
    /// Replaces one with the same path in the session. Logs `artifact.created`.
    case insertArtifact(Artifact)

    case insertConnection(DatabaseConnection)
    case updateConnection(DatabaseConnection)
    /// Fails with `refused` while sessions that are not hidden or projects use it, and while it has more than 1,000
    /// memories: these are forgotten first. Fewer go with it and are counted in `forgotten`.
    case deleteConnection(ConnectionID)

    /// Fails with `notFound` when it names a connection that does not exist.
    case insertProject(Project)
    /// Fails with `notFound` for the project and for a connection that does not exist.
    case patchProject(ProjectID, ProjectPatch)
    /// Sessions keep the id of the project that they belonged to. Fails with `refused` while it has more than 1,000
    /// memories: these are forgotten first. Fewer go with it and are counted in `forgotten`.
    case deleteProject(ProjectID)
    /// Makes a session the one that its project's next task goes on in, with the driver session that it has of the
    /// task's driver. `endTask` does so itself after a run that named its driver session; this is for a session that
    /// was just made and for an agent that keeps none. Nothing happens to a session without a project.
    case useInProject(SessionID, driver: String, source: String?)

    /// Fails with `superseded` when its task has ended. Logs `permission.requested` or `question.asked`.
    case insertAsk(PermissionAsk)
    /// The first resolution counts: fails with `superseded`, `outdated` for an ask without a task, when there is one.
    /// Logs `permission.resolved` or `question.answered`.
    case resolveAsk(PermissionID, PermissionAsk.Resolution)
    /// Adds an answer that stays to `granted` of the session's permissions, in place of the oldest when there are 200.
    /// Logs `session.updated`, unless it is there.
    case grant(SessionID, JSON)
    /// Takes one away that is good once. Fails with `refused` when it is not there any more. Logs `session.updated`.
    case spendGrant(SessionID, JSON)

    /// Fails with `notFound` for its session and its project. Its revision is 1.
    case insertPlan(Plan)
    /// Keeps where a plan stands and who executes it, and counts its revision up. Fails with `outdated` unless it has
    /// the revision that the plan given has.
    case updatePlan(Plan)
    /// Fails with `refused` while it is running. Its session stays.
    case deletePlan(PlanID)
    /// Fails with `notFound` for its project. Its revision is 1.
    case insertWorkflow(Workflow)
    /// Keeps where a workflow stands and who runs it, and counts its revision up. Fails with `outdated` unless it has
    /// the revision that the workflow given has.
    case updateWorkflow(Workflow)

    /// Asks the host that owns a task to do something. Fails with `superseded` when the task has ended.
    case requestOwner(OwnerRequest)
    /// Removes what others asked of this host, each of them however often it was asked.
    case forgetOwnerRequests([OwnerRequest])
    /// Remembers, or replaces what the scope and namespace have under that key: the version before stays as history.
    /// Nothing happens when it has the same already, nor for a captured text that is there. Fails with `notFound` when
    /// the scope's session or connection does not exist, `refused` when the id is another memory's.
    case remember(MemoryDraft)
    /// Makes a new version, unless nothing changes. Fails with `notFound` for the memory, the scope or what is to be
    /// found in its place, `refused` when that is the memory itself or the new place has the key already.
    case updateMemory(MemoryID, MemoryPatch)
    /// Removes memories for good, with their history, their entries in the index and words that nothing else uses, and
    /// counts them in `forgotten`. What does not exist is left out.
    case forgetMemories([MemoryID])
    /// Has nothing of what was removed in any file of the store before the batch is answered. Fails with `overloaded`
    /// when readers stand in the way for too long: the batch has taken effect then all the same.
    case eraseTraces
    /// Counts that memories were told to an agent. No new version; what does not exist is left out.
    case markRecalled([MemoryID])
    /// Moves memories of sessions that have ended and that ask for it (`learning.promote_after`) to the scope of their
    /// database, else their project, else the user's, looking at so many at most and telling in the commit whether more
    /// are left. Of a text or key that is there already the later one stays. Logs `memory.captured` in each session.
    case promoteMemories(limit: Int)
    /// Keeps the vector of a version's text, in place of another. Nothing happens when the version is not the current
    /// one any more. Fails with `refused` for a vector without length.
    case keepEmbedding(MemoryID, document: Int, RecallEmbedding)
    /// Replaces the set of that name.
    case setSynonyms(SynonymSet)
    /// Fails with `notFound`.
    case deleteSynonyms(String)
    /// Replaces the set of that name.
    case setStopwords(StopwordSet)
    /// Fails with `notFound`.
    case deleteStopwords(String)

    /// Interrupts the tasks of a host that is dead (`host_lost`), with their terminal events, and frees its leases.
    /// Runs it left open enter the ledger as estimated with the usage known last, or unknown without any; asks stay
    /// open. A host that turns out to live fails it with `busy`; one that is buried already changes nothing.
    case buryHost(HostID)
}

extension StoreCommand {
    /// Work that can wait: refused with `overloaded` while the store has too much to write back.
    package var isBulk: Bool {
        switch self {
        case .purgeHidden, .expireSessions, .retireSessions, .trimCheckpoints, .copyHistory, .copyMemories,
            .importRecords, .settleImport, .promoteMemories:
            true
        default: false
        }
    }
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
