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

/// What is wrong with a configuration.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The member, e.g. `arguments[2]`.
    package let path: String
    package let message: String

    package var description: String { "\(path): \(message)" }
}

extension CommandConfiguration {
    /// What a line agent may declare. Without `capabilities` it is `streams_text` and `concurrent_runs_safe`.
    private static let declarable: [(name: String, set: @Sendable (inout DriverCapabilities) -> Void)] = [
        ("accepts_session_id", { $0.acceptsSessionID = true }),
        ("asks_permission", { $0.asksPermission = true }),
        ("concurrent_runs_safe", { $0.concurrentRunsSafe = true }),
        ("reports_cost", { $0.reportsCost = true }),
        ("reports_usage", { $0.reportsUsage = .perRun }),
        ("resumes", { $0.resumes = true }),
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
        let name = try Self.text(json, "name")
        let isName = name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
        }
        guard isName else {
            throw ConfigurationError(path: "name", message: "only lower-case letters, digits, - and _ are allowed")
        }
        let executable = try Self.text(json, "executable")
        guard executable.hasPrefix("/") || !executable.contains("/") else {
            throw ConfigurationError(path: "executable", message: "expected an absolute path or a name without /")
        }
        self.init(name: name, executable: executable)
        if let word = json["output"] {
            guard let known = Output(rawValue: word.stringValue ?? "") else {
                throw ConfigurationError(path: "output", message: "expected text or lines")
            }
            output = known
        }
        for (index, text) in try Self.texts(json, "arguments").enumerated() {
            do {
                arguments.append(try ArgumentTemplate(text))
            } catch {
                throw ConfigurationError(path: "arguments[\(index)]", message: "\(error)")
            }
        }
        inherits = try Self.texts(json, "inherits")
        environment = try Self.environment(json)
        if json["capabilities"] != nil { try declare(try Self.texts(json, "capabilities")) }
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

    private static func text(_ json: JSON, _ key: String) throws(ConfigurationError) -> String {
        guard let text = json[key]?.stringValue, !text.isEmpty, !text.utf8.contains(0) else {
            throw ConfigurationError(path: key, message: "expected a text that is not empty")
        }
        return text
    }

    private static func texts(_ json: JSON, _ key: String) throws(ConfigurationError) -> [String] {
        guard let value = json[key] else { return [] }
        guard let texts = value.arrayValue?.map(\.stringValue),
            !texts.contains(where: { $0?.utf8.contains(0) != false })
        else { throw ConfigurationError(path: key, message: "expected a list of texts") }
        return texts.compactMap { $0 }
    }

    private static func environment(_ json: JSON) throws(ConfigurationError) -> [String: String] {
        guard let value = json["environment"] else { return [:] }
        guard let object = value.objectValue else {
            throw ConfigurationError(path: "environment", message: "expected an object of texts")
        }
        var variables: [String: String] = [:]
        for member in object {
            guard let text = member.value.stringValue, !text.utf8.contains(0), !member.key.isEmpty,
                !member.key.utf8.contains(0), !member.key.contains("=")
            else { throw ConfigurationError(path: "environment.\(member.key)", message: "expected a text") }
            variables[member.key] = text
        }
        return variables
    }
}
