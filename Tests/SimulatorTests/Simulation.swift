import AgentModel
import Foundation
import JSON
import Store

/// What must not be, with how it came about.
struct Violation: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// One life of hosts on a store: drawn from its seed, first with everything that can go wrong, then without.
final class Simulation {
    let seed: UInt64
    let chance: Chance
    let time: SimulatedTime
    let trace: Trace
    let agents: AgentWorld
    let promises = Promises()
    let projects = ProjectBook()
    /// Tasks that clients asked for, and no plan or workflow.
    private(set) var requested: Set<TaskID> = []
    private let disk: SimulatedDisk
    private(set) var hosts: [SimulatedHost] = []
    private(set) var isCalm = false
    /// The store refuses so many commits to come.
    private var refusals = 0
    private var lastHost = 0
    /// Hosts that are yet to be killed while everything comes to its end.
    private var latestKills = 0
    private(set) var kills = 0
    private(set) var faults = 0
    private(set) var steps = 0

    private static let stepsMax = 60_000

    init(seed: UInt64) throws {
        self.seed = seed
        chance = Chance(seed: seed)
        time = SimulatedTime(chance)
        trace = Trace(time)
        agents = AgentWorld(chance, time, trace)
        disk = try SimulatedDisk("\(seed)")
    }

    var living: [SimulatedHost] { hosts.filter(\.isAlive) }
    /// Hosts that take requests.
    var serving: [SimulatedHost] { living.filter { !$0.isEnding } }

    // MARK: - The whole of it

    func run() throws {
        let client = SimulatedClient(self)
        do {
            for _ in 0...chance.below(3) { try begin(client) }
            try live(client)
            isCalm = true
            agents.areBad = false
            trace.add("-- calm")
            latestKills = chance.below(3)
            if serving.isEmpty { try begin(client) }
            try client.finish()
            try end()
            // What was killed goes, if slowly; whatever else is there, the next host has to find.
            try pump("what was killed") { self.agents.inOrder.allSatisfy { !$0.isKilled } }
            // What nobody looks after any more is looked after by the next host.
            try begin(client)
            try pump("the start of a host") { self.living.allSatisfy { $0.store.waitingCount == 0 } }
            try end()
            try look(client)
        } catch {
            let isAlone = ProcessInfo.processInfo.environment["AGENTHOST_SIM_SEED"] != nil
            let last = trace.lines.suffix(isAlone ? .max : 300).joined(separator: "\n")
            throw Violation("\(last)\n\nseed \(seed): \(error)\nAGENTHOST_SIM_SEED=\(seed) repeats it")
        }
    }

    /// Everything happens: at first at once, later also by and by.
    private func live(_ client: SimulatedClient) throws {
        for _ in 0..<8 { client.act() }
        for _ in 0..<(250 + chance.below(900)) {
            // Nobody waits for a host that has nothing to do.
            if chance.oneIn(doable.isEmpty ? 2 : 16) { client.act() }
            if chance.oneIn(80) { try goWrong(client) }
            try step()
        }
    }

    private func begin(_ client: SimulatedClient) throws {
        lastHost += 1
        trace.add("host \(lastHost) begins")
        let host = try SimulatedHost(lastHost, on: disk, in: agents)
        hosts.append(host)
        host.store.committed = { [unowned self] in heard($0, $1) }
        for other in hosts { host.store.commitsSeen += other === host ? 0 : other.store.commits }
        client.greet(host)
        try keep(host)
    }

    private func heard(_ batch: StoreBatch, _ commit: StoreCommit) {
        projects.add(batch, commit)
        guard !batch.commands.contains(where: \.isOfOrchestration) else { return }
        for case .insertTask(let task, _, _) in batch.commands { requested.insert(task.id) }
    }

    /// What clients were told holds.
    private func keep(_ host: SimulatedHost) throws {
        let broken = try host.store.look { [promises] in try promises.broken($0) }
        if let broken { throw Violation("a client was told what does not hold: \(broken)") }
    }

    private func end() throws {
        for host in living { host.closeInput() }
        try pump("the end of the hosts") { self.living.isEmpty }
        for host in hosts where host.exitCode.map({ $0 != 0 }) == true && !host.hasNoInput {
            throw Violation("host \(host.number) ended with \(host.exitCode ?? 0)")
        }
    }

    private func look(_ client: SimulatedClient) throws {
        let violations = agents.violations + hosts.flatMap(\.violations)
        if let first = violations.first { throw Violation(first) }
        for host in hosts where host.exitCode == 0 {
            if let left = host.open.values.first { throw Violation("\(left.method) was never answered") }
        }
        if let left = agents.inOrder.first { throw Violation("process \(left.pid) is left over") }
        try Inspection(
            folder: "\(disk.path)/store", time: time, promises: promises, agents: agents, projects: projects,
            requested: requested
        ).run(client)
    }

    // MARK: - What goes wrong

    private func goWrong(_ client: SimulatedClient) throws {
        faults += 1
        switch chance.below(10) {
        case 0...3:
            if let host = chance.pick(living) { kill(host, client) }
        case 4:
            guard let host = chance.pick(serving) else { break }
            trace.add("host \(host.number) is told to end")
            if chance.oneIn(2) { host.closeInput() } else { host.shutDown() }
        case 5:
            trace.add("the clock on the wall jumps")
            time.jumpWall(by: Int64(chance.below(7_200_000)) - 3_600_000)
        case 6:
            trace.add("the machine sleeps")
            time.advance(to: time.milliseconds + UInt64(chance.below(600_000)))
            for host in living { host.turn() }
        case 7...8: refusals = 1 + chance.below(chance.oneIn(6) ? 80 : 8)
        default: if living.count < 4 { try begin(client) }
        }
        if living.isEmpty || serving.isEmpty { try begin(client) }
    }

    private func kill(_ host: SimulatedHost, _ client: SimulatedClient) {
        kills += 1
        trace.add("host \(host.number) is killed")
        host.kill()
        client.lost(host)
    }

    /// While everything comes to its end: the next host takes over what is left.
    func killLate(_ client: SimulatedClient) throws {
        guard latestKills > 0, chance.oneIn(200), let host = chance.pick(living) else { return }
        latestKills -= 1
        kill(host, client)
        try begin(client)
    }

    private func fault() -> SimulatedStore.Fault {
        guard !isCalm else { return .none }
        if refusals > 0 {
            refusals -= 1
            return .refuses(refusal)
        }
        if chance.oneIn(120) { return .refuses(refusal) }
        return chance.oneIn(400) ? .losesAnswer : .none
    }

    private var refusal: StoreFailure {
        chance.draw([
            (4, .overloaded("simulated")), (4, .broken(reason: "locked", detail: "simulated")),
            (2, .broken(reason: "disk_full", detail: "simulated")),
            (1, .broken(reason: "io_error", detail: "simulated")),
        ])
    }

    // MARK: - One thing after the other

    /// Goes on until something is so.
    func pump(_ what: String, until isSo: () throws -> Bool) throws {
        let end = steps + Self.stepsMax
        while try !isSo() {
            guard steps < end else {
                throw Violation("nothing comes of \(what)\n\(living.map(\.underWay).joined(separator: "\n"))")
            }
            try step()
        }
    }

    /// Does one of the things that can happen now, or lets time pass.
    private func step() throws {
        steps += 1
        let doable = doable
        if doable.isEmpty || chance.oneIn(30) { passTime() } else { chance.draw(doable)() }
        if let first = agents.violations.first ?? projects.violations.first { throw Violation(first) }
    }

    /// What can happen now, and how readily.
    private var doable: [(Int, () -> Void)] {
        var doable: [(Int, () -> Void)] = []
        for host in living {
            if host.store.hasAnswers { doable.append((4, { self.answer(host) })) }
            if host.store.hasBatches { doable.append((4, { self.commit(host) })) }
            if host.store.hasQueries { doable.append((4, { self.read(host) })) }
            if isToldOfOthers(host) { doable.append((2, { self.tellOfOthers(host) })) }
            for worker in host.busyWorkers {
                doable.append(
                    (
                        4,
                        {
                            worker.doNext()
                            host.turn()
                        }
                    ))
            }
        }
        // Also those whose host is gone.
        for host in hosts {
            for agent in host.processes.due(at: time.milliseconds) {
                doable.append(
                    (
                        3,
                        {
                            host.processes.step(agent)
                            host.turn()
                        }
                    ))
            }
        }
        return doable
    }

    private func passTime() {
        let due = hosts.flatMap { [$0.nextDeadline, $0.processes.nextDue] }.compactMap(\.self).min()
        time.advance(to: due ?? time.milliseconds + 1000)
        for host in living { host.turn() }
    }

    private func commit(_ host: SimulatedHost) {
        let fault = fault()
        let batch = host.store.nextBatch
        let failure = host.store.commitNext(fault)
        let words = fault.words.isEmpty ? failure.map { ": \($0)" } ?? "" : fault.words
        trace.add("host \(host.number) commits \(batch)\(words)")
    }

    private func read(_ host: SimulatedHost) {
        let fault: SimulatedStore.Fault = !isCalm && chance.oneIn(150) ? .refuses(refusal) : .none
        host.store.readNext(overtaking: chance.oneIn(4), fault)
    }

    private func answer(_ host: SimulatedHost) {
        host.store.answer()
        host.turn()
    }

    private func othersCommits(_ host: SimulatedHost) -> Int {
        hosts.reduce(0) { $0 + ($1 === host ? 0 : $1.store.commits) }
    }

    private func isToldOfOthers(_ host: SimulatedHost) -> Bool {
        host.store.isWatched && host.store.commitsSeen != othersCommits(host)
    }

    private func tellOfOthers(_ host: SimulatedHost) {
        host.store.commitsSeen = othersCommits(host)
        host.store.tellOfOthers()
        host.turn()
    }
}

extension SimulatedStore.Fault {
    fileprivate var words: String {
        switch self {
        case .none: ""
        case .refuses(let failure): ": \(failure)"
        case .losesAnswer: ": the answer is lost"
        }
    }
}

extension StoreCommand {
    /// Whether it keeps where a plan or a workflow stands.
    fileprivate var isOfOrchestration: Bool {
        switch self {
        case .insertPlan, .updatePlan, .insertWorkflow, .updateWorkflow: true
        default: false
        }
    }
}
