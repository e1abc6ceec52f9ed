import AgentModel
package import Driver

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Any program as an agent: prompt on stdin, text or lines out, the exit code is the outcome.
package struct CommandDriver: Driver {
    package let configuration: CommandConfiguration

    package init(_ configuration: CommandConfiguration) { self.configuration = configuration }

    package var name: String { configuration.name }
    package var capabilities: DriverCapabilities { configuration.capabilities }

    package func probe() -> DriverProbe {
        let executable = configuration.executable
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        if ExecutableSearch.find(executable, path: path) != nil { return DriverProbe(isAvailable: true) }
        return DriverProbe(
            isAvailable: false, missing: ExecutableSearch.missing(executable),
            advice: executable.hasPrefix("/")
                ? "Set `executable` of the driver \(name) to a file with the executable bit."
                : "Install it, or set `executable` of the driver \(name) to its absolute path.")
    }

    package func makeRun(_ request: RunRequest) -> any DriverRun {
        let request = narrowed(request)
        do {
            let process = try process(for: request)
            return switch configuration.output {
            case .lines: LineRun(request, process: process)
            case .text:
                TextRun(
                    prompt: (PromptContext.blocks(request) + [request.task.prompt]).joined(separator: "\n\n"),
                    process: process)
            }
        } catch {
            return RefusedRun(
                error: TaskError(
                    code: 1013, reason: "unsupported",
                    message: "The arguments of the driver \(name) cannot be made: \(error)."))
        }
    }

    /// The request without what the program did not declare to understand.
    private func narrowed(_ request: RunRequest) -> RunRequest {
        var request = request
        if !capabilities.resumes { request.resumeID = nil }
        if !capabilities.acceptsSessionID { request.offeredID = nil }
        if !capabilities.usesConnections { request.connection = nil }
        if !capabilities.takesMemories { request.memories = [] }
        if !capabilities.checkpoints { request.continuation = nil }
        return request
    }

    private func process(for request: RunRequest) throws(ArgumentTemplate.Fault) -> ProcessSpec {
        var arguments: [String] = []
        for template in configuration.arguments {
            if let argument = try template.expanded(for: request) { arguments.append(argument) }
        }
        var inherits = configuration.inherits
        if let variable = request.connection?.passwordEnv { inherits.append(variable) }
        return ProcessSpec(
            executable: configuration.executable, arguments: arguments, environment: configuration.environment,
            inherits: inherits, workingDirectory: request.session.workingDirectory)
    }
}
