import AgentEngine
import AgentModel
import JSON
import Testing

@Suite struct WorkflowMachineTests {
    static func workflow(_ change: (inout WorkflowProfile) -> Void = { _ in }) -> Workflow {
        var profile = WorkflowProfile()
        change(&profile)
        return Workflow(
            id: FlowID(uuid(1)), title: "t", goal: "a shop", profile: profile, hostID: HostID(uuid(2)),
            at: Timestamp(milliseconds: 0))
    }

    static func uuid(_ number: UInt8) -> UUID128 {
        UUID128(high: 0x7000, low: 0x8000_0000_0000_0000 | UInt64(number))
    }

    static func proposal(risk: String = "low") -> JSON {
        [
            "plan": [
                "title": "Shop", "goal": "a shop",
                "batches": [["risk": .string(risk), "steps": [["id": "a", "description": "make a"]]]],
            ], "reasoning": "small",
        ]
    }

    static let approval: JSON = ["approved": true, "severity": "none", "comments": []]
    static let refusal: JSON = [
        "approved": false, "severity": "high", "comments": [["file": "a.py", "line": 3, "message": "say why"]],
    ]

    static func done(_ result: JSON? = nil) -> WorkflowMachine.Input {
        .ended(WorkflowOutcome(.completed, result: result))
    }

    /// The statuses that a list of inputs leads through.
    private func walk(
        _ inputs: [WorkflowMachine.Input], _ change: (inout WorkflowProfile) -> Void = { _ in }
    ) -> (statuses: [WorkflowStatus], effects: [[WorkflowMachine.Effect]], machine: WorkflowMachine) {
        var machine = WorkflowMachine(Self.workflow(change))
        var (statuses, effects) = ([WorkflowStatus](), [[WorkflowMachine.Effect]]())
        for input in inputs {
            effects.append(machine.handle(input))
            if case .run(.develop)? = effects.last?.first {
                machine.assign(session: SessionID(Self.uuid(3)), plan: PlanID(Self.uuid(4)), driver: "fake")
            }
            statuses.append(machine.state.status)
        }
        return (statuses, effects, machine)
    }

    @Test func itIsRejectedReplannedApprovedReviewedFixedAndApproved() {
        let (statuses, effects, machine) = walk([
            .start, Self.done(Self.proposal()), .reject("smaller steps"), Self.done(Self.proposal()), .approve,
            Self.done(), Self.done(Self.refusal), Self.done(), Self.done(Self.approval),
        ])
        #expect(
            statuses == [
                .planning, .awaitingPermission, .planning, .awaitingPermission, .developing, .reviewing, .fixing,
                .reviewing, .completed,
            ])
        #expect(
            effects == [
                [.run(.plan)], [.finish(.awaitingPermission)], [.run(.plan)], [.finish(.awaitingPermission)],
                [.run(.develop)], [.run(.review)], [.run(.fix)], [.run(.review)], [.finish(.completed)],
            ])
        #expect(machine.state.feedback == ["smaller steps"])
        #expect(machine.state.round == 2)
        #expect(machine.state.nodes.map(\.kind) == [.plan, .plan, .develop, .review, .fix, .review])
        #expect(machine.state.nodes.allSatisfy { $0.status == .completed })
    }

    @Test(
        arguments: [
            (nil, "low", WorkflowStatus.awaitingPermission), (.low, "low", .developing),
            (.low, "medium", .awaitingPermission),
            (.medium, "medium", .developing), (.medium, "high", .awaitingPermission), (.high, "high", .developing),
        ] as [(PlanRisk?, String, WorkflowStatus)])
    func aPlanOfLittleRiskNeedsNoApproval(upTo: PlanRisk?, risk: String, next: WorkflowStatus) {
        let (statuses, _, _) = walk([.start, Self.done(Self.proposal(risk: risk))]) { $0.approveUpTo = upTo }
        #expect(statuses.last == next)
    }

    @Test func everyReviewerIsHeardAndOneThatDoesNotApproveIsEnough() {
        let start: [WorkflowMachine.Input] = [.start, Self.done(Self.proposal()), .approve, Self.done()]
        let (statuses, _, machine) = walk(start + [Self.done(Self.approval), Self.done(Self.refusal)]) {
            $0.reviewers = ["Security", "Tests"]
        }
        #expect(statuses.suffix(3) == [.reviewing, .reviewing, .fixing])
        #expect(machine.verdicts.map(\.approves) == [true, false])
        let (all, _, _) = walk(start + [Self.done(Self.approval), Self.done(Self.approval)]) {
            $0.reviewers = ["Security", "Tests"]
        }
        #expect(all.last == .completed)
    }

    @Test func oneThatWasNeverStartedIsStartedByARetry() {
        let (statuses, effects, _) = walk([.retry(nil), .retry(nil)])
        #expect(statuses == [.planning, .planning])
        #expect(effects == [[.run(.plan)], []])
    }

    @Test func itFailsWhenTheRoundsAreUsedUp() {
        let (statuses, _, machine) = walk([
            .start, Self.done(Self.proposal()), .approve, Self.done(), Self.done(Self.refusal), Self.done(),
            Self.done(Self.refusal),
        ]) { $0.maxReviewRounds = 2 }
        #expect(statuses.last == .failed)
        #expect(machine.state.reason == "The reviewers did not approve within 2 rounds.")
    }

    @Test func anArchitectWhosePlanIsFaultyIsToldOnce() {
        var circle = Self.proposal()
        circle = [
            "plan": [
                "title": "t", "goal": "g",
                "batches": [["steps": [["id": "a", "description": "x", "depends_on": ["a"]]]]],
            ], "reasoning": "",
        ]
        let (statuses, effects, machine) = walk([.start, Self.done(circle), Self.done(["no": "plan"])])
        #expect(statuses == [.planning, .planning, .planning])
        #expect(effects[1] == [.run(.plan)])
        #expect(machine.state.feedback.first?.contains("depend on each other: \"a\" -> \"a\"") == true)
    }

    @Test func aNodeThatFailsIsTriedTwiceAndThePlanOnce() {
        let failed = WorkflowMachine.Input.ended(WorkflowOutcome(.failed("no model")))
        #expect(walk([.start, failed, failed]).statuses == [.planning, .planning, .failed])
        let developing: [WorkflowMachine.Input] = [.start, Self.done(Self.proposal()), .approve]
        #expect(walk(developing + [failed]).statuses.last == .failed)
        #expect(walk(developing + [Self.done(), failed, failed]).statuses.suffix(2) == [.reviewing, .failed])
        #expect(walk(developing + [Self.done(), Self.done(["odd": 1]), failed]).machine.state.reason == "no model")
    }

    @Test func whatIsCancelledEndsOnceItsNodeHas() {
        let (statuses, effects, machine) = walk([
            .start, .cancel, .cancel, .ended(WorkflowOutcome(.cancelled)), .approve,
        ])
        #expect(statuses == [.planning, .planning, .planning, .cancelled, .cancelled])
        #expect(effects == [[.run(.plan)], [.stop], [], [.finish(.cancelled)], []])
        #expect(!machine.state.isCancelling)
        #expect(walk([.start, Self.done(Self.proposal()), .cancel]).statuses.last == .cancelled)
    }

    @Test func aCrashResumesInTheNodeItHit() {
        let lost = WorkflowMachine.Input.ended(WorkflowOutcome(.interrupted))
        let developing: [WorkflowMachine.Input] = [.start, Self.done(Self.proposal()), .approve]
        #expect(walk([.start, lost, .retry(nil)]).statuses == [.planning, .interrupted, .planning])
        #expect(walk(developing + [lost, .retry(nil)]).effects.last == [.run(.develop)])
        let reviewing = developing + [Self.done(), lost, .retry(nil)]
        #expect(walk(reviewing).effects.last == [.run(.review)])
        #expect(walk(reviewing).machine.state.round == 1)
        let fixing = developing + [Self.done(), Self.done(Self.refusal), lost, .retry(nil)]
        #expect(walk(fixing).effects.last == [.run(.fix)])
    }

    @Test func anyRoleCanBeRetriedOnceItRests() {
        let completed: [WorkflowMachine.Input] = [
            .start, Self.done(Self.proposal()), .approve, Self.done(), Self.done(Self.approval),
        ]
        #expect(walk(completed + [.retry(nil)]).effects.last == [])
        #expect(walk(completed + [.retry(.architect)]).statuses.last == .planning)
        #expect(walk(completed + [.retry(.developer)]).statuses.last == .developing)
        #expect(walk(completed + [.retry(.reviewer)]).statuses.last == .reviewing)
        // A retry is no approval.
        #expect(walk([.start, Self.done(Self.proposal()), .retry(.developer)]).statuses.last == .awaitingPermission)
        #expect(walk([.start, .retry(.architect)]).effects.last == [])
    }

    @Test func aStateIsReadAsItWasWritten() {
        let (_, _, machine) = walk([
            .start, Self.done(Self.proposal()), .reject("no"), Self.done(Self.proposal(risk: "high")), .approve,
            Self.done(), Self.done(Self.refusal),
        ])
        #expect(WorkflowState(json: machine.state.json) == machine.state)
        let profile = Self.workflow {
            $0.sharesSession = false; $0.approveUpTo = .medium; $0.reviewers = ["a", "b"]
        }.profile
        #expect(WorkflowProfile(json: profile.json) == profile)
    }

    @Test func promptsSayWhatTheRoleNeeds() throws {
        var workflow = Self.workflow { profile in
            var reviewer = WorkflowProfile.Role()
            reviewer.instructions = "Be kind."
            profile.roles[.reviewer] = reviewer
        }
        workflow.issue = ["id": "#7", "title": "Till", "description": "It rounds wrongly."]
        let prompts = WorkflowPrompts(workflow)
        #expect(prompts.architect(feedback: ["old", "smaller steps"]).contains("#7\nTill\nIt rounds wrongly."))
        #expect(prompts.architect(feedback: ["old", "smaller steps"]).contains("smaller steps"))
        let refusal = try #require(ReviewVerdict(Self.refusal))
        #expect(prompts.fix([refusal]).contains("- a.py:3: say why"))
        #expect(prompts.reviewer(focus: "Security", round: 1, changes: "+x").contains("Look at this alone: Security."))
        #expect(prompts.reviewer(focus: "General", round: 2, changes: "+x").hasSuffix("Be kind."))
    }
}

/// Random lives of workflows.
@Suite struct WorkflowWalkTests {
    @Test func whatMustBeTrueIsTrue() {
        var ends: Set<WorkflowStatus> = []
        for seed in 0..<500 as Range<UInt64> {
            var random = WalkRandom(seed: seed)
            var machine = WorkflowMachine(
                WorkflowMachineTests.workflow {
                    $0.approveUpTo = random.below(2) == 0 ? nil : .medium
                    $0.reviewers = Array(["a", "b", "c"].prefix(1 + random.below(3)))
                    $0.maxReviewRounds = 1 + random.below(3)
                })
            var wasApproved = machine.profile.approveUpTo != nil
            for step in 0..<40 {
                let before = machine.state
                let input = step == 0 ? .start : Self.input(&random, machine.state)
                if input == .approve, before.status == .awaitingPermission { wasApproved = true }
                let effects = machine.handle(input)
                if effects.contains(.run(.develop)) {
                    #expect(wasApproved, "\(seed): developed without approval")
                    #expect(machine.state.proposal != nil)
                    machine.assign(
                        session: SessionID(WorkflowMachineTests.uuid(3)), plan: PlanID(WorkflowMachineTests.uuid(4)),
                        driver: "fake")
                }
                let running = machine.state.nodes.indices.filter { machine.state.nodes[$0].status == .running }
                #expect(running.count == (machine.state.status.isRunning ? 1 : 0), "\(seed)")
                #expect(running.allSatisfy { $0 == machine.state.nodes.count - 1 })
                let finishes = effects.count { if case .finish = $0 { true } else { false } }
                #expect(finishes <= 1)
                if before.status.isRunning, !machine.state.status.isRunning { #expect(finishes == 1) }
                if machine.state.status == .completed, before.status != .completed {
                    #expect(machine.verdicts.count == machine.profile.reviewers.count)
                    #expect(machine.verdicts.allSatisfy { $0.approves })
                }
                #expect(machine.state.round <= machine.profile.maxReviewRounds)
                #expect(WorkflowState(json: machine.state.json) == machine.state)
                ends.insert(machine.state.status)
            }
        }
        #expect(ends == Set(WorkflowStatus.allCases.filter { $0 != .created }))
    }

    private static func input(_ random: inout WalkRandom, _ state: WorkflowState) -> WorkflowMachine.Input {
        switch random.below(12) {
        case 0: return .cancel
        case 1: return .retry(nil)
        case 2: return .retry(WorkflowRole.allCases[random.below(3)])
        case 3: return .approve
        case 4: return .reject("no")
        case 5: return .ended(WorkflowOutcome(.failed("x")))
        case 6: return .ended(WorkflowOutcome(.interrupted))
        case 7: return .ended(WorkflowOutcome(.cancelled))
        default:
            let risk = ["low", "medium", "high"][random.below(3)]
            let result: JSON? =
                switch state.nodes.last?.kind {
                case .plan: random.below(6) == 0 ? ["plan": []] : WorkflowMachineTests.proposal(risk: risk)
                case .review: random.below(2) == 0 ? WorkflowMachineTests.approval : WorkflowMachineTests.refusal
                default: nil
                }
            return .ended(WorkflowOutcome(.completed, result: result))
        }
    }
}
