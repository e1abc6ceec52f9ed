import AgentModel
import Driver
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How the CLI is started for one run. Ids and values stand in one argument with their flag, so that none of them is
/// taken for an option.
struct ClaudeCommandLine {
    /// Why no command line can be made.
    struct Refusal: Error {
        let message: String
    }

    /// Linux takes no longer argument (MAX_ARG_STRLEN, its end included).
    private static let argumentBytesMax = 128 << 10

    /// What every run says: a dialogue in lines, asks included.
    private static let always = [
        "-p", "--input-format=stream-json", "--output-format=stream-json", "--verbose",
        "--permission-prompt-tool=stdio", "--include-partial-messages",
    ]

    /// Nothing but the task: no reports, updates or surveys of a program that nobody watches.
    private static let quiet = [
        "DISABLE_AUTOUPDATER", "DISABLE_BUG_COMMAND", "DISABLE_COST_WARNINGS", "DISABLE_ERROR_REPORTING",
        "DISABLE_TELEMETRY",
    ]

    /// Where the agent's model is and what opens it.
    static let inherits = [
        "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "CLAUDE_CODE_OAUTH_TOKEN",
        "CLAUDE_CONFIG_DIR",
    ]

    /// The process, with a warm key if an earlier one may serve.
    let process: ProcessSpec
    /// What a process must have been started with to serve such a run; `nil`: none may.
    let warmSettings: String?
    /// What is added to the agent's system prompt when memory has anything to say, with what the configuration adds: it
    /// goes by the first line of the dialogue, since arguments are for all to see. The same whenever the session is
    /// gone on with, so that the model's cache of the conversation stays good.
    let systemPrompt: String?

    init(_ request: RunRequest, _ configuration: ClaudeConfiguration) throws(Refusal) {
        guard let mode = Self.permissionMode(request) else {
            throw Refusal(message: "Claude Code's permissions.driver_mode is one of ask, accept_edits, bypass.")
        }
        let opening = PromptContext.opening(
            request.resumeID == nil ? request.memories : request.opening, request.guidance)
        systemPrompt =
            opening.isEmpty
            ? nil : ([configuration.appendSystemPrompt].compactMap(\.self) + opening).joined(separator: "\n\n")
        let settings = Self.settings(request, configuration, mode)
        let identity = Self.identity(request)
        for argument in settings + identity {
            guard argument.utf8.count < Self.argumentBytesMax, !argument.utf8.contains(0) else {
                let flag = argument.prefix { $0 != "=" }
                throw Refusal(message: "\(flag) is too long for the command line, or has a zero byte.")
            }
        }
        var process = ProcessSpec(
            executable: configuration.executable, arguments: Self.always + settings + identity,
            environment: Self.environment(request, configuration), inherits: Self.inherits + configuration.inherits,
            workingDirectory: request.session.workingDirectory)
        // What a process may spend it may spend once, and what keeps nothing cannot go on.
        let isWarm = configuration.isWarm && request.task.budget?.cost == nil && request.task.persistence == .resume
        warmSettings = isWarm ? Self.text(settings, process) : nil
        if let warmSettings, let id = request.resumeID, !request.forks {
            process.warmKey = WarmKey(driver: configuration.name, driverSessionID: id, settings: warmSettings)
        }
        self.process = process
    }

    /// What does not depend on which conversation it is.
    private static func settings(
        _ request: RunRequest, _ configuration: ClaudeConfiguration, _ mode: String
    ) -> [String] {
        var arguments = ["--permission-mode=\(mode)", "--max-turns=\(request.task.recursionLimit)"]
        if let model = request.session.model ?? configuration.model { arguments.append("--model=\(model)") }
        if let cost = request.task.budget?.cost { arguments.append("--max-budget-usd=\(cost.decimal)") }
        if let schema = request.task.outputSchema { arguments.append("--json-schema=\(schema.text)") }
        switch configuration.servers {
        case .file(let path): arguments.append("--mcp-config=\(path)")
        case .inline(let json): arguments.append("--mcp-config=\(json.text)")
        case nil: break
        }
        if let text = configuration.appendSystemPrompt { arguments.append("--append-system-prompt=\(text)") }
        return arguments + configuration.arguments
    }

    /// Which conversation it is.
    private static func identity(_ request: RunRequest) -> [String] {
        var arguments: [String] = []
        if let id = request.resumeID {
            arguments.append("--resume=\(id)")
            if request.forks { arguments.append("--fork-session") }
        }
        if request.resumeID == nil || request.forks, let id = request.offeredID {
            arguments.append("--session-id=\(id)")
        }
        if request.task.persistence == .fresh { arguments.append("--no-session-persistence") }
        return arguments
    }

    /// What the session's `permissions.driver_mode` may be, and what the CLI calls it. Asks come to the host in every
    /// mode; this is what the CLI decides without asking.
    private static let modes = [
        "ask": "default", "accept_edits": "acceptEdits", "acceptEdits": "acceptEdits", "bypass": "bypassPermissions",
        "bypassPermissions": "bypassPermissions",
    ]

    static func bypasses(mode: String) -> Bool { modes[mode] == "bypassPermissions" }

    static func permissionMode(_ request: RunRequest) -> String? {
        if request.task.planOnly { return "plan" }
        return modes[request.session.permissions["driver_mode"]?.stringValue ?? "ask"]
    }

    private static func environment(
        _ request: RunRequest, _ configuration: ClaudeConfiguration
    ) -> [String: String] {
        var variables = Dictionary(uniqueKeysWithValues: quiet.map { ($0, "1") })
        // The CLI refuses to bypass permissions as root, unless it is told that nothing can be harmed.
        if permissionMode(request) == "bypassPermissions", geteuid() == 0 { variables["IS_SANDBOX"] = "1" }
        return variables.merging(configuration.environment) { $1 }
    }

    /// Everything that two processes must share to stand for each other.
    private static func text(_ settings: [String], _ process: ProcessSpec) -> String {
        let variables = process.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let folder = process.workingDirectory ?? ""
        return JSON.array(
            [[process.executable], settings, variables, process.inherits, [folder]].map {
                .array($0.map(JSON.string))
            }
        ).text
    }
}

extension JSON {
    var text: String { String(decoding: encoded(), as: UTF8.self) }
}

extension Cost {
    /// In dollars, exact and without an exponent.
    var decimal: String {
        let digits = String(nanoDollars.magnitude % 1_000_000_000)
        let fraction = String(repeating: "0", count: 9 - digits.count) + digits
        return "\(nanoDollars < 0 ? "-" : "")\(nanoDollars.magnitude / 1_000_000_000).\(fraction)"
    }
}
