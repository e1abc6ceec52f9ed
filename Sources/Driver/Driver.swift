package import AgentModel

/// What operates one kind of agent. It starts runs; each run is a machine of its own.
package protocol Driver: Sendable {
    /// As sessions name it, e.g. `analyst`.
    var name: String { get }
    var capabilities: DriverCapabilities { get }
    /// What can run here and what is missing, without side effects and quickly; may look at files and the environment.
    func probe() -> DriverProbe
    func makeRun(_ request: RunRequest) -> any DriverRun
    /// The id of the last prompt that the agent's own record of a driver session holds, for agents that are given an id
    /// with each prompt: the UUID of a run, else somebody else had the last word. `nil` when the agent does not let it
    /// be known. Looks at files; may block.
    func lastPrompt(of driverSessionID: String) -> String?
    /// Whether a mode of the agent's own, as `permissions.driver_mode` names it, lets it do what it likes unasked.
    func isDangerous(mode: String) -> Bool
}

extension Driver {
    package func lastPrompt(of driverSessionID: String) -> String? { nil }
    package func isDangerous(mode: String) -> Bool { false }
}

/// One run as a machine: bytes in, effects out. It reads no clock and touches no descriptor.
package protocol DriverRun {
    mutating func handle(_ input: DriverInput) -> [DriverEffect]
}

package struct DriverCapabilities: Hashable, Sendable {
    package enum UsageReports: String, Sendable { case none, perRun = "per_run", cumulative }

    package var acceptsSessionID = false
    package var resumes = false
    package var forks = false
    package var structuredOutput = false
    package var asksPermission = false
    package var streamsText = false
    package var reportsUsage = UsageReports.none
    package var reportsCost = false
    package var steers = false
    package var takesImages = false
    package var concurrentRunsSafe = false
    /// Whether it can work on a database connection.
    package var usesConnections = false
    /// Whether it answers questions about a database and does nothing else.
    package var onlyAnalyses = false
    /// Whether it makes use of memories that the host recalled for its task.
    package var takesMemories = false
    /// Whether what it is told at the beginning of its session is no part of the conversation that it keeps: told it
    /// again, as it was, it goes on where it stood.
    package var forgetsOpening = false
    /// Whether it can be held to reading and proposing.
    package var plansOnly = false
    /// Whether it says at the end of each turn what it needs to go on from there, and goes on from it.
    package var checkpoints = false

    package init() {}
}

package struct DriverProbe: Hashable, Sendable {
    package var isAvailable: Bool
    package var version: String?
    /// What is missing, in a sentence.
    package var missing: String?
    /// How to get what is missing.
    package var advice: String?
    /// The program that was found, absolute.
    package var executable: String?
    /// Whether the agent has what it needs to reach its model; `nil` when that cannot be told without asking it.
    package var isSignedIn: Bool?
    /// Writes the agent's version to stdout when it is run.
    package var versionCommand: ProcessSpec?

    package init(isAvailable: Bool, version: String? = nil, missing: String? = nil, advice: String? = nil) {
        self.isAvailable = isAvailable
        self.version = version
        self.missing = missing
        self.advice = advice
    }
}

/// What a run has to do.
package struct RunRequest: Hashable, Sendable {
    package var runID: RunID
    package var session: AgentSession
    package var task: AgentTask
    package var connection: DatabaseConnection?
    /// What memory knows that may matter for the task, best first.
    package var memories: [RecalledMemory] = []
    /// What memory knew when the agent's own session began that it goes on with, for an agent that forgets it.
    package var opening: [RecalledMemory] = []
    /// What an agent that reports no findings is to do about them; `nil` when nobody keeps them.
    package var guidance: String?
    /// The agent's own session to go on with; `nil` starts a new one.
    package var resumeID: String?
    /// The id to give to a new driver session, where the agent takes one.
    package var offeredID: String?
    /// Goes on from `resumeID` in a new driver session and leaves that one as it is.
    package var forks = false
    /// What the session's log holds of the conversation so far, for an agent that does not know it; `nil` when it does.
    package var record: String?
    /// Where an earlier run stopped that this one goes on from; `nil` begins with the prompt.
    package var continuation: Continuation?

    package init(runID: RunID, session: AgentSession, task: AgentTask, connection: DatabaseConnection? = nil) {
        self.runID = runID
        self.session = session
        self.task = task
        self.connection = connection
    }
}

package enum DriverInput: Hashable, Sendable {
    case start
    /// The process that `spawn` asked for runs.
    case spawned
    /// It could not be started, and why.
    case spawnFailed(String)
    /// A process that an earlier run kept warm serves this one: it was kept under the key that `spawn` named.
    case reused
    /// Bytes of the agent's stdout, as they came.
    case output([UInt8])
    case outputEnded
    /// The last of what the process wrote to its stderr, told before `exited` unless there is nothing.
    case errorOutput(String)
    /// The process ended: exit code, or signal number as a negative number. What its stdout held by then was given as
    /// `output` before; a descendant that keeps that pipe open is not waited for.
    case exited(Int)
    /// The answer to an ask: an option's id, or `nil` for cancelled.
    case answer(askID: String, optionID: String?)
    /// Something that the user adds while the agent works; only where the driver steers.
    case steer(String)
    /// What a service came to.
    case served(id: String, ServiceResult)
    /// The driver's own way of cancelling, if it has one; the ladder goes on by itself.
    case cancel
}

package enum DriverEffect: Hashable, Sendable {
    case spawn(ProcessSpec)
    case write([UInt8])
    case closeInput
    case emit(DriverEvent)
    /// Answered with `served`, unless the run is over by then.
    case serve(id: String, DriverService)
    /// Just before `finish`: the process has nothing left to do and may serve the next run that spawns with this key.
    case keepWarm(WarmKey)
    /// The run is over: its only one. What the process still says is not listened to, and the process is ended.
    case finish(RunOutcome)
}

/// A process to start.
package struct ProcessSpec: Hashable, Sendable {
    /// An absolute path, or a name looked up in `PATH`.
    package var executable: String
    package var arguments: [String]
    /// Added to the allow-listed part of the host's environment.
    package var environment: [String: String]
    /// Names of further variables of the host's environment that it may see.
    package var inherits: [String]
    package var workingDirectory: String?
    /// Address space that it may take; 0: no limit.
    package var memoryBytesMax: UInt64 = 0
    /// Processor time that it may take; 0: no limit.
    package var processorSecondsMax: UInt64 = 0
    /// Size of a file that it may write; 0: no limit.
    package var fileBytesMax: UInt64 = 0
    /// A process kept warm under this key may serve instead; the run then hears `reused`.
    package var warmKey: WarmKey?

    package init(
        executable: String, arguments: [String] = [], environment: [String: String] = [:], inherits: [String] = [],
        workingDirectory: String? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.inherits = inherits
        self.workingDirectory = workingDirectory
    }
}

/// Which run a process that is kept warm may serve: one that would have started the same.
package struct WarmKey: Hashable, Sendable {
    package var driver: String
    /// The conversation that the process holds.
    package var driverSessionID: String
    /// Everything else that the process was started with: arguments, environment, folder.
    package var settings: String

    package init(driver: String, driverSessionID: String, settings: String) {
        self.driver = driver
        self.driverSessionID = driverSessionID
        self.settings = settings
    }
}
