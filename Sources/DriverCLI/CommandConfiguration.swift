package import Driver
package import JSON

/// A program that the user made a driver of.
package struct CommandConfiguration: Hashable, Sendable {
    /// What the program writes on its stdout.
    package enum Output: String, Sendable, CaseIterable {
        /// Its answer as plain text; the prompt is all it gets on stdin.
        case text
        /// The lines of `docs/line-agents.md`.
        case lines
    }

    /// As sessions name it: lower-case letters, digits, `-` and `_`.
    package let name: String
    /// An absolute path, or a name to look up in `PATH`.
    package let executable: String
    package var arguments: [ArgumentTemplate] = []
    /// Variables to set.
    package var environment: [String: String] = [:]
    /// Names of further variables of the host's environment that it may see.
    package var inherits: [String] = []
    package var output = Output.lines
    package var capabilities: DriverCapabilities

    package init(name: String, executable: String, output: Output = .lines) {
        self.name = name
        self.executable = executable
        self.output = output
        capabilities = DriverCapabilities()
        capabilities.streamsText = true
        capabilities.concurrentRunsSafe = true
    }
}

extension CommandConfiguration {
    /// What a line agent may declare. Without `capabilities` it is `streams_text` and `concurrent_runs_safe`.
    private static let declarable: [(name: String, set: @Sendable (inout DriverCapabilities) -> Void)] = [
        ("accepts_session_id", { $0.acceptsSessionID = true }),
        ("asks_permission", { $0.asksPermission = true }),
        ("checkpoints", { $0.checkpoints = true }),
        ("concurrent_runs_safe", { $0.concurrentRunsSafe = true }),
        ("plan_only", { $0.plansOnly = true }),
        ("reports_cost", { $0.reportsCost = true }),
        ("reports_usage", { $0.reportsUsage = .perRun }),
        ("resumes", { $0.resumes = true }),
        ("steers", { $0.steers = true }),
        ("streams_text", { $0.streamsText = true }),
        ("structured_output", { $0.structuredOutput = true }),
        ("takes_images", { $0.takesImages = true }),
        ("uses_connections", { $0.usesConnections = true }),
        ("takes_memories", { $0.takesMemories = true }),
    ]

    /// What a program that writes plain text may declare.
    private static let declarableAsText: Set<String> = ["concurrent_runs_safe", "streams_text"]

    /// Reads `{name, executable, arguments?, environment?, inherits?, output?, capabilities?}`.
    package init(_ json: JSON) throws(ConfigurationError) {
        let members = ConfigurationMembers(json)
        self.init(name: try members.name("name"), executable: try members.executable("executable"))
        if let word = json["output"] {
            guard let known = Output(rawValue: word.stringValue ?? "") else {
                throw ConfigurationError(path: "output", message: "expected text or lines")
            }
            output = known
        }
        for (index, text) in try members.texts("arguments").enumerated() {
            do {
                arguments.append(try ArgumentTemplate(text))
            } catch {
                throw ConfigurationError(path: "arguments[\(index)]", message: "\(error)")
            }
        }
        inherits = try members.texts("inherits")
        environment = try members.variables("environment")
        if json["capabilities"] != nil { try declare(try members.texts("capabilities")) }
    }

    private mutating func declare(_ names: [String]) throws(ConfigurationError) {
        capabilities = DriverCapabilities()
        for (index, name) in names.enumerated() {
            guard let capability = Self.declarable.first(where: { $0.name == name }),
                output == .lines || Self.declarableAsText.contains(name)
            else {
                let known = Self.declarable.map(\.name).filter {
                    output == .lines || Self.declarableAsText.contains($0)
                }
                throw ConfigurationError(
                    path: "capabilities[\(index)]", message: "expected one of \(known.joined(separator: ", "))")
            }
            capability.set(&capabilities)
        }
    }
}
