import AgentModel
import Driver
import JSON

/// Does what its script says, listening to the host between the steps.
struct FakeAgent {
    /// Why the script is not gone on with.
    enum Ending: Error {
        case cancelled
        case exit(Int32)
    }

    let options: Options
    /// What it is to do; outside the line protocol only the prompt is real.
    let start: LineStart
    /// That as it came.
    var startLine: JSON = .null
    var voice: Voice
    var inbox: Inbox
    var record: SessionRecord?
    var answers: [String: String?] = [:]
    /// What the user has added and no step has taken up yet.
    var steers: [String] = []
    var toolCount = 0
    /// Steps of the script that are done or begun.
    var doneCount = 0
    var hasGivenResult = false
    var ignoresCancel = false
    var ignoresEndOfInput: Bool
    /// The answers to what it asked of the host, and the last terminal that it was given.
    var replies: [String: JSON] = [:]
    var terminalID = ""

    /// - Parameter inbox: what an earlier prompt has left of stdin.
    init(_ options: Options, _ start: LineStart, _ voice: Voice, _ inbox: Inbox = Inbox()) {
        (self.options, self.start, self.voice, self.inbox) = (options, start, voice, inbox)
        ignoresEndOfInput = options.ignoresEndOfInput
    }

    /// Does what the prompt asks for and gives the result; an exit code if it is to end then.
    mutating func answer() -> Int32? {
        do {
            try performScript(try script())
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

    /// The steps: those of the command line, else those of the prompt, else an echo of the prompt.
    private func script() throws -> [JSON] {
        let text = options.script ?? start.prompt
        let lines = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("{") }
        guard options.script != nil || !lines.isEmpty else { return [["say": .string("You said: \(start.prompt)")]] }
        return try lines.map { try JSON.parse(Array($0.utf8)) }
    }

    /// Gives a result with these members, and what was said as its output.
    mutating func giveResult(_ members: JSONObject) {
        hasGivenResult = true
        voice.emit(line: result(members))
    }

    func result(_ members: JSONObject) -> JSON {
        var line: JSONObject = ["type": "result", "stop_reason": "end_turn"]
        line["output"] = .string(voice.said.joined(separator: "\n"))
        if let record { line["session_id"] = .string(record.id) }
        return .object(line.adding(members))
    }

    /// Lets time pass, and hears what the host says meanwhile.
    mutating func wait(_ milliseconds: Int?, until isEnough: (FakeAgent) -> Bool = { _ in false }) throws {
        guard voice.listens else { return Inbox.sleep(milliseconds.map(Int64.init)) }
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
        switch voice.hear(line) {
        case .cancel: if !ignoresCancel { throw Ending.cancelled }
        case .answer(let ask, let option): answers[ask] = .some(option)
        case .steer(let text): steers.append(text)
        case .reply(let id, let message): replies[id] = message
        case nil: break
        }
    }
}
