import AgentEngine
import AgentModel
import JSON
import Testing

/// Random lives of tasks that are judged, run again and stopped, by whatever comes in whatever order; what must be true
/// is looked at after each input.
@Suite struct TaskWalkTests {
    @Test(arguments: 0..<400 as Range<UInt64>) func whatMustBeTrueIsTrue(seed: UInt64) {
        var walk = TaskWalk(seed: seed)
        walk.run()
    }

    /// Without these the walks would prove little.
    @Test func theWalksGoEverywhere() {
        var reasons: Set<StopReason> = []
        var (judgements, further, lost) = (0, 0, 0)
        for seed in 0..<400 as Range<UInt64> {
            var walk = TaskWalk(seed: seed)
            walk.run()
            reasons.formUnion(walk.results.map(\.stopReason))
            judgements += walk.judgements
            further += walk.furtherRuns
            lost += walk.lostRuns
        }
        let all: Set<StopReason> = [
            .endTurn, .error, .cancelled, .noResult, .timeout, .stalled, .recursionLimit, .budget, .leaseLost,
            .hostLost, .schemaUnsatisfied,
        ]
        #expect(all.subtracting(reasons) == [])
        #expect(judgements > 70, "\(judgements)")
        #expect(further > 40, "\(further)")
        #expect(lost > 8, "\(lost)")
    }
}

private struct TaskWalk {
    private typealias Effect = TaskMachine.Effect

    private let seed: UInt64
    private var random: WalkRandom
    private var machine: TaskMachine
    private let runsMax: Int
    /// What came first to end it.
    private var cause: (TaskStatus, StopReason)?
    private var isJudging = false
    private var openAsks: Set<String> = []
    private var bill = 0
    private var lastRun: UInt64 = 4
    private(set) var results: [TaskResult] = []
    private(set) var judgements = 0
    private(set) var furtherRuns = 0
    private(set) var lostRuns = 0

    init(seed: UInt64) {
        self.seed = seed
        var random = WalkRandom(seed: seed)
        let runsMax = 1 + random.below(3)
        self.runsMax = runsMax
        let (isChecked, hasSchema) = (random.below(3) > 0, random.below(3) == 0)
        machine = TaskMachineTests.machine { task in
            task.timeoutMilliseconds = 5
            task.budget = Budget(cost: nil, tokens: 85)
            task.recursionLimit = 1
            task.maxIterations = runsMax
            if isChecked { task.check = "true" }
            if hasSchema { task.outputSchema = ["type": "integer"] }
        }
        self.random = random
    }

    mutating func run() {
        take(machine.start(), of: nil)
        for _ in 0..<50 {
            let input = input()
            give(input)
        }
        give(.stop(.cancelled))
        give(.gone)
        expect(results.count == 1, "\(results.count) ends")
        expect(openAsks.isEmpty, "asks are left open")
    }

    private func expect(_ holds: Bool, _ what: @autoclosure () -> String) {
        #expect(holds, "seed \(seed): \(what())")
    }

    private mutating func input() -> TaskMachine.Input {
        let name = "\(random.below(3))"
        switch random.below(24) {
        case 0...2: return TaskMachineTests.ask(name)
        case 3: return .driver(.askWithdrawn(askID: name))
        case 4...5: return .answered(askID: name, optionID: random.below(2) == 0 ? nil : "yes")
        case 6...8: return .driver(.message(id: name, role: "assistant", text: random.below(2) == 0 ? "7" : "seven"))
        case 9:
            var usage = Usage.none
            usage.outputTokens = random.below(90)
            return .driver(.usage(usage))
        case 10: return .driver(.turnEnded)
        case 11: return random.below(3) == 0 ? .timer(.stall) : .driver(.warning("hm"))
        case 12: return random.below(6) == 0 ? .timer(.timeout) : .driver(.turnEnded)
        case 13:
            let causes: [StopCause] = [.cancelled, .leaseLost, .hostEnding]
            return random.below(3) == 0 ? .stop(causes[random.below(3)]) : .signOfLife
        case 14: return random.below(8) == 0 ? .gone : .signOfLife
        case 15...19: return .judged(random.below(3) == 0 ? nil : "Not yet.")
        default: return .driverFinished(outcome())
        }
    }

    private mutating func outcome() -> RunOutcome {
        let reasons: [StopReason] = [.error, .error, .cancelled, .refusal]
        var outcome = RunOutcome(stopReason: random.below(5) < 4 ? .endTurn : reasons[random.below(reasons.count)])
        outcome.isResumeLost = outcome.stopReason == .error && random.below(3) > 0
        return outcome
    }

    private mutating func give(_ input: TaskMachine.Input) {
        let hasEnded = machine.hasEnded
        let wasJudging = isJudging
        let effects = machine.handle(input)
        expect(!hasEnded || effects.isEmpty, "something after the end: \(input)")
        if case .judged = input {
            expect(wasJudging || effects.isEmpty, "a judgement that nobody asked for counts")
            isJudging = false
        }
        take(effects, of: input)
    }

    private mutating func take(_ effects: [Effect], of input: TaskMachine.Input?) {
        if let input, cause == nil, !effects.contains(where: \.isEnd), effects.contains(where: \.isStop) {
            cause = Self.cause(input)
            isJudging = false
            expect(cause != nil, "\(input) stops it")
        }
        if case .stop(let given)? = input, cause == nil, effects.contains(where: \.isEnd) {
            // Nothing is left to be waited for.
            cause = (given.status, given.reason)
        }
        for effect in effects { take(effect) }
    }

    private static func cause(_ input: TaskMachine.Input) -> (TaskStatus, StopReason)? {
        switch input {
        case .stop(let cause): (cause.status, cause.reason)
        case .timer(.timeout): (.failed, .timeout)
        case .timer(.stall): (.failed, .stalled)
        case .driver(.turnEnded): (.failed, .recursionLimit)
        case .driver(.usage): (.failed, .budget)
        default: nil
        }
    }

    private mutating func take(_ effect: Effect) {
        switch effect {
        case .openAsk(let ask): openAsks.insert(ask.id)
        case .withdrawAsk(let id), .answerDriver(let id, _): openAsks.remove(id)
        case .judge:
            expect(!isJudging && cause == nil, "judged twice at once, or while it is stopped")
            isJudging = true
            judgements += 1
        case .startFresh(let ended, _):
            lostRuns += 1
            expect(lostRuns == 1 && cause == nil, "a lost session is tried afresh twice, or while it is stopped")
            bill += ended.usage.outputTokens
            take(machine.start(nextRun("lost")), of: nil)
        case .startAgain(let ended, _, _):
            furtherRuns += 1
            expect(furtherRuns < runsMax && cause == nil, "it runs too often, or while it is stopped")
            bill += ended.usage.outputTokens
            take(machine.startAgain(nextRun()), of: nil)
        case .end(let run, let result):
            results.append(result)
            bill += run.usage.outputTokens
            expect(result.usage.outputTokens == bill, "it used \(result.usage.outputTokens), its runs \(bill)")
            guard let (status, reason) = cause else { break }
            expect(result.status == status && result.stopReason == reason, "another cause than the first decides")
        default: break
        }
    }

    private mutating func nextRun(_ fallback: String? = nil) -> Run {
        lastRun += 1
        return TaskMachineTests.run(lastRun, fallback: fallback)
    }
}

extension TaskMachine.Effect {
    fileprivate var isEnd: Bool { if case .end = self { true } else { false } }
    fileprivate var isStop: Bool { if case .stopProcess = self { true } else { false } }
}
