import CSystem
import Foundation
import JSON

@testable import HostCore

/// Processes that are objects of the simulation, at the end of real pipes.
// Used on the simulation's one thread.
final class SimulatedProcesses: ProcessSystem, @unchecked Sendable {
    let world: AgentWorld
    private(set) var living: [pid_t: SimulatedAgent] = [:]
    private var statuses: [pid_t: Int] = [:]

    init(_ world: AgentWorld) { self.world = world }

    func spawn(_ spec: ChildSpec) -> Result<SpawnedChild, SystemError> {
        if world.areBad, world.chance.oneIn(60) { return .failure(SystemError("start an agent", EAGAIN)) }
        var pipes: [[Int32]] = []
        for _ in 0..<4 {
            var pair: [Int32] = [-1, -1]
            guard cs_pipe(&pair) == 0 else { return .failure(SystemError("open a pipe", errno)) }
            for descriptor in pair { _ = cs_set_nonblocking(descriptor, true) }
            pipes.append(pair)
        }
        world.lastProcess += 1
        let pid = world.lastProcess
        let agent = SimulatedAgent(
            pid, spec,
            SimulatedAgent.Ends(input: pipes[0][0], output: pipes[1][1], error: pipes[2][1], exit: pipes[3][1]),
            in: world)
        living[pid] = agent
        return .success(
            SpawnedChild(
                pid: pid, exitDescriptor: pipes[3][0], input: pipes[0][1], output: pipes[1][0], error: pipes[2][0]))
    }

    func signal(_ pid: pid_t, _ number: Int32) {
        guard let agent = living[pid] else { return }
        if number == SIGKILL { end(agent, -Int(SIGKILL)) } else { agent.heardSignal(Int(number)) }
    }

    func reap(_ pid: pid_t) -> Int? { statuses[pid] }
    func descendants(of pid: pid_t) -> [pid_t] { [] }

    func hunt(token: String, descendants: [pid_t]) -> Int {
        let found = living.values.filter { $0.spec.token == token || $0.spec.environment.contains(token) }
        for agent in found { end(agent, -Int(SIGKILL)) }
        return found.count
    }

    private func end(_ agent: SimulatedAgent, _ status: Int) {
        guard living.removeValue(forKey: agent.pid) != nil else { return }
        statuses[agent.pid] = status
        agent.close()
    }

    /// When the next of them does something by itself.
    var nextDue: UInt64? { living.values.compactMap(\.nextDue).min() }

    func due(at now: UInt64) -> [SimulatedAgent] {
        living.values.filter { agent in agent.hasInput || agent.nextDue.map { $0 <= now } == true }
            .sorted { $0.pid < $1.pid }
    }

    func step(_ agent: SimulatedAgent) {
        agent.listen()
        if let status = agent.step() { end(agent, status) }
    }

    /// Their host was killed, and they with it.
    func endAll() { for agent in living.values.sorted(by: { $0.pid < $1.pid }) { end(agent, -Int(SIGKILL)) } }
}

/// What agents share, whichever host runs them: their own sessions.
final class AgentWorld {
    let chance: Chance
    let time: SimulatedTime
    let trace: Trace
    /// Agents fail, stall, lie and die.
    var areBad = true
    var lastProcess: pid_t = 1
    private var lastSession = 0
    private var sessions: Set<String> = []
    /// Which process works in which session.
    private var busy: [String: pid_t] = [:]
    private(set) var violations: [String] = []
    /// How many began, by what they were going to do.
    var behaviours: [Behaviour: Int] = [:]

    init(_ chance: Chance, _ time: SimulatedTime, _ trace: Trace) {
        self.chance = chance
        self.time = time
        self.trace = trace
    }

    func newSession(from old: String? = nil) -> String {
        lastSession += 1
        let id = old.map { "\($0).\(lastSession)" } ?? "agent-\(lastSession)"
        sessions.insert(id)
        return id
    }

    func knows(_ session: String) -> Bool { sessions.contains(session) }
    func lose(_ session: String) { sessions.remove(session) }

    func enter(_ session: String, _ process: pid_t) {
        if let other = busy[session], other != process {
            violations.append("processes \(other) and \(process) work in the driver session \(session) at once")
        }
        busy[session] = process
    }

    func leave(_ session: String?, _ process: pid_t) {
        if let session, busy[session] == process { busy[session] = nil }
    }
}

/// What happened, for whoever looks for why a life went wrong.
final class Trace {
    private(set) var lines: [String] = []
    private let time: SimulatedTime

    init(_ time: SimulatedTime) { self.time = time }

    func add(_ line: @autoclosure () -> String) { lines.append("\(time.milliseconds - 1_000_000) \(line())") }
}
