import AgentEngine
package import Driver
package import JSON

/// What a host is told at its start.
package struct HostOptions {
    /// What to do with running tasks when the input ends.
    package enum AtEndOfInput: String, Sendable, CaseIterable {
        /// Finish them, then end.
        case finish
        case cancel
    }

    /// What to do with running tasks when the client reads no more.
    package enum AtDisconnect: String, Sendable, CaseIterable {
        /// Interrupt them, resumably.
        case interrupt
        case finish
    }

    package var version: String
    /// Descriptors of the client.
    package var input: Int32 = 0
    package var output: Int32 = 1
    package var atEndOfInput = AtEndOfInput.finish
    package var atDisconnect = AtDisconnect.interrupt
    package var drivers: [any Driver] = []
    package var defaultDriver = "analyst"
    /// The folder that results folders are made in.
    package var resultsRoot: String
    /// The folder that deleted results are moved to before they are removed.
    package var trashRoot: String
    /// The executable that workers are started from, with its arguments.
    package var worker: [String]
    package var environment: ChildEnvironment
    /// A `PermissionPolicy` of the protocol: that of sessions that are made without one.
    package var permissions: JSONObject = [:]
    /// By driver: the dangerous modes of its agent's own that sessions may ask for.
    package var driverModes: [String: Set<String>] = [:]
    /// What relative paths of requests start from.
    package var workingDirectory = "/"
    package var stallMilliseconds = 600_000
    package var queuedTasksMax = 1000
    /// One record of a message or a tool's output.
    package var messageBytesMax = 1 << 20
    /// Runs at a time, over all sessions.
    package var runsMax = 64
    /// Processes that wait for the next run of their driver session; 0: none does.
    package var warmProcessesMax = 4
    /// How long each waits.
    package var warmIdleMilliseconds = 600_000
    /// How long a session is kept that nobody uses; `nil`: for good.
    package var sessionsKeptSeconds: Int?
    package var lineBytesMax = 16 << 20
    package var requestsMax = 1024
    package var outputBytesMax = 32 << 20
    /// Where memories get their vectors from; `nil`: memory is found by its words alone.
    package var embeddings: EmbeddingConfiguration?
    var system = HostSystem()
    /// Told what a person running the host should know.
    package var log: @Sendable (String) -> Void = { _ in }

    package init(
        version: String, resultsRoot: String, trashRoot: String, worker: [String], environment: ChildEnvironment
    ) {
        self.version = version
        self.resultsRoot = resultsRoot
        self.trashRoot = trashRoot
        self.worker = worker
        self.environment = environment
    }
}
