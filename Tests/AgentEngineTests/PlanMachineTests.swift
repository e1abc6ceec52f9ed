import AgentEngine
import AgentModel
import JSON
import Testing

@Suite struct PlanMachineTests {
    typealias Effect = PlanMachine.Effect
    typealias Input = PlanMachine.Input

    static func id<Kind>(_ number: UInt64) -> Identifier<Kind> { Identifier(UUID128(high: 1, low: number)) }

    static func step(_ id: String, after dependencies: String...) -> PlanStep {
        var step = PlanStep(id: id, description: "Do \(id)")
        step.dependsOn = dependencies
        return step
    }

    static func plan(_ batches: [PlanBatch], continueOnFailure: Bool = false) -> Plan {
        var plan = Plan(
            id: id(1), title: "Plan", batches: batches, hostID: id(2), at: Timestamp(milliseconds: 0))
        plan.continueOnFailure = continueOnFailure
        return plan
    }

    /// A machine whose steps get the tasks 1, 2, ... in the order in which they are begun.
    struct Bench {
        var machine: PlanMachine
        var tasks: UInt64 = 0

        init(_ batches: [PlanBatch], continueOnFailure: Bool = false, forksMax: Int = 0) {
            var limits = PlanMachine.Limits()
            limits.forksMax = forksMax
            machine = PlanMachine(
                PlanMachineTests.plan(batches, continueOnFailure: continueOnFailure), limits: limits)
        }

        mutating func give(_ input: Input) -> [Effect] { started(machine.handle(input)) }

        mutating func started(_ effects: [Effect]) -> [Effect] {
            for case .startStep(let step, _, _) in effects {
                tasks += 1
                machine.assign(PlanMachineTests.id(tasks), in: PlanMachineTests.id(100), to: step)
            }
            return effects
        }

        mutating func end(_ step: String, _ end: StepOutcome.End) -> [Effect] {
            let task = machine.state.steps[step]?.taskIDs.last ?? PlanMachineTests.id(0)
            return give(.stepEnded(step, task, StepOutcome(end)))
        }

        func status(_ step: String) -> PlanStepStatus? { machine.state.steps[step]?.status }
    }

    static let failure = StepOutcome.End.failed("It broke.", isFinal: false)

    @Test func stepsRunInTheOrderOfTheirDependenciesAndBatches() {
        var bench = Bench([PlanBatch([Self.step("b", after: "a"), Self.step("a")]), PlanBatch([Self.step("c")])])
        #expect(bench.give(.start) == [.startStep("a", attempt: 1, .session)])
        #expect(bench.end("a", .completed) == [.startStep("b", attempt: 1, .session)])
        #expect(bench.end("b", .completed) == [.startStep("c", attempt: 1, .session)])
        #expect(bench.end("c", .completed) == [.finish(.completed)])
        #expect(bench.give(.start) == [], "what is completed is not executed again")
        #expect(bench.end("c", Self.failure) == [], "an end counts once")
    }

    @Test func aFailedStepIsTriedAgainWithPausesThenInANewDriverSessionThenBlocksWhatDependsOnIt() {
        var bench = Bench([PlanBatch([Self.step("a"), Self.step("b", after: "a"), Self.step("c")])])
        _ = bench.give(.start)
        #expect(bench.end("a", Self.failure) == [.setTimer("a", milliseconds: 1000)])
        #expect(bench.give(.retryDue("a")) == [.startStep("a", attempt: 2, .session)])
        #expect(bench.give(.retryDue("a")) == [], "a timer counts once")
        #expect(bench.end("a", Self.failure) == [.setTimer("a", milliseconds: 4000)])
        #expect(bench.give(.retryDue("a")) == [.startStep("a", attempt: 3, .session)])
        #expect(bench.end("a", Self.failure) == [.startStep("a", attempt: 4, .newSession)])
        #expect(bench.end("a", Self.failure) == [.finish(.failed)])
        #expect(bench.machine.state.reason == "The step \"a\" failed: It broke.")
        #expect(bench.status("b") == .blocked)
        #expect(bench.machine.state.steps["b"]?.blockedBy == "a")
        #expect(bench.machine.state.steps["b"]?.reason == "It depends on \"a\", which failed: It broke.")
        #expect(bench.status("c") == .pending, "the batch stops")
        #expect(bench.give(.start) == [.startStep("a", attempt: 1, .session)], "it may be executed again")
        #expect(bench.status("b") == .pending)
    }

    /// Its host has died, and it is not to go on: what its tasks came to counts all the same.
    @Test(arguments: [(Input.cancel, PlanStatus.cancelled), (.rest, .interrupted)])
    func whatWasLeftRunningEndsWithWhatWasDone(input: Input, status: PlanStatus) {
        var bench = Bench([PlanBatch([Self.step("a"), Self.step("b")])])
        _ = bench.give(.start)
        var outcome = StepOutcome(.completed)
        outcome.usage.inputTokens = 7
        #expect(bench.machine.restore([Self.id(1): outcome], ending: input) == [.finish(status)])
        #expect(bench.status("a") == .completed)
        #expect(bench.machine.state.usage.inputTokens == 7)
        #expect(bench.give(.start) == [.startStep("b", attempt: 1, .session)], "what is done is not done again")
    }

    @Test func theOthersGoOnIfTheyAreToldTo() {
        let batches = [
            PlanBatch([Self.step("a"), Self.step("b", after: "a"), Self.step("c")]),
            PlanBatch([Self.step("d", after: "b"), Self.step("e")]),
        ]
        var bench = Bench(batches, continueOnFailure: true)
        _ = bench.give(.start)
        #expect(bench.end("a", .failed("Spent.", isFinal: true)) == [.startStep("c", attempt: 1, .session)])
        #expect(bench.end("c", .completed) == [.startStep("e", attempt: 1, .session)])
        #expect(bench.machine.state.steps["d"]?.blockedBy == "a")
        #expect(
            bench.machine.state.steps["d"]?.reason
                == "It depends on \"b\", which depends on \"a\", which failed: Spent.")
        #expect(bench.end("e", .completed) == [.finish(.failed)])
    }

    @Test func aBatchOfHighRiskWaitsForPermission() {
        let risky = PlanBatch([Self.step("a")], risk: .high, title: "Drop")
        let batches = [risky, PlanBatch([Self.step("b", after: "a")])]
        var bench = Bench(batches)
        #expect(bench.give(.start) == [.ask(batch: 0)])
        #expect(bench.give(.consent(batch: 1, isGiven: true)) == [], "another batch's answer")
        var other = bench
        #expect(bench.give(.consent(batch: 0, isGiven: true)) == [.startStep("a", attempt: 1, .session)])
        #expect(other.give(.consent(batch: 0, isGiven: false)) == [.finish(.failed)])
        #expect(other.machine.state.reason == "Permission for batch 1 (Drop) was not given.")
        #expect(other.status("a") == .blocked)
        #expect(other.machine.state.steps["b"]?.blockedBy == "a")
        #expect(other.give(.start) == [.ask(batch: 0)], "the next execution asks again")
        #expect(other.give(.cancel) == [.withdrawAsk(PlanState.Asking(batch: 0)), .finish(.cancelled)])
    }

    @Test func independentStepsRunAtTheSameTimeInForks() {
        let steps = [Self.step("a"), Self.step("b"), Self.step("c"), Self.step("d", after: "a", "b", "c")]
        var bench = Bench([PlanBatch(steps)], forksMax: 2)
        #expect(bench.give(.start) == [.startStep("a", attempt: 1, .fork), .startStep("b", attempt: 1, .fork)])
        #expect(bench.end("a", Self.failure) == [.setTimer("a", milliseconds: 1000)], "it keeps its fork")
        #expect(bench.end("b", .completed) == [.startStep("c", attempt: 1, .fork)])
        #expect(bench.give(.retryDue("a")) == [.startStep("a", attempt: 2, .session)])
        #expect(bench.end("c", .completed) == [])
        #expect(bench.end("a", .completed) == [.startStep("d", attempt: 1, .session)], "alone in the plan's session")
        #expect(bench.end("d", .completed) == [.finish(.completed)])
    }

    @Test func anInterruptedStepGoesOnInItsOwnFork() {
        var bench = Bench([PlanBatch([Self.step("a"), Self.step("b"), Self.step("c", after: "a", "b")])], forksMax: 2)
        _ = bench.give(.start)
        let outcomes: [TaskID: StepOutcome] = [
            Self.id(1): StepOutcome(.completed), Self.id(2): StepOutcome(.interrupted),
        ]
        var one = bench
        #expect(one.started(one.machine.restore(outcomes)) == [.startStep("b", attempt: 1, .session)])
        #expect(one.machine.state.steps["b"]?.fork == Self.id(100), "though it is alone")
        #expect(one.end("b", .completed) == [.startStep("c", attempt: 1, .session)])
        #expect(one.machine.state.steps["c"]?.fork == nil)
        #expect(["a", "b"].map { one.machine.state.steps[$0]?.order } == [1, 2])
        _ = bench.give(.cancel)
        _ = bench.end("a", .cancelled)
        #expect(bench.end("b", .cancelled) == [.finish(.cancelled)])
        #expect(bench.machine.state.endedForks == [Self.id(100)])
        let again: [Effect] = [.startStep("a", attempt: 1, .fork), .startStep("b", attempt: 1, .fork)]
        #expect(bench.give(.start) == again, "what starts anew has a new one")
    }

    @Test func whatCannotBeForkedRunsAlone() {
        var bench = Bench([PlanBatch([Self.step("x"), Self.step("a"), Self.step("b")])], forksMax: 2)
        bench.machine = PlanMachine(PlanMachineTests.plan(bench.machine.batches), limits: Self.limits(2, ["x"]))
        #expect(bench.give(.start) == [.startStep("a", attempt: 1, .fork), .startStep("b", attempt: 1, .fork)])
        #expect(bench.end("a", .completed) == [])
        #expect(bench.end("b", .completed) == [.startStep("x", attempt: 1, .session)])
    }

    private static func limits(_ forksMax: Int, _ unforkable: Set<String>) -> PlanMachine.Limits {
        var limits = PlanMachine.Limits()
        (limits.forksMax, limits.unforkable) = (forksMax, unforkable)
        return limits
    }

    @Test func cancellingStopsWhatRuns() {
        var bench = Bench([PlanBatch([Self.step("a"), Self.step("b")])])
        _ = bench.give(.start)
        #expect(bench.give(.cancel) == [.stopTask(Self.id(1))])
        #expect(bench.give(.cancel) == [])
        #expect(bench.end("a", .cancelled) == [.finish(.cancelled)])
        #expect(bench.give(.start) == [.startStep("a", attempt: 1, .session)])
    }

    @Test func anInterruptedStepBringsThePlanToRestAndRunsAgain() {
        var bench = Bench([PlanBatch([Self.step("a"), Self.step("b")])])
        _ = bench.give(.start)
        #expect(bench.end("a", .interrupted) == [.finish(.interrupted)])
        #expect(bench.give(.start) == [.startStep("a", attempt: 1, .session)], "the attempt did not count")
        #expect(bench.give(.rest) == [])
        #expect(bench.end("a", .completed) == [.finish(.interrupted)])
        #expect(bench.give(.start) == [.startStep("b", attempt: 1, .session)], "what was done stays done")
    }

    @Test func aStepThatIsHeldLosesNoAttempt() {
        var bench = Bench([PlanBatch([Self.step("a")])])
        _ = bench.give(.start)
        _ = bench.end("a", Self.failure)
        _ = bench.give(.retryDue("a"))
        #expect(bench.give(.held(["a"], reason: "Paused.")) == [.finish(.interrupted)])
        #expect(bench.machine.state.reason == "Paused.")
        #expect(bench.status("a") == .pending)
        #expect(bench.give(.start) == [.startStep("a", attempt: 2, .session)], "the second is still the second")
        #expect(bench.machine.state.reason == nil)
    }

    @Test func whileAStepIsHeldTheOthersComeToTheirEnd() {
        var bench = Bench([PlanBatch([Self.step("a"), Self.step("b")])], forksMax: 2)
        _ = bench.give(.start)
        #expect(bench.give(.held(["b"], reason: "Paused.")) == [])
        #expect(bench.end("a", .completed) == [.finish(.interrupted)])
        #expect(bench.machine.state.steps["b"]?.attempts == 0)
    }

    @Test func aCrashIsSurvivedWithWhatBecameOfTheTask() {
        var bench = Bench([PlanBatch([Self.step("a"), Self.step("b")]), PlanBatch([Self.step("c")], risk: .high)])
        _ = bench.give(.start)
        var done = bench
        #expect(
            done.started(done.machine.restore([Self.id(1): StepOutcome(.completed)])) == [
                .startStep("b", attempt: 1, .session)
            ])
        var lost = bench
        #expect(
            lost.started(lost.machine.restore([Self.id(1): StepOutcome(.interrupted)])) == [
                .startStep("a", attempt: 1, .session)
            ])
        _ = done.end("b", .completed)
        #expect(done.machine.state.asking == PlanState.Asking(batch: 1))
        var answered = done
        #expect(done.machine.restore([:]) == [.withdrawAsk(PlanState.Asking(batch: 1)), .ask(batch: 1)])
        #expect(answered.machine.restore([:], consent: true) == [.startStep("c", attempt: 1, .session)])
    }

    @Test func aStepKeepsItsFilesOverAttempts() {
        var bench = Bench([PlanBatch([Self.step("a")])])
        _ = bench.give(.start)
        var first = StepOutcome(Self.failure)
        first.files = [
            FileChange(path: "x", change: .created, bytes: 1, sha256: "1"),
            FileChange(path: "y", change: .modified, bytes: 1, sha256: "1"),
            FileChange(path: "z", change: .created, bytes: 1, sha256: "1"),
        ]
        var second = StepOutcome(.completed)
        second.files = [
            FileChange(path: "x", change: .modified, bytes: 2, sha256: "2"), FileChange(path: "z", change: .deleted),
        ]
        _ = bench.give(.stepEnded("a", Self.id(1), first))
        _ = bench.give(.retryDue("a"))
        _ = bench.give(.stepEnded("a", Self.id(2), second))
        #expect(
            bench.machine.state.steps["a"]?.files == [
                FileChange(path: "x", change: .created, bytes: 2, sha256: "2"),
                FileChange(path: "y", change: .modified, bytes: 1, sha256: "1"),
            ])
    }

    @Test(
        arguments: [
            ([PlanBatch([])], "batches[0].steps", "the batch has no step"),
            ([PlanBatch([step("a"), step("a")])], "batches[0].steps[1].id", "there are two steps \"a\""),
            (
                [PlanBatch([step("a", after: "x")])], "batches[0].steps[0].depends_on[0]",
                "\"a\" depends on \"x\", which is no step"
            ),
            (
                [PlanBatch([step("a", after: "b")]), PlanBatch([step("b")])], "batches[0].steps[0].depends_on[0]",
                "\"a\" depends on \"b\", which is in a later batch"
            ),
            (
                [PlanBatch([step("a", after: "b"), step("b", after: "c"), step("c", after: "b")])], "batches[0].steps",
                "the steps depend on each other: \"b\" -> \"c\" -> \"b\""
            ),
            (
                [PlanBatch([step("a", after: "a")])], "batches[0].steps",
                "the steps depend on each other: \"a\" -> \"a\""
            ),
        ] as [([PlanBatch], String, String)])
    func aPlanThatCannotWorkIsFound(batches: [PlanBatch], path: String, message: String) {
        #expect(PlanFault.first(in: batches) == PlanFault(path: path, message: message))
    }

    @Test func aSoundPlanHasNoFault() {
        let steps = [Self.step("b", after: "a"), Self.step("a"), Self.step("c", after: "b", "a")]
        #expect(PlanFault.first(in: [PlanBatch(steps), PlanBatch([Self.step("d", after: "c")])]) == nil)
    }
}
