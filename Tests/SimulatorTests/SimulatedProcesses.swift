import CSystem
import Foundation
import JSON

@testable import HostCore

/// Processes that are objects of the simulation, at the end of real pipes: those of one host.
// Used on the simulation's one thread.
final class SimulatedProcesses: ProcessSystem, @unchecked Sendable {
    let world: AgentWorld
    private let host: Int

    init(of host: Int, in world: AgentWorld) { (self.host, self.world) = (host, world) }

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
        world.begin(
            SimulatedAgent(
                pid, of: host, spec,
                SimulatedAgent.Ends(input: pipes[0][0], output: pipes[1][1], error: pipes[2][1], exit: pipes[3][1]),
                in: world))
        return .success(
            SpawnedChild(
                pid: pid, exitDescriptor: pipes[3][0], input: pipes[0][1], output: pipes[1][0], error: pipes[2][0]))
    }

    func signal(_ pid: pid_t, _ number: Int32) {
        guard let agent = world.living[pid] else { return }
        if number == SIGKILL { world.kill(agent) } else { agent.heardSignal(Int(number)) }
    }

    func reap(_ pid: pid_t) -> Int? { world.statuses[pid] }
    func descendants(of pid: pid_t) -> [pid_t] { [] }

    /// Whoever started them.
    func hunt(token: String, descendants: [pid_t]) -> Int {
        func found() -> [SimulatedAgent] {
            world.inOrder.filter { $0.spec.token == token || $0.spec.environment.contains(token) }
        }
        for agent in found() { world.kill(agent) }
        return found().count
    }

    private var living: [SimulatedAgent] { world.inOrder.filter { $0.host == host } }

    /// When the next of them does something by itself.
    var nextDue: UInt64? { living.compactMap(\.nextDue).min() }

    func due(at now: UInt64) -> [SimulatedAgent] {
        living.filter { agent in agent.hasInput || agent.nextDue.map { $0 <= now } == true }
    }

    func step(_ agent: SimulatedAgent) {
        agent.listen()
        if let status = agent.step() { world.end(agent, status) }
    }

    /// Their host is gone.
    func lostHost() { if world.dieWithHosts { for agent in living { world.kill(agent) } } }
}

/// What agents share, whichever host runs them: the machine, and their own sessions.
final class AgentWorld {
    let chance: Chance
    let time: SimulatedTime
    let trace: Trace
    /// Agents fail, stall, lie and die.
    var areBad = true
    /// The kernel ends them with their host; where it does not, they go on until somebody ends them.
    let dieWithHosts: Bool
    private(set) var living: [pid_t: SimulatedAgent] = [:]
    private(set) var statuses: [pid_t: Int] = [:]
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
        dieWithHosts = !chance.oneIn(3)
    }

    deinit { for agent in living.values { agent.close() } }

    // MARK: - Processes

    var inOrder: [SimulatedAgent] { living.values.sorted { $0.pid < $1.pid } }

    func begin(_ agent: SimulatedAgent) { living[agent.pid] = agent }

    func end(_ agent: SimulatedAgent, _ status: Int) {
        guard living.removeValue(forKey: agent.pid) != nil else { return }
        statuses[agent.pid] = status
        agent.close()
    }

    /// It does nothing more, but may take its time to go: so long it still is where it was.
    func kill(_ agent: SimulatedAgent) {
        guard !agent.isKilled else { return }
        guard areBad, chance.oneIn(12) else { return end(agent, -Int(SIGKILL)) }
        agent.goSlowly(by: time.milliseconds + UInt64(chance.below(20_000)))
        trace.add("agent \(agent.pid) is killed and does not go")
    }

    // MARK: - Their sessions

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

    // MARK: - Where they stand

    /// By run, what its agent says of its state after its turns.
    private(set) var said: [String: [JSON]] = [:]

    func says(_ state: JSON, in run: String) { said[run, default: []].append(state) }
    func wasSaid(_ state: JSON) -> Bool { said.values.contains { $0.contains(state) } }
    func violate(_ what: String) { violations.append(what) }
}

/// What happened, for whoever looks for why a life went wrong.
final class Trace {
    private(set) var lines: [String] = []
    private let time: SimulatedTime

    init(_ time: SimulatedTime) { self.time = time }

    /// The store makes some checkpoints' ids by its own chance: they are left out.
    func add(_ line: @autoclosure () -> String) {
        let words = line().split(separator: " ", omittingEmptySubsequences: false)
        let said = words.map { $0.hasPrefix("ckpt_") ? "ckpt_..." : $0 }.joined(separator: " ")
        lines.append("\(time.milliseconds - 1_000_000) \(said)")
    }
}
