import Driver

/// `agenthost trust`: a project's own configuration is used once its user has looked at it.
enum TrustCommand {
    static let command = Command(
        "trust", "Use the project's own configuration from now on.", operands: "[FLAGS]",
        about: """
            A project may bring .agenthost/config.json with it. It can name programs to run, so it is used only after \
            this, and only as long as it does not change. Shows what it would set before it is trusted.
            """,
        flags: [Flag("--revoke", "Trust it no more.")],
        examples: ["agenthost trust", "agenthost trust --revoke"], run: run)

    private static func run(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        try arguments.none()
        let folder = Locations.currentDirectory()
        let folders = ConfigurationFolders(environment: invocation.environment, workingDirectory: folder)
        guard let path = folders.project else {
            throw CommandLineError("there is no .agenthost/config.json in \(folder) or above it", .noInput)
        }
        guard let trustFile = folders.trustFile else {
            throw CommandLineError("there is no HOME to keep the trust in", .configuration)
        }
        var trusted = TrustedFiles(path: trustFile)
        let terminal = Terminal.standardOutput
        if arguments.has("--revoke") {
            let wasTrusted = try trusted.distrust(path)
            terminal.say(wasTrusted ? "\(path) is no longer trusted." : "\(path) was not trusted.")
            return .completed
        }
        let file = try ConfigurationFile(path: path)
        var configuration = Configuration()
        try configuration.apply(file, of: .project)
        for line in summary(configuration) { terminal.say("• \(line)") }
        try trusted.trust(file)
        terminal.say("\(path) is trusted until it changes.", .green)
        return .completed
    }

    /// What the file sets, in words.
    private static func summary(_ configuration: Configuration) -> [String] {
        var lines = configuration.drivers.map { "driver \($0.name)" }
        if let name = configuration.defaultDriver { lines.append("default driver \(name)") }
        if configuration.permissions != nil { lines.append("permissions of new sessions") }
        if configuration.embeddings != nil { lines.append("where memories get their vectors from") }
        if configuration.warm.processes != nil || configuration.warm.idleSeconds != nil {
            lines.append("how many agents' processes stay warm")
        }
        return lines.isEmpty ? ["nothing"] : lines
    }
}
