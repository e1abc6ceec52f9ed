import AgentModel
package import Driver

/// The embedded agent: analyses a database connection in a worker process of the host's own, without a model.
/// It has no sessions of its own, so its runs return no driver session.
package struct AnalystDriver: Driver {
    private let executable: String
    private let refusing: [String]

    /// - Parameter executable: absolute path of the program whose `worker analyst` this driver starts.
    /// - Parameter refusing: files that it never opens as a database: the host's own store.
    package init(executable: String, refusing: [String] = []) {
        self.executable = executable
        self.refusing = refusing
    }

    package let name = "analyst"

    package var capabilities: DriverCapabilities {
        var capabilities = DriverCapabilities()
        capabilities.reportsUsage = .perRun
        capabilities.reportsCost = true
        capabilities.concurrentRunsSafe = true
        capabilities.usesConnections = true
        capabilities.onlyAnalyses = true
        capabilities.takesMemories = true
        capabilities.plansOnly = true
        capabilities.checkpoints = true
        return capabilities
    }

    package func probe() -> DriverProbe { DriverProbe(isAvailable: true) }

    package func makeRun(_ request: RunRequest) -> any DriverRun {
        let inherits = request.connection?.passwordEnv.map { [$0] } ?? []
        var process = ProcessSpec(
            executable: executable, arguments: ["worker", "analyst"] + refusing, inherits: inherits)
        process.memoryBytesMax = 2 << 30
        process.processorSecondsMax = 3600
        process.fileBytesMax = 1 << 40
        return LineRun(request, process: process)
    }
}
