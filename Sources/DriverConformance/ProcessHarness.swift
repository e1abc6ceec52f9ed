package import AgentModel
import CSystem
package import Driver

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Runs a driver's agent for real: spawns what the run asks for, feeds it what comes, and holds every effect against
/// the contract. Blocks until the process and all that it left behind are gone. For checks and tests; the host has
/// its own.
package struct ProcessHarness {
    package struct Options: Sendable {
        /// Cancels once so many events have come.
        package var cancelAfterEvents: Int?
        /// How long a step of the ladder that ends a process waits for the next one.
        package var graceMilliseconds = 300
        /// When the run is given up: far beyond what any check takes.
        package var deadlineMilliseconds = 60_000
        /// What is answered to an ask: an option's id.
        package var answer: @Sendable (DriverAsk) -> String? = { $0.options.first?.id }

        package init() {}
    }

    package struct Record: Sendable {
        package var outcome: RunOutcome
        package var events: [DriverEvent]
        package var output: [UInt8]
        package var errorBytes: Int
        /// How the process ended; `nil` when none was started.
        package var exitStatus: Int?
        /// How many processes it left behind, which were then ended.
        package var leftBehind: Int
    }

    private let options: Options
    private var run: CheckedRun
    private var child: HarnessChild?
    private var seenEvents = 0
    private var hasCancelled = false
    private var output: [UInt8] = []
    private var errorBytes = 0
    /// The last of what came on stderr.
    private var errorTail: [UInt8] = []
    private static let errorTailMax = 16 << 10

    package static func run(
        _ run: any DriverRun, _ options: Options = Options()
    ) throws(ConformanceFailure) -> Record {
        var harness = ProcessHarness(options: options, run: CheckedRun(run))
        return try harness.record()
    }

    private init(options: Options, run: CheckedRun) {
        self.options = options
        self.run = run
    }

    private mutating func record() throws(ConformanceFailure) -> Record {
        cs_ignore_sigpipe()
        try perform(.start)
        if child != nil { try perform(.spawned) }
        let status = try drive()
        let leftBehind = child?.endWhatIsLeft() ?? 0
        guard let outcome = run.outcome else {
            throw ConformanceFailure("the process ended and the run did not finish")
        }
        return Record(
            outcome: outcome, events: run.events, output: output, errorBytes: errorBytes, exitStatus: status,
            leftBehind: leftBehind)
    }

    /// Feeds the run until its process is gone; how that ended.
    private mutating func drive() throws(ConformanceFailure) -> Int? {
        guard let child else { return nil }
        defer { child.closeAll() }
        var ladder = Ladder(options)
        while true {
            if run.outcome != nil || hasCancelled { ladder.climb(child) }
            if ladder.isPastDeadline {
                child.signal(SIGKILL)
                throw ConformanceFailure("nothing ended the run")
            }
            let news = child.wait(milliseconds: 20)
            errorBytes += news.errors.count
            errorTail = (errorTail + news.errors).suffix(Self.errorTailMax)
            if !news.output.isEmpty {
                output += news.output
                try perform(.output(news.output))
            }
            if news.hasOutputEnded { try perform(.outputEnded) }
            if let status = news.exitStatus {
                if !errorTail.isEmpty { try perform(.errorOutput(String(decoding: errorTail, as: UTF8.self))) }
                try perform(.exited(status))
                return status
            }
            if let count = options.cancelAfterEvents, seenEvents >= count, !hasCancelled, run.outcome == nil {
                hasCancelled = true
                try perform(.cancel)
            }
        }
    }

    private mutating func perform(_ input: DriverInput) throws(ConformanceFailure) {
        for effect in try run.handle(input) {
            switch effect {
            case .spawn(let spec): try spawn(spec)
            case .write(let bytes): child?.send(bytes)
            case .closeInput: child?.closeInputWhenWritten()
            // A harness offers no hands and ends every process.
            case .serve(let id, _): try perform(.served(id: id, .refused("There are no services here.")))
            case .keepWarm: break
            case .emit(.ask(let ask)):
                seenEvents += 1
                let before = run.effects.count
                try run.answer(ask.id, options.answer(ask))
                for case .write(let bytes) in run.effects[before...] { child?.send(bytes) }
            case .emit: seenEvents += 1
            case .finish: break
            }
        }
    }

    private mutating func spawn(_ spec: ProcessSpec) throws(ConformanceFailure) {
        switch HarnessChild.start(spec) {
        case .success(let started): child = started
        case .failure(let failure): try run.handle(.spawnFailed(failure.description))
        }
    }
}

/// What ends a process: its stdin closed, SIGTERM, SIGKILL, with a pause after each.
private struct Ladder {
    private let graceMilliseconds: UInt64
    private let deadline: UInt64
    private var rung = 0
    private var next: UInt64?

    init(_ options: ProcessHarness.Options) {
        graceMilliseconds = UInt64(max(0, options.graceMilliseconds))
        deadline = cs_monotonic_ms() + UInt64(max(0, options.deadlineMilliseconds))
    }

    var isPastDeadline: Bool { cs_monotonic_ms() > deadline }

    /// Takes the next step if its time has come.
    mutating func climb(_ child: HarnessChild) {
        let now = cs_monotonic_ms()
        guard let due = next else {
            next = now + graceMilliseconds
            return
        }
        guard now >= due else { return }
        next = now + graceMilliseconds
        rung += 1
        switch rung {
        case 1: child.closeInputWhenWritten()
        case 2: child.signal(SIGTERM)
        default: child.signal(SIGKILL)
        }
    }
}
