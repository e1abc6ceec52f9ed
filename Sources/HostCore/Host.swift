import AgentEngine
import AgentModel
import CSystem
import Driver
import JSON
import JSONRPC
package import Store

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The host: one loop, on one thread, that owns all state. It never waits for anything but the next thing to do;
/// whatever blocks happens on a thread of its own and comes back as a `HostEvent`.
package final class Host {
    let options: HostOptions
    let clock: HostClock
    let client: ClientLink
    let store: StoreClient
    let children: Children
    let files: FileThread
    let runner: TaskRunner
    let workers: DatabaseWorkers
    let programs: HostPrograms
    let embedder: Embedder?
    let http: HTTPThread?
    let startedAt: Timestamp
    var shutdown = ShutdownSequence()
    var lanes = LaneScheduler()
    /// Requests that are being served, and those that wait for their lane.
    var calls: [RequestKey: Call] = [:]
    var waitingForLane: [UInt64: (Call, MethodHandler)] = [:]
    var waiters = TaskWaiters()
    var subscriptions = Subscriptions()
    var liveView = LiveView()
    var clientAsks = ClientAsks()
    var latencies = Latencies()
    var clientCapabilities = ClientCapabilities()
    var deadlines = DeadlineQueue<Deadline>()
    var requestDeadlines: [UInt64: () -> Void] = [:]
    var recallMarks = RecallMarks()
    lazy var plans = PlanRunner(OrchestrationRunner(self))
    lazy var workflows = WorkflowRunner(OrchestrationRunner(self))
    var lastRequestDeadline: UInt64 = 0
    var hasLostClient = false
    var isWatchingOtherHosts = false
    /// What others ask is looked at again soon.
    var isLookingForRequests = false

    private let readiness: Readiness<Source>
    let mailbox: Mailbox<HostEvent>
    private var signalPipe: [Int32] = [-1, -1]

    /// Opens everything; serves nothing yet.
    /// - Parameter openStore: opens the store with the sink for its answers; its errors pass through.
    package init(
        _ options: HostOptions, openStore: (@escaping @Sendable (StoreEvent) -> Void) throws -> any Store
    ) throws {
        self.options = options
        let mailbox = try Mailbox<HostEvent>()
        let readiness = try Readiness<Source>()
        self.mailbox = mailbox
        self.readiness = readiness
        cs_ignore_sigpipe()
        guard cs_pipe(&signalPipe) == 0 else { throw SystemError("open a pipe", errno) }
        if options.system.hearsSignals {
            for signal in [SIGTERM, SIGINT, SIGHUP] { _ = cs_forward_signal(signal, signalPipe[1]) }
        }
        let clock = options.system.clock
        self.clock = clock
        startedAt = clock.now()
        store = StoreClient(try openStore { mailbox.post(.store($0)) }, now: clock.now)
        files = FileThread(options.system.makeWorker()) { mailbox.post(.file($0)) }
        client = ClientLink(
            input: options.input, output: options.output,
            limits: ClientLink.Limits(
                lineBytesMax: options.lineBytesMax, requestsMax: options.requestsMax,
                outputBytesMax: options.outputBytesMax))
        let box = DeadlineBox()
        children = Children(options.system) {
            mailbox.post(.child($0))
        } watch: { descriptor, child, pipe, readable, writable in
            readiness.set(descriptor, .child(child, pipe), readable: readable, writable: writable)
        } unwatch: { descriptor in
            readiness.remove(descriptor)
        } setDeadline: { child, milliseconds in
            box.set(.ladder(child), milliseconds)
        }
        let embedding = Self.embedder(options, children: children, files: files, store: store, clock: clock) {
            mailbox.post(.http($0))
        } after: {
            box.host?.after(milliseconds: $0, $1)
        }
        embedder = embedding?.0
        http = embedding?.1
        var limits = TaskMachine.Limits()
        limits.stallMilliseconds = options.stallMilliseconds
        limits.messageBytesMax = options.messageBytesMax
        programs = HostPrograms(
            children: children, environment: options.environment, hostToken: RunToken.assignment(store.hostID)
        ) { box.host?.after(milliseconds: $0, $1) }
        runner = TaskRunner(
            TaskRunner.Parts(
                store: store, children: children, programs: programs, files: files,
                outsideStore: OutsideStore(database: store.describe().path, results: options.resultsRoot),
                drivers: Dictionary(options.drivers.map { ($0.name, $0) }) { first, _ in first },
                environment: options.environment, limits: limits, driverModes: options.driverModes,
                runsMax: options.runsMax,
                warm: WarmPool(
                    processesMax: options.warmProcessesMax, idleMilliseconds: options.warmIdleMilliseconds,
                    tornBytesMax: options.lineBytesMax),
                clock: clock,
                setDeadline: { box.set($0, $1) }, clearDeadline: { box.clear($0) }, embedder: embedding?.0))
        workers = DatabaseWorkers(children: children, environment: options.environment, command: options.worker) {
            box.host?.after(milliseconds: $0, $1)
        }
        runner.sink = self
        box.host = self
    }

    deinit {
        for descriptor in signalPipe where descriptor >= 0 { close(descriptor) }
    }

    /// Serves until the client or a signal ends it. Returns the exit code.
    package func run() -> Int32 {
        begin()
        while true {
            if let code = turn(milliseconds: nil) { return code }
        }
    }

    /// What comes before the first turn of the loop.
    func begin() {
        readiness.set(mailbox.descriptor, .mailbox, readable: true, writable: false)
        readiness.set(signalPipe[0], .signals, readable: true, writable: false)
        recover()
        setDeadline(.sweep, milliseconds: Self.sweepMilliseconds)
        embedder?.start()
    }

    /// Waits for what comes next and handles it.
    /// - Parameter milliseconds: to wait at most; `nil`: until the next deadline.
    /// - Returns: the exit code once the host has ended.
    func turn(milliseconds: Int?) -> Int32? {
        watchClient()
        for ready in readiness.wait(milliseconds: milliseconds ?? millisecondsToDeadline()) { handle(ready) }
        fireDeadlines()
        tellClient()
        guard let code = exitCode() else { return nil }
        embedder?.close()
        client.close()
        store.close(leavingProcesses: children.count > 0)
        return code
    }

    // MARK: - What wakes it

    private func handle(_ ready: Readiness<Source>.Ready) {
        switch ready.source {
        case .mailbox: for letter in mailbox.take() { handle(letter) }
        case .signals: heardSignal()
        case .clientInput: if ready.readable || ready.hungUp { readClient() }
        case .clientOutput:
            if ready.hungUp { lostClient() } else if ready.writable, !client.flush() { lostClient() }
        case .child(let child, let pipe): children.ready(child, pipe)
        }
    }

    private func handle(_ event: HostEvent) {
        switch event {
        case .store(.changedElsewhere): changedElsewhere()
        case .store(let event): store.handle(event, publish: publish)
        case .child(let report): children.handle(report)
        case .file(let report): files.handle(report)
        case .http(let report): http?.handle(report)
        }
    }

    private func readClient() {
        guard !client.hasInputEnded else { return }
        client.read { receipt in
            for delivery in receipt.deliveries { take(delivery) }
        }
        if client.hasInputEnded { inputEnded() }
    }

    private func heardSignal() {
        var signals = [UInt8](repeating: 0, count: 16)
        #if canImport(Glibc)
            let count = Glibc.read(signalPipe[0], &signals, signals.count)
        #else
            let count = Darwin.read(signalPipe[0], &signals, signals.count)
        #endif
        guard count > 0 else { return }
        shutDownNow(exitCode: 128 + Int32(signals[0]))
    }

    /// Asks for as much as the levels of back-pressure allow.
    private func watchClient() {
        if client.isBroken {
            readiness.remove(client.input)
            readiness.remove(client.output)
        } else {
            if client.hasInputEnded {
                readiness.remove(client.input)
            } else {
                readiness.set(client.input, .clientInput, readable: client.wantsInput, writable: false)
            }
            // Also watched when there is nothing to write: to notice that nobody reads any more.
            readiness.set(client.output, .clientOutput, readable: false, writable: client.hasOutput)
        }
    }

    /// Sends what has gathered in this turn of the loop, once.
    private func tellClient() {
        if client.hasOutput, !client.flush() { lostClient() }
        if !client.areDeltasHeld { releaseDeltas() }
        children.setAllPaused(client.areAgentsPaused)
        if !client.areAgentsPaused { feedSubscriptions() }
        if client.hasOutput, !client.flush() { lostClient() }
        store.watch(needsNews)
    }

    // MARK: - Deadlines

    static let otherHostsMilliseconds: UInt64 = 200

    func setDeadline(_ deadline: Deadline, milliseconds: UInt64) {
        deadlines.set(deadline, at: clock.monotonicMilliseconds() &+ milliseconds)
    }

    private func millisecondsToDeadline() -> Int? {
        guard let next = deadlines.next() else { return nil }
        let now = clock.monotonicMilliseconds()
        return next > now ? Int(clamping: next - now) : 0
    }

    private func fireDeadlines() {
        let now = clock.monotonicMilliseconds()
        while let due = deadlines.popDue(at: now) {
            switch due {
            case .task(let task, let timer): runner.deadline(task, timer)
            case .recordAgain(let task): runner.recordAgain(task)
            case .startAgain(let task, let session): runner.startAgain(task, in: session)
            case .endAgain(let task): runner.recordEnd(task)
            case .again(let number): runner.again(number)
            case .recallOver(let task): runner.endRecollection(task, "it took too long")
            case .ladder(let child): children.deadline(child)
            case .ask(let ask): runner.askDeadline(ask)
            case .request(let number): requestDeadlines.removeValue(forKey: number)?()
            case .sweep: sweep()
            case .otherHosts: lookAtOtherHosts()
            case .warm: runner.warmDeadline()
            case .exit: perform(shutdown.timeIsUp())
            }
        }
    }

    /// The exit code once it is time to leave.
    private func exitCode() -> Int32? {
        shutdown.exitCode(isAlone: client.hasInputEnded || client.isBroken) {
            guard runner.isIdle, plans.isIdle, workflows.isIdle, calls.isEmpty else { return false }
            embedder?.close()
            runner.endWarmProcesses()
            // Whoever asked has the answer by now.
            let marks = recallMarks.take()
            if !marks.isEmpty { store.commit(marks) { _ in } }
            let isQuiet = children.count == 0 && store.waitingCount == 0 && files.isIdle
            return isQuiet && (client.isBroken || !client.hasOutput)
        }
    }
}

/// Lets the parts of a host set deadlines before the host itself is whole.
private final class DeadlineBox {
    weak var host: Host?

    func set(_ deadline: Deadline, _ milliseconds: UInt64) {
        host?.setDeadline(deadline, milliseconds: milliseconds)
    }

    func clear(_ deadline: Deadline) { host?.deadlines.clear(deadline) }
}
