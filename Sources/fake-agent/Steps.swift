import AgentModel
import Driver
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a script may ask for: a step is an object with one of these as a member, and what belongs to it beside.
enum StepName: String, CaseIterable {
    case say, delta, think, tool, ask, usage, turn, line, result, session, recall, echo, call
    case echoEnvironment = "echo_env"
    case repeated = "repeat"
    case writeFile = "write_file"
    case compose
    case sleep = "sleep_ms"
    case steered, checkpoint
    case unlessContinued = "unless_continued"
    case usageBefore = "usage_before"
    case usageTotal = "usage_total"
    case stall, raw, bytes, tear, exit, kill, grandchild
    case floodStandardError = "flood_stderr"
    case floodStandardOutput = "flood_stdout"
    case longLine = "long_line"
    case ignoreSigterm = "ignore_sigterm"
    case ignoreCancel = "ignore_cancel"
    case ignoreEndOfInput = "ignore_eof"
    case closeStandardOutput = "close_stdout"
}

struct ScriptError: Error, CustomStringConvertible {
    let description: String
}

extension FakeAgent {
    mutating func perform(_ steps: [JSON]) throws {
        for step in steps {
            guard let name = StepName.allCases.first(where: { step[$0.rawValue] != nil }),
                let value = step[name.rawValue]
            else { throw ScriptError(description: "no known step: \(String(decoding: step.encoded(), as: UTF8.self))") }
            try perform(name, value, step)
            try wait(0)
        }
    }

    /// The steps of the script but those that were done before the checkpoint that it goes on from.
    mutating func performScript(_ steps: [JSON]) throws {
        doneCount = max(0, min(start.continuation?.state?["done"]?.intValue ?? 0, steps.count))
        for step in steps[doneCount...] {
            doneCount += 1
            try perform([step])
        }
    }

    /// A turn ends; what it takes to go on from here is how many steps of the script are done, and what is given.
    private mutating func endTurn(_ value: JSON) {
        voice.emit(.turnEnded)
        var state: JSONObject = ["done": .int(Int64(doneCount))]
        if let kept = value.objectValue { for member in kept { state[member.key] = member.value } }
        voice.emit(.checkpoint(state: .object(state)))
    }

    private mutating func perform(_ name: StepName, _ value: JSON, _ step: JSON) throws {
        switch name {
        case .say: voice.say(value.stringValue ?? "")
        case .delta: try stream(value.stringValue ?? "", step)
        case .think: voice.emit(.thoughtDelta(messageID: "thought", text: value.stringValue ?? ""))
        case .tool: try useTool(value)
        case .ask: try ask(value)
        case .usage: voice.emit(line: value.adding(type: "usage"))
        case .usageBefore: voice.emit(line: value.adding(type: "usage.before"))
        case .usageTotal: voice.emit(line: value.adding(type: "usage.total"))
        case .steered:
            try wait(nil) { !$0.steers.isEmpty }
            voice.say("steered: \(steers.removeFirst())")
        case .turn: for _ in 0..<max(0, value.intValue ?? 1) { voice.emit(.turnEnded) }
        case .checkpoint: endTurn(value)
        case .unlessContinued: if start.continuation == nil { try perform(value.arrayValue ?? []) }
        case .line: voice.emit(line: value)
        case .result: giveResult(value.objectValue ?? [:])
        case .session:
            let id = value.stringValue ?? ""
            voice.emit(.driverSession(id: id, resumed: start.resumeID == id))
        case .recall: voice.say("prompts so far: \(record?.prompts.count ?? 0)")
        case .call: try call(value)
        case .echo: voice.say(echo(value.stringValue ?? ""))
        case .echoEnvironment: voice.say(environmentVariable(value.stringValue ?? ""))
        case .repeated: for _ in 0..<max(0, value.intValue ?? 1) { try perform(step["steps"]?.arrayValue ?? []) }
        case .writeFile: writeFile(value)
        case .compose: compose(value)
        case .sleep: try wait(value.intValue ?? 0)
        default: try misbehave(name, value, step)
        }
    }

    /// Streams the same text so many times as deltas, then says the whole as a message.
    private mutating func stream(_ text: String, _ step: JSON) throws {
        let times = max(0, step["times"]?.intValue ?? 1)
        let pauseMilliseconds = step["every_ms"]?.intValue ?? 0
        let id = voice.beginMessage()
        for _ in 0..<times {
            voice.stream(text, to: id)
            if pauseMilliseconds > 0 { try wait(pauseMilliseconds) }
        }
        voice.endMessage(id, String(repeating: text, count: times))
    }

    /// `"name"`, or `{name, id?, title?, input?, ms?, output?, is_error?}`.
    private mutating func useTool(_ value: JSON) throws {
        let name = value.stringValue ?? value["name"]?.stringValue ?? "tool"
        toolCount += 1
        let id = value["id"]?.stringValue ?? "t\(toolCount)"
        voice.emit(
            .toolStarted(id: id, name: name, title: value["title"]?.stringValue, input: value["input"] ?? .null))
        try wait(value["ms"]?.intValue ?? 0)
        let output = value["output"] ?? .string("done")
        voice.emit(.toolFinished(id: id, isError: value["is_error"]?.boolValue ?? false, output: output))
    }

    /// Asks, waits for the answer and reports it; with `withdraw_after_ms` it takes the ask back after that time.
    private mutating func ask(_ value: JSON) throws {
        var line = value.objectValue ?? [:]
        let id = value["id"]?.stringValue ?? "ask"
        line["id"] = .string(id)
        line["options"] =
            value["options"] ?? [
                ["id": "allow", "title": "Allow", "kind": "allow_once"],
                ["id": "reject", "title": "Reject", "kind": "reject_once"],
            ]
        voice.emit(line: JSON.object(line).adding(type: "ask"))
        answers[id] = voice.listens ? nil : .some(nil)
        try wait(value["withdraw_after_ms"]?.intValue) { $0.answers[id] != nil }
        if let answer = answers[id] {
            voice.say("answer to \(id): \(answer ?? "none")")
        } else {
            voice.emit(.askWithdrawn(askID: id))
        }
    }

    /// `{method, params}`: asks the host for something and says what came of it. In the parameters, `$terminal` is the
    /// last terminal that it was given.
    private mutating func call(_ value: JSON) throws {
        let method = value["method"]?.stringValue ?? ""
        var params = value["params"]?.objectValue ?? [:]
        if params["terminalId"] == "$terminal" { params["terminalId"] = .string(terminalID) }
        let id = "call-\(replies.count)"
        guard voice.ask(id, method, params) else { return }
        try wait(nil) { $0.replies[id] != nil }
        let reply = replies[id] ?? .null
        if let terminal = reply["result"]?["terminalId"]?.stringValue { terminalID = terminal }
        let answer = reply["result"] ?? reply["error"]?["message"] ?? .null
        voice.say("\(method): \(String(decoding: answer.encoded(), as: UTF8.self))")
    }

    private func echo(_ what: String) -> String {
        switch what {
        case "arguments": return CommandLine.arguments.dropFirst().joined(separator: " ")
        case "pid": return String(getpid())
        case "working_dir": return Descriptor.workingDirectory
        case "start": return String(decoding: startLine.encoded(), as: UTF8.self)
        default: return String(decoding: (startLine[what] ?? .null).encoded(), as: UTF8.self)
        }
    }

    private func environmentVariable(_ name: String) -> String {
        getenv(name).map { "\(name)=\(String(cString: $0))" } ?? "\(name) is not set"
    }

    /// `{path, text | bytes}`: relative paths lie in the results folder, and are told as artifacts.
    private mutating func writeFile(_ value: JSON) {
        let path = value["path"]?.stringValue ?? "file.txt"
        let contents =
            value["text"]?.stringValue.map { Array($0.utf8) }
            ?? Array(repeating: UInt8(ascii: "x"), count: max(0, value["bytes"]?.intValue ?? 0))
        Descriptor.write(contents, path: path.hasPrefix("/") ? path : "\(start.resultsDirectory)/\(path)")
        voice.emit(.artifact(path: path))
    }
}

extension JSON {
    /// The object with its type in front.
    func adding(type: String) -> JSON {
        .object((["type": .string(type)] as JSONObject).adding(objectValue ?? [:]))
    }
}
