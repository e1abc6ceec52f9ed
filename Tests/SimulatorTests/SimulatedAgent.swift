import Driver
import Foundation
import JSON

@testable import HostCore

/// What an agent is going to do with a prompt.
enum Behaviour: CaseIterable {
    case succeeds, fails, refuses, breaksSchema, losesSession, beginsAnew, stalls, dies, diesByItself, repeatsItself
    case asks, tearsLine

    /// It does all of its work, unless somebody stops it.
    var comesToItsEnd: Bool {
        switch self {
        case .succeeds, .losesSession, .beginsAnew, .repeatsItself, .asks: true
        case .fails, .refuses, .breaksSchema, .stalls, .dies, .diesByItself, .tearsLine: false
        }
    }
}

/// How it takes being cancelled.
private enum Manners: CaseIterable { case obeys, finishesAnyway, waitsForEnd, waitsForSignal, waitsForKill, dies }

/// A line agent.
final class SimulatedAgent {
    /// Its ends of the pipes.
    struct Ends {
        var input: Int32
        var output: Int32
        var error: Int32
        var exit: Int32
    }

    private enum Step {
        case say(JSON)
        case sayBytes([UInt8])
        /// The result: from here on it does nothing more in its session.
        case result(JSON)
        case exit(Int)
    }

    let pid: pid_t
    /// The number of the one that started it.
    let host: Int
    let spec: ChildSpec
    private let ends: Ends
    private unowned let world: AgentWorld
    private var heard: [UInt8] = []
    private var hasInputEnded = false
    private var steps: [(at: UInt64, step: Step)] = []
    private var session: String?
    private var manners = Manners.obeys
    private var hasAnswered = false
    private var schema: JSON?
    private var role: String?
    private var usage = 0
    private var outcome: JSON?
    private(set) var isKilled = false

    init(_ pid: pid_t, of host: Int, _ spec: ChildSpec, _ ends: Ends, in world: AgentWorld) {
        (self.pid, self.host, self.spec, self.ends, self.world) = (pid, host, spec, ends, world)
    }

    private var chance: Chance { world.chance }

    var nextDue: UInt64? { steps.first?.at }

    /// Whether its host has said something.
    var hasInput: Bool {
        guard !hasInputEnded, !isKilled else { return false }
        var entry = pollfd(fd: ends.input, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) > 0
    }

    func close() {
        world.leave(session, pid)
        for descriptor in [ends.input, ends.output, ends.error, ends.exit] { Foundation.close(descriptor) }
    }

    /// It was killed, and the kernel still waits for a disk or a network for it.
    func goSlowly(by time: UInt64) {
        isKilled = true
        steps = [(time, .exit(-Int(SIGKILL)))]
    }

    // MARK: - Hearing

    func listen() {
        guard !isKilled else { return }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while !hasInputEnded {
            let count = read(ends.input, &buffer, buffer.count)
            guard count >= 0 else { break }
            if count == 0 {
                hasInputEnded = true
                inputEnded()
            }
            heard += buffer[..<count]
        }
        while let end = heard.firstIndex(of: UInt8(ascii: "\n")) {
            let line = Array(heard[..<end])
            heard.removeFirst(end + 1)
            guard let message = try? JSON.parse(line) else { continue }
            switch message["type"]?.stringValue {
            case "start": begin(message)
            case "answer": if let outcome { later(.result(outcome), within: 500) }
            case "cancel": cancelled()
            default: break
            }
        }
    }

    private func inputEnded() {
        switch manners {
        case .waitsForSignal, .waitsForKill: break
        default: later(.exit(0), within: hasAnswered ? 50 : 300)
        }
    }

    func heardSignal(_ number: Int) {
        world.trace.add("agent \(pid) hears signal \(number)")
        guard manners != .waitsForKill, !isKilled else { return }
        steps = []
        later(.exit(chance.oneIn(2) ? -number : 0), within: 300)
    }

    private func cancelled() {
        world.trace.add("agent \(pid) is cancelled and \(manners)")
        guard !hasAnswered else { return }
        switch manners {
        case .obeys:
            steps = []
            later(.result(["type": "result", "stop_reason": "cancelled", "usage": used()]), within: 300)
        case .finishesAnyway:
            steps = []
            later(.result(good()), within: 2000)
        case .dies:
            steps = []
            later(.exit(3), within: 100)
        case .waitsForEnd, .waitsForSignal, .waitsForKill: break
        }
    }

    // MARK: - Doing

    /// Does what is due. Returns the status with which it has ended.
    func step() -> Int? {
        guard let next = steps.first, next.at <= world.time.milliseconds else { return nil }
        steps.removeFirst()
        switch next.step {
        case .say(let line): write(line.encoded() + [UInt8(ascii: "\n")])
        case .sayBytes(let bytes): write(bytes)
        case .result(let line):
            world.trace.add("agent \(pid) answers \(line["stop_reason"] ?? "well")")
            hasAnswered = true
            world.leave(session, pid)
            write(line.encoded() + [UInt8(ascii: "\n")])
            if hasInputEnded { later(.exit(0), within: 20) }
        case .exit(let status):
            world.trace.add("agent \(pid) exits with \(status)")
            return status
        }
        return nil
    }

    private func write(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes { Foundation.write(ends.output, $0.baseAddress, $0.count) }
    }

    private func later(_ step: Step, within milliseconds: Int) {
        let from = max(steps.last?.at ?? 0, world.time.milliseconds)
        steps.append((from + UInt64(chance.below(milliseconds)), step))
    }

    // MARK: - What it is going to do

    private func begin(_ start: JSON) {
        schema = start["output_schema"]
        role = start["metadata"]?["role"]?.stringValue
        let behaviour = draw(mayResume: start["resume_id"] != nil)
        world.behaviours[behaviour, default: 0] += 1
        if world.areBad, chance.oneIn(2) { manners = chance.pick(Manners.allCases) ?? .obeys }
        let step = start["metadata"]?["step_id"]?.stringValue ?? role ?? "-"
        world.trace.add("agent \(pid) \(behaviour) at \(step) of \(start["task_id"]?.stringValue ?? "")")
        guard open(start, behaviour) else { return }
        later(.say(["type": "message", "id": "m\(pid)", "role": "assistant", "text": "I begin."]), within: 1000)
        if chance.oneIn(2) {
            usage = chance.below(500)
            later(.say(["type": "usage", "input_tokens": .int(Int64(usage))]), within: 100)
        }
        if spec.arguments.contains("turns") { takeTurns(start, isWhole: behaviour.comesToItsEnd) }
        perform(behaviour)
    }

    private func takeTurns(_ start: JSON, isWhole: Bool) {
        var work = TurnWork(start["task_id"]?.stringValue ?? "", turns: 1 + chance.below(5))
        if let state = start["continuation"]?["state"] {
            guard let known = TurnWork(state: state), world.wasSaid(state) else {
                return world.violate("process \(pid) is to go on from what no agent has said: \(state)")
            }
            work = known
        }
        for _ in 0..<(isWhole ? work.turnsLeft : chance.below(work.turnsLeft + 1)) {
            for line in work.takeTurn() { later(.say(line), within: 100) }
            world.says(work.state, in: start["run_id"]?.stringValue ?? "")
        }
    }

    private func draw(mayResume: Bool) -> Behaviour {
        guard world.areBad else { return .succeeds }
        return chance.draw([
            (24, .succeeds), (4, .fails), (2, .refuses), (schema == nil ? 0 : 6, .breaksSchema),
            (mayResume ? 4 : 0, .losesSession), (mayResume ? 2 : 0, .beginsAnew), (2, .stalls), (3, .dies),
            (2, .diesByItself), (3, .repeatsItself), (3, .asks), (2, .tearsLine),
        ])
    }

    /// Goes on with its session or begins one; false when that is all there is to it.
    private func open(_ start: JSON, _ behaviour: Behaviour) -> Bool {
        let old = start["resume_id"]?.stringValue
        if let old, behaviour == .losesSession || !world.knows(old) {
            world.lose(old)
            later(
                .result([
                    "type": "result", "resume_lost": true, "usage": used(),
                    "error": ["reason": "not_found", "message": "I know no such session.", "retryable": true],
                ]), within: 200)
            return false
        }
        let forks = spec.arguments.contains("--fork")
        let own = old.map { forks || behaviour == .beginsAnew ? world.newSession(from: $0) : $0 } ?? world.newSession()
        session = own
        world.enter(own, pid)
        later(.say(["type": "session", "id": .string(own), "resumed": .bool(own == old)]), within: 100)
        return true
    }

    private func perform(_ behaviour: Behaviour) {
        switch behaviour {
        case .succeeds, .losesSession, .beginsAnew: later(.result(good()), within: 3000)
        case .fails:
            later(
                .result([
                    "type": "result", "usage": used(),
                    "error": ["reason": "driver_failed", "message": "It went wrong.", "retryable": true],
                ]), within: 1000)
        case .refuses:
            later(.result(["type": "result", "stop_reason": "refusal", "usage": used()]), within: 1000)
        case .breaksSchema:
            later(.result(["type": "result", "output": #"{"n": "many"}"#, "usage": used()]), within: 1000)
        case .stalls: break
        case .dies: later(.exit(chance.oneIn(2) ? 1 + chance.below(5) : 0), within: 1000)
        case .diesByItself: later(.exit(-11), within: 1000)
        case .repeatsItself:
            later(.result(good()), within: 1000)
            later(.say(["type": "message", "id": "late", "role": "assistant", "text": "One more thing."]), within: 100)
            later(.say(good()), within: 100)
        case .asks:
            outcome = good()
            later(
                .say([
                    "type": "ask", "id": "a\(pid)", "tool": "write", "title": "May I?",
                    "options": [
                        ["id": "yes", "title": "Yes", "kind": "allow_once"],
                        ["id": "no", "title": "No", "kind": "reject_once"],
                    ],
                ]), within: 1000)
        case .tearsLine:
            later(.sayBytes(Array(#"{"type":"result","outp"#.utf8)), within: 1000)
            later(.exit(0), within: 100)
        }
    }

    private func used() -> JSON {
        usage += 1 + chance.below(1000)
        return ["input_tokens": .int(Int64(usage)), "output_tokens": .int(Int64(chance.below(100))), "turns": 1]
    }

    /// An answer that does what was asked.
    private func good() -> JSON {
        let output: JSON =
            switch role {
            case "architect": Proposals.make(chance, isGood: !world.areBad)
            case "reviewer":
                [
                    "approved": .bool(!world.areBad || chance.oneIn(2)), "severity": "low",
                    "comments": [["message": "say why"]],
                ]
            default: schema == nil ? "done" : ["n": 830]
            }
        var result: JSONObject = [
            "type": "result", "output": .string(output.stringValue ?? "\(output)"), "usage": used(),
        ]
        if chance.oneIn(4) {
            let fact = chance.below(3)
            result["findings"] = [["key": .string("fact-\(fact)"), "text": .string("Fact \(fact) of process \(pid)")]]
        }
        return .object(result)
    }
}

/// What its runs are: line agents, each with what it keeps of its conversations.
struct SimulatedDriver: Driver {
    let name: String
    let capabilities: DriverCapabilities

    init(_ name: String, _ change: (inout DriverCapabilities) -> Void = { _ in }) {
        var capabilities = DriverCapabilities()
        change(&capabilities)
        (self.name, self.capabilities) = (name, capabilities)
    }

    func probe() -> DriverProbe { DriverProbe(isAvailable: true) }

    func makeRun(_ request: RunRequest) -> any DriverRun {
        LineRun(
            request,
            process: ProcessSpec(executable: "/bin/sh", arguments: [name] + (request.forks ? ["--fork"] : [])))
    }

    static let all: [any Driver] = [
        SimulatedDriver("keeps") {
            $0.resumes = true
            $0.asksPermission = true
            $0.reportsUsage = .perRun
        },
        SimulatedDriver("forgets") { $0.concurrentRunsSafe = true },
        SimulatedDriver("forks") {
            $0.resumes = true
            $0.forks = true
            $0.concurrentRunsSafe = true
            $0.reportsUsage = .perRun
        },
        SimulatedDriver("turns") {
            $0.checkpoints = true
            $0.concurrentRunsSafe = true
            $0.takesMemories = true
            $0.reportsUsage = .perRun
        },
    ]
}
