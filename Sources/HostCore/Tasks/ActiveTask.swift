import AgentEngine
import AgentModel
import Driver
import JSON
import Store

/// A task that this host runs: its machine, the driver's machine, the process, and what waits to be recorded.
final class ActiveTask {
    let task: AgentTask
    let session: AgentSession
    let connection: DatabaseConnection?
    let driver: any Driver
    let leaseEpoch: Int
    let folder: Folder

    /// A process that served an earlier run and serves this one.
    struct Reused {
        /// The beginning of a line that it had not ended; `nil` once the run was told of it.
        var torn: [UInt8]?
        var wasHeard = false
    }

    struct Doubt {
        let batch: [StoreCommand]
        let failure: StoreFailure
        let witness: StoreWitness
    }

    var machine: TaskMachine
    var driverRun: (any DriverRun)?
    var child: ChildID?
    /// What the host does for the agent of the present run.
    var services: DriverServices?
    /// The last run before this task's first, on the driver session that it resumes.
    var previousRun: RunID?
    var reused: Reused?
    /// What its process may be kept for, once the run has completed.
    var warmKey: WarmKey?
    /// What the agent has written last, while it is being heard.
    var chunk: [UInt8] = []
    /// What a process that was kept had written to stderr during the run.
    var keptErrors: String?
    /// Keeps what the agent was trusted with out of all that is recorded and told.
    var redactor = Redactor.none
    /// Which of the task's runs is heard; events of an earlier one's process are late.
    var generation = 0
    /// Why the result of the run before this one was not accepted, with what it said.
    var feedback: (reason: String, output: String)?
    /// The next run begins when nothing is left of this one's process.
    var startsWhenGone = false
    /// What the agent has answered in a run whose result is being judged.
    var judgedOutput = ""
    var outbox = Outbox()
    /// The batch under way, if the store has not said what became of it nor could be asked.
    var doubt: Doubt?
    var failedAttempts = 0
    /// The last event of the session's log that is known here, for deltas.
    var lastSeq = 0
    /// What lay in the results folder before the run.
    var stampsBefore: [String: Folder.Stamp] = [:]
    /// Files that the agent has told of and that are recorded or being looked at.
    var announced: Set<String> = []
    var artifactsPending = 0
    /// What the agent is told of what memory holds.
    var memories: [RecalledMemory] = []
    /// What it was told at the beginning of its session, if it has forgotten that.
    var opening: [RecalledMemory] = []
    /// What it is told of the conversation, when it has no session of its own to go on with.
    var record: String?
    /// What it is told instead of the task's own context, since it has lost its session.
    var background: String?
    /// Where an earlier task stopped that this one goes on from.
    let continuation: Continuation?
    /// The session's own UUID has been given to an agent's session that is forgotten.
    var hasForgotten = false
    /// What it found out.
    var findings: [Finding] = []
    /// The place of its prompt in the session's conversation; `nil`: nothing of it is to be remembered.
    var turn: Int?
    /// How it ended, while the last of its files are looked at.
    var ending: (run: Run, result: TaskResult)?
    /// The session's permissions, with what was granted meanwhile.
    var permissions: JSONObject
    /// The end waits in the outbox or is committed.
    var isEndRecorded = false
    /// Another host has the session, or the store takes nothing: nothing more may be recorded or told.
    var isFenced = false
    /// Why nothing could be recorded any more, if the store was the cause.
    var storeFailure: StoreFailure?
    let startedAtMilliseconds: UInt64

    /// - Parameter commit: of the transaction that started it.
    init(
        task: AgentTask, session: AgentSession, connection: DatabaseConnection?, driver: any Driver, run: Run,
        continuing continuation: Continuation?, start commit: StoreCommit, limits: TaskMachine.Limits, now: UInt64
    ) {
        self.task = task
        self.session = session
        permissions = session.permissions
        self.connection = connection
        self.driver = driver
        leaseEpoch = commit.leaseEpoch ?? 0
        previousRun = commit.previousRun
        folder = Folder(path: session.resultsDirectory)
        self.continuation = continuation
        let turns = driver.capabilities.checkpoints && continuation?.state != nil ? continuation?.turn : nil
        machine = TaskMachine(
            task: task, in: session, run: run, reading: commit.reading, turns: turns ?? 0,
            rejectedRuns: continuation?.rejectedRuns ?? 0, limits: limits)
        startedAtMilliseconds = now
    }
}

/// A task that is about to start, with what its run needs to know.
struct Preparation: Sendable {
    var task: AgentTask
    var session: AgentSession
    var connection: DatabaseConnection?
    var knowledge: TaskKnowledge
    /// What the agent was told at the beginning of its session, if it forgets that.
    var opening: [RecalledMemory] = []
    var record: String?
    /// The agent's own session of another conversation, that this one's is to go off from.
    var forkOrigin: String?
    /// Agents of the session have had sessions of their own that it has been made to forget.
    var hasForgotten = false
    /// What the store was asked to start, once it was: asked again, it is to start the same.
    var run: Run?
}
