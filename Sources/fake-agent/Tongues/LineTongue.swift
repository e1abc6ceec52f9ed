import AgentModel
import Driver
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The protocol of `docs/line-agents.md`.
struct LineTongue: Tongue {
    func say(_ event: DriverEvent) -> [UInt8] { AgentLine.event(event).bytes }

    func say(_ line: JSON) -> [UInt8] { line.line }

    func hear(_ line: [UInt8]) -> (word: HostWord?, reply: [UInt8]) {
        switch try? HostLine(JSON.parse(line)) {
        case .cancel: (.cancel, [])
        case .answer(let askID, let optionID): (.answer(ask: askID, option: optionID), [])
        case .steer(let text): (.steer(text), [])
        case .start, nil: (nil, [])
        }
    }
}

/// Nothing but what it says.
struct TextTongue: Tongue {
    private var streamed = ""

    var listens: Bool { false }

    mutating func say(_ event: DriverEvent) -> [UInt8] {
        switch event {
        case .textDelta(let id, let text):
            streamed = id
            return Array(text.utf8)
        case .message(let id, _, let text) where id != streamed: return Array(text.utf8) + [UInt8(ascii: "\n")]
        default: return []
        }
    }

    func say(_ line: JSON) -> [UInt8] { [] }
}

/// A line agent, or a program of plain text: one task, or one after the other.
struct LineConversation: Conversation {
    private let options: Options
    private var inbox = Inbox()

    init(_ options: Options) { self.options = options }

    mutating func run() -> Int32 {
        var code: Int32
        repeat { code = options.tongue == .text ? text() : task() } while options.stays && code == 0 && inbox.isAwaited
        return code
    }

    private func text() -> Int32 {
        let start = LineStart(
            runID: "", taskID: "", sessionID: "", prompt: Descriptor.readAll(from: STDIN_FILENO), resultsDirectory: ".")
        var agent = FakeAgent(options, start, Voice(TextTongue()))
        agent.startLine = HostLine.start(start).json
        return agent.answer() ?? 0
    }

    private mutating func task() -> Int32 {
        let json = (try? JSON.parse(inbox.next(within: nil) ?? [])) ?? .null
        let start: LineStart
        do {
            guard case .start(let given) = try HostLine(json) else { throw LineError(path: "type", expected: "start") }
            start = given
        } catch {
            fail(65, "the first line of stdin is wrong: \(error)")
        }
        var agent = FakeAgent(options, start, Voice(LineTongue()), inbox)
        agent.startLine = json
        defer { inbox = agent.inbox }
        if let folder = options.sessionsDirectory {
            guard let record = open(folder, start) else {
                agent.giveResult([
                    "stop_reason": "error", "resume_lost": true,
                    "error": [
                        "reason": "not_found", "message": .string("There is no session \(start.resumeID ?? "")."),
                    ],
                ])
                return 1
            }
            agent.record = record
            agent.voice.emit(.driverSession(id: record.id, resumed: start.resumeID != nil))
        }
        return agent.answer() ?? 0
    }

    private func open(_ folder: String, _ start: LineStart) -> SessionRecord? {
        var record =
            start.resumeID.map { SessionRecord(resuming: $0, in: folder) }
            ?? SessionRecord(creating: start.offeredID ?? SessionRecord.newID(), in: folder)
        record?.append(start.prompt)
        return record
    }
}
