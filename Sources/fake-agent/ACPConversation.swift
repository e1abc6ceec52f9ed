import Driver
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The agent's side of the Agent Client Protocol: sessions, and a script for each prompt.
struct ACPConversation {
    private let options: Options
    private var inbox = Inbox()
    private var records: [String: SessionRecord] = [:]
    private var sessions = 0

    init(_ options: Options) { self.options = options }

    /// Answers until stdin ends; the exit code.
    mutating func run() -> Int32 {
        while let line = inbox.next(within: nil) {
            guard let message = try? JSON.parse(line), let method = message["method"]?.stringValue,
                let id = message["id"]
            else { continue }
            if let code = answer(method, id, message["params"] ?? .null) { return code }
        }
        if options.ignoresEndOfInput { Inbox.sleep(nil) }
        return 0
    }

    /// - Returns: an exit code if it is to end.
    private mutating func answer(_ method: String, _ id: JSON, _ params: JSON) -> Int32? {
        switch method {
        case "initialize": say(ACPWords.result(initialization, to: id))
        case "session/new", "session/load":
            if let code = options.refusal {
                say(ACPWords.error(code, "Authentication required", to: id))
            } else {
                open(id, loading: method == "session/load" ? params["sessionId"]?.stringValue ?? "" : nil)
            }
        case "session/prompt": return prompt(id, params)
        default: say(ACPWords.error(-32601, "Method not found: \(method)", to: id))
        }
        return nil
    }

    private var initialization: JSON {
        var result: JSONObject = [
            "protocolVersion": 1, "agentCapabilities": ["loadSession": .bool(options.sessionsDirectory != nil)],
            "agentInfo": ["name": "fake-agent", "version": "1"],
        ]
        for member in options.initialize { result[member.key] = member.value }
        return .object(result)
    }

    /// A loaded session tells what was said in it.
    private mutating func open(_ id: JSON, loading: String?) {
        sessions += 1
        guard let folder = options.sessionsDirectory else {
            return say(ACPWords.result(["sessionId": .string("fake-\(sessions)")], to: id))
        }
        guard let loading else {
            let record = SessionRecord(creating: "fake-\(getpid())-\(Inbox.now())-\(sessions)", in: folder)
            records[record.id] = record
            return say(ACPWords.result(["sessionId": .string(record.id)], to: id))
        }
        guard let record = SessionRecord(resuming: loading, in: folder) else {
            return say(ACPWords.error(-32002, "Session not found: \(loading)", to: id))
        }
        records[loading] = record
        for prompt in record.prompts {
            let text = prompt.stringValue ?? ""
            say(ACPWords.update(loading, ACPWords.chunk("user_message_chunk", text, "old")))
            say(ACPWords.update(loading, ACPWords.chunk("agent_message_chunk", "an old answer", "old")))
        }
        say(ACPWords.result([:], to: id))
    }

    private mutating func prompt(_ id: JSON, _ params: JSON) -> Int32? {
        let session = params["sessionId"]?.stringValue ?? ""
        let texts = (params["prompt"]?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }
        let start = LineStart(
            runID: "", taskID: "", sessionID: session, prompt: texts.joined(separator: "\n"), resultsDirectory: ".")
        records[session]?.append(start.prompt)
        var agent = FakeAgent(
            options, start: start, startLine: params, inbox: inbox, voice: Voice(.acp(session: session, prompt: id)),
            record: records[session])
        defer { inbox = agent.inbox }
        return agent.answer()
    }

    private func say(_ bytes: [UInt8]) { Descriptor.write(bytes, to: STDOUT_FILENO) }
}

extension FakeAgent {
    /// What an ACP client says while a prompt is worked on.
    mutating func hearACP(_ line: [UInt8]) throws {
        guard let message = try? JSON.parse(line) else { return }
        if message["method"] == "session/cancel", !ignoresCancel { throw Ending.cancelled }
        guard let id = message["id"]?.stringValue, message["method"] == nil else { return }
        if id.hasPrefix(ACPWords.askPrefix) {
            let choice = message["result"]?["outcome"]?["optionId"]?.stringValue
            answers[String(id.dropFirst(ACPWords.askPrefix.count))] = .some(choice)
        } else {
            replies[id] = message
        }
    }

    /// `{method, params}`: asks the client for something and says what came of it. In the parameters, `$terminal` is
    /// the last terminal that it was given.
    mutating func call(_ value: JSON) throws {
        let method = value["method"]?.stringValue ?? ""
        guard case .acp(let session, _) = voice.tongue else { return }
        var params = value["params"]?.objectValue ?? [:]
        params["sessionId"] = .string(session)
        if params["terminalId"] == "$terminal" { params["terminalId"] = .string(terminalID) }
        let id = "call-\(replies.count)"
        voice.write(ACPWords.request(id, method, .object(params)))
        try wait(nil) { $0.replies[id] != nil }
        let reply = replies[id] ?? .null
        if let terminal = reply["result"]?["terminalId"]?.stringValue { terminalID = terminal }
        let answer = reply["result"] ?? reply["error"]?["message"] ?? .null
        voice.say("\(method): \(String(decoding: answer.encoded(), as: UTF8.self))")
    }
}
