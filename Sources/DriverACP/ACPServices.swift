import Driver
import JSON

/// What an agent asks its client to do, in the host's words, and the answers in the protocol's.
enum ACPServices {
    /// `nil` for a method that is none of a client's hands.
    static func service(_ method: String, _ params: JSON) -> Result<DriverService, PeerError>? {
        switch method {
        case "fs/read_text_file":
            return text(params, "path").map {
                .readTextFile(
                    path: $0, firstLine: params["line"]?.intValue.map { max(1, $0) },
                    lineLimit: params["limit"]?.intValue.map { max(0, $0) })
            }
        case "fs/write_text_file":
            guard let content = params["content"]?.stringValue else {
                return .failure(.invalidParams("content: expected a text"))
            }
            return text(params, "path").map { .writeTextFile(path: $0, text: content) }
        case "terminal/create": return text(params, "command").map { .createTerminal(terminal($0, params)) }
        case "terminal/output": return text(params, "terminalId").map { .terminalOutput(terminalID: $0) }
        case "terminal/wait_for_exit": return text(params, "terminalId").map { .waitForTerminal(terminalID: $0) }
        case "terminal/kill": return text(params, "terminalId").map { .killTerminal(terminalID: $0) }
        case "terminal/release": return text(params, "terminalId").map { .releaseTerminal(terminalID: $0) }
        default: return nil
        }
    }

    /// The answer to a request of this method.
    static func reply(_ method: String, _ result: ServiceResult) -> PeerRPC.Reply {
        switch result {
        case .done: .result([:])
        case .text(let text): .result(["content": .string(text)])
        case .terminal(let id): .result(["terminalId": .string(id)])
        case .output(let output): .result(method == "terminal/output" ? state(output) : end(output.status))
        case .notFound(let why): .error(PeerError(code: ACPErrors.resourceNotFound, message: why))
        case .refused(let why): .error(PeerError(code: ACPErrors.internalError, message: why))
        }
    }

    private static func text(_ params: JSON, _ key: String) -> Result<String, PeerError> {
        guard let text = params[key]?.stringValue, !text.isEmpty else {
            return .failure(.invalidParams("\(key): expected a text that is not empty"))
        }
        return .success(text)
    }

    private static func terminal(_ command: String, _ params: JSON) -> TerminalSpec {
        var spec = TerminalSpec(command: command)
        spec.arguments = (params["args"]?.arrayValue ?? []).compactMap(\.stringValue)
        for variable in params["env"]?.arrayValue ?? [] {
            if let name = variable["name"]?.stringValue { spec.environment[name] = variable["value"]?.stringValue }
        }
        spec.workingDirectory = params["cwd"]?.stringValue
        spec.outputBytesMax = params["outputByteLimit"]?.intValue
        return spec
    }

    private static func state(_ output: TerminalOutput) -> JSON {
        [
            "output": .string(output.text), "truncated": .bool(output.isCut),
            "exitStatus": output.status == nil ? .null : end(output.status),
        ]
    }

    private static func end(_ status: Int?) -> JSON {
        guard let status else { return ["exitCode": .null, "signal": .null] }
        return status < 0
            ? ["exitCode": .null, "signal": .string(signalName(-status))]
            : ["exitCode": .int(Int64(status)), "signal": .null]
    }

    /// The numbers that all systems share.
    private static func signalName(_ number: Int) -> String {
        let names = [
            1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 8: "SIGFPE", 9: "SIGKILL",
            11: "SIGSEGV", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
        ]
        return names[number] ?? "signal \(number)"
    }
}
