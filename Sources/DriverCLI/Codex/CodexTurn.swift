import AgentModel
import Driver
import JSON

/// What one run asks of Codex, in the words of either transport.
struct CodexTurn: Hashable, Sendable {
    let request: RunRequest
    let configuration: CodexConfiguration

    init(_ request: RunRequest, _ configuration: CodexConfiguration) {
        self.request = request
        self.configuration = configuration
    }

    var model: String? { request.session.model ?? configuration.model }
    var outputSchema: JSON? { request.task.outputSchema }
    /// Nothing of it is kept for later tasks.
    var isEphemeral: Bool { request.task.persistence == .fresh && request.resumeID == nil }

    // MARK: - Permissions

    /// What the session's `permissions.driver_mode` may be.
    private static let modes = ["ask", "accept_edits", bypass]
    static let bypass = "bypass"

    private var mode: String { request.session.permissions["driver_mode"]?.stringValue ?? "ask" }

    /// When Codex asks. `untrusted`: before whatever is not known to only read; `on-request`: where the sandbox is in
    /// the way; `never`: what the sandbox forbids, fails.
    private var approvalPolicy: String {
        if request.task.planOnly { return "never" }
        return switch mode {
        case Self.bypass: "never"
        case "accept_edits": "on-request"
        default: "untrusted"
        }
    }

    private var sandbox: String {
        if request.task.planOnly { return "read-only" }
        switch mode {
        case Self.bypass: return "danger-full-access"
        case "accept_edits": return "workspace-write"
        // Nobody can be asked by exec: it must not write unasked.
        default: return configuration.transport == .exec ? "read-only" : "workspace-write"
        }
    }

    // MARK: - app-server

    /// Of `thread/start`, and of `thread/resume` and `thread/fork` with the thread's id added.
    var threadParams: JSONObject {
        var params: JSONObject = ["approvalPolicy": .string(approvalPolicy), "sandbox": .string(sandbox)]
        params.set("model", model)
        params.set("cwd", request.session.workingDirectory)
        return params
    }

    /// Of `turn/start`, without the thread's id. The context goes before the prompt, in the user's name: what memory
    /// recalls is data, not instructions of the developer's.
    var turnParams: JSONObject {
        var params: JSONObject = ["input": .array(input)]
        params["outputSchema"] = outputSchema
        return params
    }

    private var input: [JSON] {
        let context = PromptContext.blocks(request).map { Self.text($0) }
        return context + request.task.input.compactMap(Self.input)
    }

    /// A block of a task's input as Codex takes it; `nil` for what it has no form for.
    private static func input(_ block: JSON) -> JSON? {
        switch block["type"]?.stringValue {
        case "text": return block["text"]?.stringValue.map(text)
        case "image":
            if let path = block["path"]?.stringValue { return ["type": "localImage", "path": .string(path)] }
            guard let data = block["data"]?.stringValue, let type = block["media_type"]?.stringValue else { return nil }
            return ["type": "image", "url": .string("data:\(type);base64,\(data)")]
        case "file": return block["path"]?.stringValue.map { text("See the file \($0).") }
        default: return nil
        }
    }

    static func text(_ text: String) -> JSON { ["type": "text", "text": .string(text), "text_elements": []] }

    // MARK: - Processes

    var appServer: ProcessSpec {
        var spec = process(["app-server"] + overrides)
        if let id = request.resumeID, !request.forks { spec.warmKey = warmKey(id) }
        return spec
    }

    /// Which later run the process may serve: one on the same thread that would have started it the same.
    func warmKey(_ threadID: String) -> WarmKey {
        let spec = process(["app-server"] + overrides)
        let settings: JSON = [
            "arguments": .array(spec.arguments.map(JSON.string)), "thread": .object(threadParams),
            "environment": .object(
                JSONObject(spec.environment.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            "executable": .string(spec.executable), "inherits": .array(spec.inherits.map(JSON.string)),
        ]
        return WarmKey(driver: configuration.name, driverSessionID: threadID, settings: "\(settings)")
    }

    /// The prompt goes to its stdin.
    var exec: ProcessSpec {
        var arguments =
            ["exec", "--json", "--skip-git-repo-check", "--color=never", "--sandbox=\(sandbox)"] + overrides
        if let model { arguments.append("--model=\(model)") }
        if isEphemeral { arguments.append("--ephemeral") }
        if let id = request.resumeID { arguments += [request.forks ? "fork" : "resume", id] }
        return process(arguments + ["-"])
    }

    var execPrompt: String {
        let files = request.task.input.compactMap { block in
            block["type"] == "file" ? block["path"]?.stringValue.map { "See the file \($0)." } : nil
        }
        return (PromptContext.blocks(request) + [request.task.prompt] + files).joined(separator: "\n\n")
    }

    /// Why this cannot be done; `nil` when it can.
    var refusal: String? {
        if !Self.modes.contains(mode) {
            return "Codex has no permission mode \(mode), only \(Self.modes.joined(separator: ", "))."
        }
        return configuration.transport == .exec ? execRefusal : nil
    }

    private var execRefusal: String? {
        if outputSchema != nil {
            return
                "Codex takes a schema over `app-server` only: set `transport` of the driver \(configuration.name) to it."
        }
        if request.task.input.contains(where: { $0["type"] == "image" }) {
            return
                "Codex takes images over `app-server` only: set `transport` of the driver \(configuration.name) to it."
        }
        if let id = request.resumeID, id.hasPrefix("-") || id.utf8.contains(0) {
            return "\(id) is no session of Codex's."
        }
        return nil
    }

    private var overrides: [String] {
        configuration.overrides.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
    }

    private func process(_ arguments: [String]) -> ProcessSpec {
        ProcessSpec(
            executable: configuration.executable, arguments: configuration.arguments + arguments,
            environment: configuration.environment,
            inherits: CodexConfiguration.inheritedAlways + configuration.inherits,
            workingDirectory: request.session.workingDirectory)
    }
}
