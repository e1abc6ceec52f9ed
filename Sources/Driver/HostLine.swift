import AgentModel
package import JSON

/// A line that the host writes to a line agent's stdin.
package enum HostLine: Hashable, Sendable {
    /// Always the first line.
    case start(LineStart)
    /// The answer to an ask: an option's id, or `nil` when nobody chose one.
    case answer(askID: String, optionID: String?)
    /// Something that the user adds while the agent works.
    case steer(String)
    /// End the run soon, with a result.
    case cancel

    package init(_ json: JSON) throws(LineError) {
        guard let object = json.objectValue else { throw LineError(path: "", expected: "an object") }
        let members = LineMembers(object: object)
        switch members.string("type") {
        case "start": self = .start(try LineStart(line: object))
        case "answer":
            self = .answer(askID: try members.required("ask_id"), optionID: members.string("option_id"))
        case "steer": self = .steer(try members.required("text"))
        case "cancel": self = .cancel
        default: throw LineError(path: "type", expected: "start, answer, steer or cancel")
        }
    }

    package var json: JSON {
        switch self {
        case .start(let start): start.line
        case .answer(let askID, let optionID):
            ["type": "answer", "ask_id": .string(askID), "option_id": optionID.map { .string($0) } ?? .null]
        case .steer(let text): ["type": "steer", "text": .string(text)]
        case .cancel: ["type": "cancel"]
        }
    }

    /// The line with its newline.
    package var bytes: [UInt8] { json.encoded() + [UInt8(ascii: "\n")] }
}

/// What is wrong with a line.
package struct LineError: Error, Hashable, Sendable {
    /// The member, e.g. `connection.dialect`; empty for the line itself.
    package var path: String
    package var expected: String

    package init(path: String, expected: String) {
        self.path = path
        self.expected = expected
    }
}

extension LineMembers {
    fileprivate func required(_ key: String, in parent: String = "") throws(LineError) -> String {
        guard let text = string(key) else { throw LineError(path: parent + key, expected: "a text") }
        return text
    }
}

extension LineStart {
    init(line object: JSONObject) throws(LineError) {
        let members = LineMembers(object: object)
        self.init(
            runID: try members.required("run_id"), taskID: try members.required("task_id"),
            sessionID: try members.required("session_id"), prompt: try members.required("prompt"),
            resultsDirectory: try members.required("results_dir"))
        if let blocks = object["input"]?.arrayValue { input = blocks }
        if let word = members.string("mode") {
            guard let known = SessionMode(rawValue: word) else {
                throw LineError(path: "mode", expected: SessionMode.allCases.map(\.rawValue).joined(separator: ", "))
            }
            mode = known
        }
        planOnly = members.flag("plan_only")
        recursionLimit = members.count("recursion_limit") ?? recursionLimit
        model = members.name("model")
        context = members.value("context")
        outputSchema = members.value("output_schema")
        metadata = object["metadata"]?.objectValue
        resumeID = members.name("resume_id")
        offeredID = members.name("offered_id")
        workingDirectory = members.name("working_dir")
        if let value = members.value("connection") { connection = try Connection(line: value) }
        record = members.name("record")
        continuation = Continuation(line: object["continuation"])
        memories = (object["memories"]?.arrayValue ?? []).compactMap(RecalledMemory.init(line:))
    }

    var line: JSON {
        .line("start") {
            $0["run_id"] = .string(runID)
            $0["task_id"] = .string(taskID)
            $0["session_id"] = .string(sessionID)
            $0["prompt"] = .string(prompt)
            $0["input"] = .array(input)
            $0["mode"] = .string(mode.rawValue)
            $0["plan_only"] = .bool(planOnly)
            $0.set("recursion_limit", recursionLimit)
            $0.set("model", model)
            $0["context"] = context
            $0["output_schema"] = outputSchema
            $0["metadata"] = metadata.map { .object($0) }
            $0.set("resume_id", resumeID)
            $0.set("offered_id", offeredID)
            $0["results_dir"] = .string(resultsDirectory)
            $0.set("working_dir", workingDirectory)
            $0["connection"] = connection?.json
            $0.set("record", record)
            $0["continuation"] = continuation?.line
            if !memories.isEmpty { $0["memories"] = .array(memories.map(\.line)) }
        }
    }
}

extension LineStart.Connection {
    init(line json: JSON) throws(LineError) {
        guard let object = json.objectValue else { throw LineError(path: "connection", expected: "an object") }
        let members = LineMembers(object: object)
        guard let dialect = DatabaseDialect(rawValue: members.string("dialect") ?? "") else {
            throw LineError(
                path: "connection.dialect",
                expected: DatabaseDialect.allCases.map(\.rawValue).joined(separator: ", "))
        }
        self.init(name: members.string("name") ?? "", dialect: dialect)
        path = members.name("path")
        url = members.name("url")
        passwordEnv = members.name("password_env")
        readOnly = object["read_only"]?.boolValue ?? true
        allowSuperuser = members.flag("allow_superuser")
    }

    var json: JSON {
        var object: JSONObject = ["name": .string(name), "dialect": .string(dialect.rawValue)]
        object.set("path", path)
        object.set("url", url)
        object.set("password_env", passwordEnv)
        object["read_only"] = .bool(readOnly)
        object["allow_superuser"] = .bool(allowSuperuser)
        return .object(object)
    }
}
