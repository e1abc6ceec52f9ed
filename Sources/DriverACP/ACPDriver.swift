import AgentModel
package import Driver

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Any agent of the Agent Client Protocol, version 1: one process and one prompt for each run.
package struct ACPDriver: Driver {
    package let configuration: ACPConfiguration
    /// What the agent is told of who speaks to it.
    private let hostVersion: String

    package init(_ configuration: ACPConfiguration, hostVersion: String) {
        self.configuration = configuration
        self.hostVersion = hostVersion
    }

    package var name: String { configuration.name }

    package var capabilities: DriverCapabilities {
        var capabilities = DriverCapabilities()
        capabilities.resumes = true
        capabilities.asksPermission = true
        capabilities.streamsText = true
        capabilities.takesImages = true
        capabilities.takesMemories = true
        capabilities.plansOnly = true
        capabilities.concurrentRunsSafe = true
        switch configuration.usage {
        case .turn: capabilities.reportsUsage = .perRun
        case .session: capabilities.reportsUsage = .cumulative
        case nil: break
        }
        return capabilities
    }

    package func probe() -> DriverProbe {
        let executable = configuration.executable
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        if let found = ExecutableSearch.find(executable, path: path) {
            var probe = DriverProbe(isAvailable: true)
            probe.executable = found
            probe.versionCommand = configuration.versionArguments.map { ProcessSpec(executable: found, arguments: $0) }
            return probe
        }
        let set = "set `executable` of the driver \(name) to its absolute path"
        return DriverProbe(
            isAvailable: false, missing: ExecutableSearch.missing(executable),
            advice: configuration.advice.map { "\($0) Or \(set)." } ?? "Install it, or \(set).")
    }

    /// Agents name their modes as they like, and the protocol does not say what one allows: the words that agents use
    /// for such modes (`yolo`, `bypassPermissions`, `auto-approve`, `auto`, `danger-full-access`) count anywhere.
    package func isDangerous(mode: String) -> Bool {
        let mode = mode.lowercased()
        return ["approve", "auto", "bypass", "danger", "full", "never", "skip", "unrestricted", "yolo"]
            .contains { word in mode.indices.contains { mode[$0...].hasPrefix(word) } }
    }

    package func makeRun(_ request: RunRequest) -> any DriverRun {
        ACPRun(request, configuration, hostVersion: hostVersion)
    }
}
