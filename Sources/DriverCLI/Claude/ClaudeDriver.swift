import AgentModel
package import Driver

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Claude Code by its command-line program.
package struct ClaudeDriver: Driver {
    package let configuration: ClaudeConfiguration

    package init(_ configuration: ClaudeConfiguration = ClaudeConfiguration()) { self.configuration = configuration }

    package var name: String { configuration.name }

    package var capabilities: DriverCapabilities {
        var capabilities = DriverCapabilities()
        capabilities.acceptsSessionID = true
        capabilities.resumes = true
        capabilities.forks = true
        capabilities.structuredOutput = true
        capabilities.asksPermission = true
        capabilities.streamsText = true
        capabilities.reportsUsage = .perRun
        capabilities.reportsCost = true
        capabilities.takesImages = true
        capabilities.concurrentRunsSafe = true
        capabilities.takesMemories = true
        capabilities.forgetsOpening = true
        capabilities.plansOnly = true
        return capabilities
    }

    package func probe() -> DriverProbe {
        let path = Self.variable("PATH") ?? ""
        guard let executable = ExecutableSearch.find(configuration.executable, path: path) else {
            return DriverProbe(
                isAvailable: false, missing: ExecutableSearch.missing(configuration.executable),
                advice: """
                    Install Claude Code with `npm install -g @anthropic-ai/claude-code`, or set `executable` of the \
                    driver \(name) to its absolute path.
                    """)
        }
        var probe = DriverProbe(isAvailable: true)
        probe.executable = executable
        probe.versionCommand = ProcessSpec(executable: executable, arguments: ["--version"])
        probe.isSignedIn = isSignedIn
        if probe.isSignedIn == false {
            probe.missing = "Claude Code is not signed in."
            probe.advice = "Run `claude` once and sign in with /login, or set ANTHROPIC_API_KEY."
        }
        return probe
    }

    /// Whether there is a key, a token or the file that signing in leaves; `nil` where they may be where nobody looks
    /// from outside: in the system's keychain, or with a cloud that the environment names.
    private var isSignedIn: Bool? {
        let keys = ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"]
        if keys.contains(where: { set($0) != nil }) { return true }
        if let folder, access("\(folder)/.credentials.json", R_OK) == 0 { return true }
        if set("CLAUDE_CODE_USE_BEDROCK") != nil || set("CLAUDE_CODE_USE_VERTEX") != nil { return nil }
        #if canImport(Darwin)
            return nil
        #else
            return false
        #endif
    }

    /// Where the CLI keeps what it knows.
    private var folder: String? {
        let home = configuration.environment["HOME"] ?? Self.variable("HOME")
        return set("CLAUDE_CONFIG_DIR") ?? home.map { "\($0)/.claude" }
    }

    package func lastPrompt(of driverSessionID: String) -> String? {
        folder.flatMap { ClaudeRecord(of: driverSessionID, in: $0) }?.lastPrompt()
    }

    /// What the CLI will find under a name; an empty value is none.
    private func set(_ variable: String) -> String? {
        if let value = configuration.environment[variable] { return value.isEmpty ? nil : value }
        guard (ClaudeCommandLine.inherits + configuration.inherits).contains(variable) else { return nil }
        return Self.variable(variable)
    }

    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
        return value
    }

    package func isDangerous(mode: String) -> Bool { ClaudeCommandLine.bypasses(mode: mode) }

    package func makeRun(_ request: RunRequest) -> any DriverRun {
        do throws(ClaudeCommandLine.Refusal) {
            return ClaudeRun(request, try ClaudeCommandLine(request, configuration), driver: name)
        } catch {
            return RefusedRun(error: TaskError(code: 1013, reason: "unsupported", message: error.message))
        }
    }
}
