import AgentEngine
import AgentModel
import JSON
import Testing

/// Tasks that run again until their result is accepted.
@Suite struct IterationTests {
    private typealias Effect = TaskMachine.Effect

    private static func machine(_ change: (inout AgentTask) -> Void) -> TaskMachine { TaskMachineTests.machine(change) }

    private static func finished(
        _ output: String, _ structured: JSON? = nil, _ change: (inout RunOutcome) -> Void = { _ in }
    ) -> TaskMachine.Input {
        var outcome = RunOutcome(stopReason: .endTurn, output: output)
        outcome.structuredOutput = structured
        change(&outcome)
        return .driverFinished(outcome)
    }

    private static func again(_ effects: [Effect]) -> (run: Run, feedback: String, isGone: Bool)? {
        effects.lazy.compactMap {
            if case .startAgain(let run, let feedback, let isGone) = $0 { (run, feedback, isGone) } else { nil }
        }.first
    }

    private static var judged: TaskMachine {
        machine { task in
            task.check = "true"
            task.maxIterations = 2
        }
    }

    @Test func anAnswerThatBreaksItsSchemaIsAskedForAgain() throws {
        var machine = Self.machine { task in
            task.outputSchema = ["type": "integer"]
            task.maxIterations = 2
        }
        let first = machine.handle(Self.finished("x", "no"))
        let again = try #require(Self.again(first))
        #expect(again.feedback.contains("integer"), "\(again.feedback)")
        #expect(!again.isGone)
        #expect(TaskMachineTests.ends(first).isEmpty)
        _ = machine.startAgain(TaskMachineTests.run(5))
        let result = TaskMachineTests.ends(machine.handle(Self.finished("7", 7))).first
        #expect(result?.status == .completed)
        #expect(result?.structuredOutput == 7)
    }

    @Test func theLastRunThatIsNotAcceptedFailsTheTask() throws {
        var machine = Self.judged
        #expect(machine.handle(Self.finished("one")) == [.judge(output: "one")])
        #expect(Self.again(machine.handle(.judged("Not yet.")))?.feedback == "Not yet.")
        #expect(machine.handle(.judged("late")) == [])
        _ = machine.startAgain(TaskMachineTests.run(5))
        #expect(machine.handle(Self.finished("two")) == [.judge(output: "two")])
        let result = try #require(TaskMachineTests.ends(machine.handle(.judged("Still not."))).first)
        #expect(result.status == .failed)
        #expect(result.error?.message == "The result was not accepted after 2 runs: Still not.")
        #expect(result.output == "two")
        #expect(machine.handle(.judged(nil)) == [])
    }

    /// A task that goes on with an interrupted one has the runs that are left; at least the one that was interrupted.
    @Test(arguments: [(0, 3), (1, 2), (2, 1), (7, 1)])
    func whatWasRejectedBeforeACrashCounts(rejected: Int, left: Int) {
        let task = Self.machine { ($0.check, $0.maxIterations) = ("false", 3) }.task
        var machine = TaskMachine(
            task: task, run: TaskMachineTests.run(4), rejectedRuns: rejected, limits: TaskMachine.Limits())
        _ = machine.start()
        for run in 1..<left {
            _ = machine.handle(Self.finished("x"))
            #expect(Self.again(machine.handle(.judged("No."))) != nil, "\(run)")
            _ = machine.startAgain(TaskMachineTests.run(5))
        }
        _ = machine.handle(Self.finished("x"))
        let result = TaskMachineTests.ends(machine.handle(.judged("No."))).first
        #expect(result?.error?.message == "The result was not accepted after 3 runs: No.")
    }

    @Test func whatIsAcceptedCompletesTheTaskWithTheUsageOfAllItsRuns() throws {
        var machine = Self.judged
        var usage = Usage()
        (usage.inputTokens, usage.accuracy) = (5, .known)
        _ = machine.handle(Self.finished("one") { $0.usage = usage })
        _ = machine.handle(.judged("No."))
        _ = machine.startAgain(TaskMachineTests.run(5))
        _ = machine.handle(Self.finished("two") { $0.usage = usage })
        let result = try #require(TaskMachineTests.ends(machine.handle(.judged(nil))).first)
        #expect(result.status == .completed && result.output == "two")
        #expect(result.usage.inputTokens == 10)
    }

    @Test func whatFailsOrIsRefusedIsNotJudged() {
        for reason in [StopReason.error, .refusal, .cancelled] {
            var machine = Self.judged
            let effects = machine.handle(.driverFinished(RunOutcome(stopReason: reason)))
            #expect(TaskMachineTests.ends(effects).count == 1, "\(reason)")
        }
    }

    @Test(arguments: [false, true]) func itCanBeStoppedWhileItIsJudged(isGone: Bool) {
        var machine = Self.judged
        _ = machine.handle(Self.finished("one"))
        if isGone { #expect(machine.handle(.gone) == []) }
        var effects = machine.handle(.stop(.cancelled))
        if !isGone {
            #expect(TaskMachineTests.ends(effects).isEmpty)
            effects = machine.handle(.gone)
        }
        #expect(TaskMachineTests.ends(effects).map(\.status) == [.cancelled])
        #expect(machine.handle(.judged("late")) == [])
    }

    @Test func aRunWhoseProcessIsGoneIsFollowedAtOnce() {
        var machine = Self.judged
        _ = machine.handle(Self.finished("one"))
        _ = machine.handle(.gone)
        #expect(Self.again(machine.handle(.judged("No.")))?.isGone == true)
    }
}
