import AgentEngine
import AgentModel
import JSON
import Testing

@Suite struct TaskMachineTests {
    typealias Effect = TaskMachine.Effect
    typealias Input = TaskMachine.Input

    static func id<Kind>(_ number: UInt64) -> Identifier<Kind> { Identifier(UUID128(high: number, low: number)) }

    static func run(_ number: UInt64 = 4, fallback: String? = nil) -> Run {
        var run = Run(id: id(number), taskID: id(1), sessionID: id(2), driver: "fake", at: Timestamp(milliseconds: 0))
        run.fallback = fallback
        return run
    }

    static func machine(_ change: (inout AgentTask) -> Void = { _ in }) -> TaskMachine {
        var task = AgentTask(
            id: id(1), sessionID: id(2), hostID: id(3), input: [], driver: "fake", mode: .analysis,
            persistence: .resume, recursionLimit: 2, at: Timestamp(milliseconds: 0))
        change(&task)
        return TaskMachine(task: task, run: run(), limits: TaskMachine.Limits())
    }

    @Test func aCheckpointIsOfTheTurnsTaken() {
        var machine = TaskMachine(
            task: Self.machine { $0.recursionLimit = 6 }.task, run: Self.run(), turns: 3, limits: TaskMachine.Limits())
        #expect(machine.handle(.driver(.turnEnded)) == [])
        let effects = machine.handle(.driver(.checkpoint(state: ["a": 1])))
        #expect(effects == [.saveCheckpoint(turn: 4, state: ["a": 1])])
        for _ in 5...6 { #expect(machine.handle(.driver(.turnEnded)) == []) }
        #expect(machine.handle(.driver(.turnEnded)) == [.stopProcess(StopCause.recursionLimit(6).pace)])
    }

    @Test func aStateThatIsTooLargeIsNotKept() {
        var machine = Self.machine()
        let deep = (0..<300).reduce(JSON.null) { inner, _ in [inner] }
        for state in [deep, .string(String(repeating: "x", count: 5 << 20))] {
            let effects = machine.handle(.driver(.checkpoint(state: state)))
            guard case .record(let drafts)? = effects.first else {
                Issue.record("\(effects.count)")
                continue
            }
            #expect(drafts.map(\.type) == [.warning])
            #expect(effects.count == 1)
        }
    }

    static let done = Input.driverFinished(RunOutcome(stopReason: .endTurn, output: "out"))

    static func ends(_ effects: [Effect]) -> [TaskResult] {
        effects.compactMap { if case .end(_, let result) = $0 { result } else { nil } }
    }

    static func ask(_ id: String) -> Input {
        .driver(.ask(DriverAsk(id: id, kind: .permission, title: "May I?", options: [])))
    }

    @Test(
        arguments: [
            (.endTurn, .completed), (.maxTokens, .completed), (.refusal, .completed), (.cancelled, .cancelled),
            (.error, .failed), (.noResult, .failed), (.schemaUnsatisfied, .failed),
        ] as [(StopReason, TaskStatus)])
    func theDriversReasonDecides(reason: StopReason, status: TaskStatus) {
        var machine = Self.machine()
        let result = Self.ends(machine.handle(.driverFinished(RunOutcome(stopReason: reason)))).first
        #expect(result?.status == status)
        #expect(result?.stopReason == reason)
        #expect(machine.handle(Self.done) == [])
    }

    @Test(
        arguments: [
            (.cancelled, .cancelled, .cancelled), (.timedOut(milliseconds: 1), .failed, .timeout),
            (.stalled(milliseconds: 1), .failed, .stalled), (.leaseLost, .interrupted, .leaseLost),
            (.hostEnding, .interrupted, .hostLost), (.recursionLimit(1), .failed, .recursionLimit),
            (.overBudget("x"), .failed, .budget),
        ] as [(StopCause, TaskStatus, StopReason)])
    func theFirstCauseWins(cause: StopCause, status: TaskStatus, reason: StopReason) {
        var machine = Self.machine()
        #expect(machine.handle(.stop(cause)) == [.stopProcess(cause.pace)])
        #expect(Self.ends(machine.handle(.stop(.clientGone))).isEmpty)
        #expect(machine.handle(Self.done) == [], "what it says now only adds to the bill")
        let result = Self.ends(machine.handle(.gone)).first
        #expect(result?.status == status)
        #expect(result?.stopReason == reason)
        #expect(result?.output == "out")
        #expect((result?.error == nil) == (cause == .cancelled))
    }

    @Test func aProcessThatIsGoneWithoutAResultFails() {
        var machine = Self.machine()
        let effects =
            machine.handle(.driver(.textDelta(messageID: "m", text: "half")))
            + machine.handle(.gone)
        #expect(Self.ends(effects).first?.stopReason == .noResult)
        let partial = effects.contains {
            if case .record(let drafts) = $0 { drafts.first?.data["partial"] == true } else { false }
        }
        #expect(partial, "what it had said is kept")
    }

    @Test func turnsAreCounted() {
        var machine = Self.machine()
        #expect(machine.handle(.driver(.turnEnded)) == [])
        #expect(machine.handle(.driver(.turnEnded)) == [])
        #expect(machine.handle(.driver(.turnEnded)).count == 1)
        #expect(Self.ends(machine.handle(.gone)).first?.stopReason == .recursionLimit)
    }

    @Test func theBudgetCountsAllRuns() {
        var machine = Self.machine { $0.budget = Budget(cost: nil, tokens: 100) }
        var usage = Usage.none
        usage.inputTokens = 60
        _ = machine.handle(.driver(.usage(usage)))
        #expect(machine.isRunning)
        var lost = RunOutcome(stopReason: .error)
        lost.isResumeLost = true
        #expect(machine.handle(.driverFinished(lost)).count == 1)
        _ = machine.start(Self.run(5, fallback: "lost"))
        _ = machine.handle(.driver(.usage(usage)))
        #expect(!machine.isRunning)
        let result = Self.ends(machine.handle(.gone)).first
        #expect(result?.stopReason == .budget)
        #expect(result?.usage.inputTokens == 120)
    }

    @Test func whatOthersSpendOfThePurseCounts() {
        var session = AgentSession(
            id: Self.id(2), driver: "fake", resultsDirectory: "/r", at: Timestamp(milliseconds: 0))
        session.budget = Budget(cost: nil, tokens: 1000)
        var spent = Usage.none
        spent.inputTokens = 40
        session.purse = Purse(holder: session.id, budget: Budget(cost: nil, tokens: 100), spent: spent)
        var machine = TaskMachine(
            task: Self.machine().task, in: session, run: Self.run(), limits: TaskMachine.Limits())
        _ = machine.handle(.driver(.usage(spent)))
        #expect(machine.isRunning)
        spent.inputTokens = 60
        #expect(machine.handle(.spentBeside(spent)) == [])
        spent.inputTokens = 61
        #expect(machine.handle(.spentBeside(spent)) == [.stopProcess(.patient)])
        #expect(machine.handle(.spentBeside(spent)) == [], "it is told once")
        #expect(Self.ends(machine.handle(.gone)).first?.stopReason == .budget)
    }

    @Test func absurdUsageDoesNotTrap() {
        var machine = Self.machine { $0.budget = Budget(cost: Cost(nanoDollars: 1), tokens: 1) }
        var usage = Usage.none
        usage.inputTokens = .max
        usage.outputTokens = .max
        usage.cost = Cost(nanoDollars: .max)
        for _ in 0..<3 { _ = machine.handle(.driver(.usage(usage))) }
        #expect(Self.ends(machine.handle(.gone)).first?.stopReason == .budget)
    }

    @Test func aLostSessionIsTriedAfreshOnce() {
        var machine = Self.machine()
        var lost = RunOutcome(stopReason: .error)
        lost.isResumeLost = true
        let effects = machine.handle(.driverFinished(lost))
        guard case .startFresh(let ended, _)? = effects.first else { return #expect(Bool(false), "\(effects)") }
        #expect(ended.stopReason == .error)
        #expect(effects.count == 1, "nothing that would end the run that follows")
        _ = machine.start(Self.run(5, fallback: "lost"))
        #expect(Self.ends(machine.handle(.driverFinished(lost))).first?.status == .failed)
    }

    @Test func silenceIsStoppedUnlessAnAskIsOpen() {
        var machine = Self.machine()
        _ = machine.handle(.driver(.warning("here")))
        #expect(machine.handle(.timer(.stall)).count == 1)
        #expect(machine.isRunning)
        #expect(machine.handle(.signOfLife).isEmpty)
        #expect(machine.handle(.timer(.stall)).count == 1)
        #expect(machine.isRunning, "a program of its works on")
        _ = machine.handle(Self.ask("a"))
        for _ in 0..<3 { _ = machine.handle(.timer(.stall)) }
        #expect(machine.isRunning, "it waits for the user")
        #expect(machine.handle(.answered(askID: "a", optionID: "yes")) == [.answerDriver(askID: "a", optionID: "yes")])
        #expect(machine.handle(.answered(askID: "a", optionID: "no")) == [])
        #expect(machine.handle(.timer(.stall)) == [.stopProcess(StopLadder.Pace.patient)])
        #expect(machine.handle(Self.ask("b")) == [.answerDriver(askID: "b", optionID: nil)])
    }

    /// Anything in any order: one end, nothing after it, and no ask left open.
    @Test(arguments: 0..<300) func aRandomWalkEndsOnce(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var machine = Self.machine {
            $0.timeoutMilliseconds = 5
            $0.budget = Budget(cost: nil, tokens: 50)
        }
        var effects = machine.start()
        func input() -> Input {
            var usage = Usage.none
            usage.outputTokens = random.below(60)
            var outcome = RunOutcome(stopReason: [.endTurn, .error, .cancelled][random.below(3)])
            outcome.isResumeLost = random.below(2) == 0
            let name = "\(random.below(3))"
            let inputs: [Input] = [
                Self.ask(name), Self.ask(name), .driver(.askWithdrawn(askID: name)),
                .answered(askID: name, optionID: nil), .driver(.textDelta(messageID: name, text: "x")),
                .driver(.message(id: name, role: "assistant", text: "y")), .driver(.usage(usage)), .driver(.turnEnded),
                .driver(.toolFinished(id: name, isError: true, output: nil)), .timer(.stall),
                .stop([.cancelled, .leaseLost][random.below(2)]), .driverFinished(outcome), .timer(.timeout), .gone,
            ]
            // What ends it comes seldom.
            return inputs[random.below(random.below(4) == 0 ? inputs.count : 9)]
        }
        for _ in 0..<60 {
            let ended = machine.hasEnded
            let more = machine.handle(input())
            #expect(!ended || more.isEmpty, "seed \(seed): something after the end")
            effects += more
            if case .startFresh? = more.last { effects += machine.start(Self.run(5, fallback: "lost")) }
        }
        effects += machine.handle(.gone)
        #expect(Self.ends(effects).count == 1, "seed \(seed)")
        #expect(effects.count { if case .startFresh = $0 { true } else { false } } <= 1, "seed \(seed)")
        var open: Set<String> = []
        for effect in effects {
            switch effect {
            case .openAsk(let ask): open.insert(ask.id)
            case .withdrawAsk(let id), .answerDriver(let id, _): open.remove(id)
            default: break
            }
        }
        #expect(open == [], "seed \(seed): asks left open")
    }
}
