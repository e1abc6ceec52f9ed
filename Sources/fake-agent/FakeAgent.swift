import AgentModel
import Driver
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Does what its script says, listening to the host between the steps.
struct FakeAgent {
    /// Why the script is not gone on with.
    enum Ending: Error {
        case cancelled
        case exit(Int32)
    }

    let options: Options
    /// The first line as it came, and as it reads; in text mode only the prompt is real.
    let startLine: JSON
    let start: LineStart
    var voice: Voice
    var inbox: Inbox
    var record: SessionRecord?
    var answers: [String: String?] = [:]
    /// What the user has added and no step has taken up yet.
    var steers: [String] = []
    var toolCount = 0
    var hasGivenResult = false
    var ignoresCancel = false
    var ignoresEndOfInput: Bool
    /// The answers to what it asked of an ACP client, and the last terminal that it was given.
    var replies: [String: JSON] = [:]
    var terminalID = ""

    /// The agent of one prompt of the Agent Client Protocol.
    init(_ options: Options, start: LineStart, startLine: JSON, inbox: Inbox, voice: Voice, record: SessionRecord?) {
        (self.options, self.start, self.startLine) = (options, start, startLine)
        (self.inbox, self.voice, self.record) = (inbox, voice, record)
        ignoresEndOfInput = options.ignoresEndOfInput
    }

    /// - Parameter inbox: what an earlier task has left of stdin.
    init(_ options: Options, inbox: Inbox = Inbox()) throws(LineError) {
        self.options = options
        self.inbox = inbox
        voice = Voice(options.isText ? .text : .lines)
        ignoresEndOfInput = options.ignoresEndOfInput
        if options.isText {
            start = LineStart(
                runID: "", taskID: "", sessionID: "", prompt: Descriptor.readAll(from: STDIN_FILENO),
                resultsDirectory: ".")
            startLine = HostLine.start(start).json
            return
        }
        let line = self.inbox.next(within: nil) ?? []
        startLine = (try? JSON.parse(line)) ?? .null
        guard case .start(let start) = try HostLine(startLine) else {
            throw LineError(path: "type", expected: "start")
        }
        self.start = start
    }

    /// Runs the script to its end; the exit code.
    mutating func run() -> Int32 {
        do {
            try openSession()
        } catch {
            return 1
        }
        return answer() ?? 0
    }

    /// Does what the prompt asks for and gives the result; an exit code if it is to end then.
    mutating func answer() -> Int32? {
        do {
            try perform(try script())
            if !hasGivenResult { giveResult([:]) }
            return nil
        } catch Ending.cancelled {
            giveResult(["stop_reason": "cancelled"])
            return nil
        } catch Ending.exit(let code) {
            return code
        } catch {
            fail(64, "\(error)")
        }
    }

    private mutating func openSession() throws {
        guard let directory = options.sessionsDirectory else { return }
        if let id = start.resumeID {
            record = SessionRecord(resuming: id, in: directory)
            guard record != nil else {
                giveResult([
                    "stop_reason": "error", "resume_lost": true,
                    "error": ["reason": "not_found", "message": .string("There is no session \(id).")],
                ])
                throw Ending.exit(1)
            }
        } else {
            record = SessionRecord(creating: start.offeredID ?? "fake-\(getpid())-\(Inbox.now())", in: directory)
        }
        record?.append(start.prompt)
        if let record { voice.emit(.driverSession(id: record.id, resumed: start.resumeID != nil)) }
    }

    /// The steps: those of the command line, else those of the prompt, else an echo of the prompt.
    private func script() throws -> [JSON] {
        let text = options.script ?? start.prompt
        let lines = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("{") }
        guard options.script != nil || !lines.isEmpty else { return [["say": .string("You said: \(start.prompt)")]] }
        return try lines.map { try JSON.parse(Array($0.utf8)) }
    }

    /// A result with these members, and what was said as its output.
    mutating func giveResult(_ members: JSONObject) {
        hasGivenResult = true
        var line: JSONObject = ["type": "result", "stop_reason": "end_turn"]
        line["output"] = .string(voice.said.joined(separator: "\n"))
        if let record { line["session_id"] = .string(record.id) }
        for member in members { line[member.key] = member.value }
        voice.emit(line: .object(line))
    }

    /// Lets time pass, and hears what the host says meanwhile.
    mutating func wait(_ milliseconds: Int?, until isEnough: (FakeAgent) -> Bool = { _ in false }) throws {
        if options.isText { return Inbox.sleep(milliseconds.map(Int64.init)) }
        let deadline = milliseconds.map { Inbox.now() + Int64($0) }
        while !isEnough(self) {
            let line = inbox.next(within: deadline.map { Int(max(0, $0 - Inbox.now())) })
            if let line {
                try hear(line)
            } else if inbox.hasEnded, !ignoresEndOfInput {
                throw Ending.cancelled
            } else if let deadline, Inbox.now() >= deadline {
                return
            }
        }
    }

    private mutating func hear(_ line: [UInt8]) throws {
        if options.speaksACP { return try hearACP(line) }
        switch try? HostLine(JSON.parse(line)) {
        case .cancel where !ignoresCancel: throw Ending.cancelled
        case .answer(let askID, let optionID): answers[askID] = .some(optionID)
        case .steer(let text): steers.append(text)
        default: break
        }
    }
}
