import AgentModel
package import Driver

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// OpenAI's Codex CLI.
package struct CodexDriver: Driver {
    package let configuration: CodexConfiguration
    private let hostVersion: String

    package init(_ configuration: CodexConfiguration = CodexConfiguration(), hostVersion: String) {
        self.configuration = configuration
        self.hostVersion = hostVersion
    }

    package var name: String { configuration.name }

    package var capabilities: DriverCapabilities {
        var capabilities = DriverCapabilities()
        capabilities.resumes = true
        capabilities.forks = true
        capabilities.reportsUsage = .cumulative
        capabilities.concurrentRunsSafe = true
        capabilities.takesMemories = true
        capabilities.plansOnly = true
        guard configuration.transport == .appServer else { return capabilities }
        capabilities.structuredOutput = true
        capabilities.asksPermission = true
        capabilities.streamsText = true
        capabilities.steers = true
        capabilities.takesImages = true
        return capabilities
    }

    package func probe() -> DriverProbe {
        guard let path = ExecutableSearch.find(configuration.executable, path: variable("PATH") ?? "") else {
            return DriverProbe(
                isAvailable: false,
                missing: ExecutableSearch.missing(configuration.executable),
                advice: "Install Codex (npm install -g @openai/codex, or pip install openai-codex), "
                    + "or set `executable` of the driver \(name) to its absolute path.")
        }
        var probe = DriverProbe(isAvailable: true)
        probe.executable = path
        probe.isSignedIn = isSignedIn
        if probe.isSignedIn == false {
            probe.advice =
                "Sign in with `codex login`, set OPENAI_API_KEY, or name a model provider in Codex's config.toml."
        }
        var spec = ProcessSpec(executable: path, arguments: configuration.arguments + ["--version"])
        spec.environment = configuration.environment
        spec.inherits = CodexConfiguration.inheritedAlways + configuration.inherits
        probe.versionCommand = spec
        return probe
    }

    package func isDangerous(mode: String) -> Bool { mode == CodexTurn.bypass }

    package func makeRun(_ request: RunRequest) -> any DriverRun {
        let turn = CodexTurn(request, configuration)
        if let why = turn.refusal {
            return RefusedRun(error: TaskError(code: 1013, reason: "unsupported", message: why))
        }
        return switch configuration.transport {
        case .appServer: CodexAppServerRun(turn, hostVersion: hostVersion)
        case .exec: CodexExecRun(turn)
        }
    }

    /// A key, or a file that a login left. With neither, a model provider of the user's own may do without: then it
    /// cannot be told.
    private var isSignedIn: Bool? {
        if ["OPENAI_API_KEY", "CODEX_API_KEY"].contains(where: { !(variable($0) ?? "").isEmpty }) { return true }
        let home = variable("CODEX_HOME") ?? variable("HOME").map { $0 + "/.codex" }
        guard let home, !home.isEmpty else { return nil }
        if access(home + "/auth.json", R_OK) == 0 { return true }
        return access(home + "/config.toml", R_OK) == 0 ? nil : false
    }

    /// As Codex will see it.
    private func variable(_ name: String) -> String? {
        configuration.environment[name] ?? getenv(name).map { String(cString: $0) }
    }
}
