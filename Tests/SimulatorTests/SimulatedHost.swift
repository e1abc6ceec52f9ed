import AgentEngine
import AgentModel
import CSystem
import Foundation
import JSON

@testable import HostCore

/// A host with its client's ends of the pipes. It does nothing but in its turns.
final class SimulatedHost {
    typealias Answer = (JSON) -> Void

    let number: Int
    let store: SimulatedStore
    let processes: SimulatedProcesses
    private let workers = SimulatedWorkers()
    private var host: HostCore.Host?
    private var (toHost, fromHost): (Int32, Int32)
    private let theirs: [Int32]
    private var bytes: [UInt8] = []
    private var lastID = 0
    /// Requests without an answer, with their methods.
    private(set) var open: [Int: (method: String, then: Answer)] = [:]
    private(set) var exitCode: Int32?
    private(set) var hasNoInput = false
    /// It was told to end.
    private(set) var isEnding = false
    /// Told of the requests that the host makes.
    var asked: (JSON) -> Void = { _ in }
    private(set) var violations: [String] = []

    private struct NoPipe: Error {}

    init(_ number: Int, on disk: SimulatedDisk, in world: AgentWorld) throws {
        self.number = number
        processes = SimulatedProcesses(of: number, in: world)
        var input: [Int32] = [0, 0]
        var output: [Int32] = [0, 0]
        guard cs_pipe(&input) == 0, cs_pipe(&output) == 0 else { throw NoPipe() }
        (toHost, fromHost, theirs) = (input[1], output[0], [input[0], output[1]])
        _ = cs_set_nonblocking(fromHost, true)
        let clock = HostClock(source: world.time)
        var system = HostSystem(clock: clock, processes: processes, hearsSignals: false)
        system.makeWorker = { [workers] in workers.make() }
        var options = HostOptions(
            version: "simulated", resultsRoot: "\(disk.path)/results", trashRoot: "\(disk.path)/.trash", worker: [],
            environment: ChildEnvironment(["PATH": ""]))
        (options.input, options.output, options.system) = (input[0], output[1], system)
        options.drivers = SimulatedDriver.all
        options.defaultDriver = "keeps"
        options.stallMilliseconds = 60_000
        options.runsMax = 1 + world.chance.below(4)
        options.queuedTasksMax = 4
        var opened: SimulatedStore?
        let host = try HostCore.Host(options) { sink in
            let store = try SimulatedStore(folder: "\(disk.path)/store", host: clock.id(), at: clock.now(), sink: sink)
            opened = store
            return store
        }
        guard let opened else { throw NoPipe() }
        store = opened
        self.host = host
        host.begin()
    }

    deinit { if host != nil { kill() } }

    // MARK: - Its life

    var isAlive: Bool { host != nil }
    var nextDeadline: UInt64? { host?.deadlines.next() }
    var busyWorkers: [SimulatedWorker] { workers.busy }

    /// What keeps it from ending, as far as it says.
    var underWay: String {
        guard let host else { return "" }
        let calls = host.calls.values.map(\.method).sorted()
        let runner = host.runner
        return """
            host \(number): calls \(calls), tasks \(runner.openTasks.sorted()), running \(runner.active.keys.sorted()), \
            held \(runner.heldSessions.sorted()), asks \(runner.asks.keys.sorted()), \
            plans \(host.plans.isIdle ? "idle" : "busy"), workflows \(host.workflows.isIdle ? "idle" : "busy"), \
            children \(host.children.count), store \(host.store.waitingCount), files \(host.files.isIdle ? "idle" : "busy")
            """
    }

    /// Handles what there is to handle, once.
    func turn() {
        guard isAlive else { return }
        guard let code = host?.turn(milliseconds: 0) else { return listen() }
        exitCode = code
        listen()
        // What it had put off is never done.
        host?.requestDeadlines = [:]
        // It did not wait for the rest then.
        if host?.shutdown.phase == .over { host.map(forgetAll) }
        letGo()
    }

    /// As by SIGKILL: what is in memory is gone.
    func kill() {
        guard isAlive else { return }
        store.abandon()
        host.map(forgetAll)
        letGo()
    }

    /// What holds a host that nobody runs any more are its own callbacks.
    private func forgetAll(_ host: HostCore.Host) {
        for worker in workers.all { worker.forgetAll() }
        for call in host.calls.values { call.cancel = nil }
        (host.store.commits, host.store.reads, host.files.waiting) = ([:], [:], [:])
        (host.requestDeadlines, host.calls, host.waitingForLane) = ([:], [:], [:])
        host.waiters = TaskWaiters()
        host.plans = PlanRunner(OrchestrationRunner(host))
        host.workflows = WorkflowRunner(OrchestrationRunner(host))
        (host.runner.sessionAsks, host.runner.active, host.runner.recollections) = ([:], [:], [:])
        (host.runner.idleWaiters, host.runner.burials) = ([:], [:])
        host.children.abandonAll()
        for case .child(.spawned(_, .success(let child))) in host.mailbox.take() {
            for descriptor in [child.input, child.output, child.error, child.exitDescriptor] { close(descriptor) }
        }
    }

    /// Nothing of it stays, neither its memory nor its descriptors.
    private func letGo() {
        weak let ended = host
        host = nil
        if ended != nil { violations.append("host \(number) has ended and is held by something") }
        processes.lostHost()
        for descriptor in theirs + [fromHost] + (hasNoInput ? [] : [toHost]) { close(descriptor) }
    }

    // MARK: - The client's side

    func send(_ method: String, _ params: JSON, then: @escaping Answer = { _ in }) {
        guard isAlive, !hasNoInput else { return }
        lastID += 1
        open[lastID] = (method, then)
        write(["jsonrpc": "2.0", "id": .int(Int64(lastID)), "method": .string(method), "params": params])
    }

    /// Answers a request of the host's.
    func answer(_ request: JSON, _ result: JSON) {
        guard isAlive, !hasNoInput else { return }
        write(["jsonrpc": "2.0", "id": request["id"] ?? .null, "result": result])
    }

    func shutDown() {
        isEnding = true
        send("host.shutdown", ["mode": "now"])
    }

    func closeInput() {
        guard isAlive, !hasNoInput else { return }
        isEnding = true
        hasNoInput = true
        close(toHost)
    }

    private func write(_ message: JSON) {
        let line = message.encoded() + [UInt8(ascii: "\n")]
        _ = line.withUnsafeBytes { Foundation.write(toHost, $0.baseAddress, $0.count) }
    }

    private func listen() {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(fromHost, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
            let line = Array(bytes[..<end])
            bytes.removeFirst(end + 1)
            guard let message = try? JSON.parse(line) else {
                violations.append("a line of the host's is no JSON")
                continue
            }
            hear(message)
        }
    }

    private func hear(_ message: JSON) {
        guard message["method"] == nil else {
            if message["id"] != nil { asked(message) }
            return
        }
        guard let id = message["id"]?.intValue, let request = open.removeValue(forKey: id) else {
            return violations.append("an answer to no request: \(message)")
        }
        request.then(message)
    }
}
