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

    /// An input; of a node's end only how, not whose: it is the last one's, or the reviewer's that is named.
    enum Given {
        case input(WorkflowMachine.Input)
        case ended(WorkflowOutcome, of: String? = nil)

        static let (start, approve, cancel) = (Given.input(.start), Given.input(.approve), Given.input(.cancel))
        static func reject(_ feedback: String) -> Given { .input(.reject(feedback)) }
        static func retry(_ role: WorkflowRole?) -> Given { .input(.retry(role)) }
    }

    static func done(_ result: JSON? = nil, of reviewer: String? = nil) -> Given {
        .ended(WorkflowOutcome(.completed, result: result), of: reviewer)
    }

    /// The statuses that a list of inputs leads through.
    private func walk(
        _ given: [Given], atATime: Int = 1, _ change: (inout WorkflowProfile) -> Void = { _ in }
    ) -> (statuses: [WorkflowStatus], effects: [[WorkflowMachine.Effect]], machine: WorkflowMachine) {
        var limits = WorkflowMachine.Limits()
        limits.reviewersMax = atATime
        var machine = WorkflowMachine(Self.workflow(change), limits: limits)
        var (statuses, effects) = ([WorkflowStatus](), [[WorkflowMachine.Effect]]())
        for given in given {
            switch given {
            case .input(let input): effects.append(machine.handle(input))
            case .ended(let outcome, let reviewer):
                let node = machine.state.nodes.lastIndex { reviewer == nil || $0.focus == reviewer }
                effects.append(machine.handle(.ended(node ?? 0, outcome)))
            }
            for case .run(let node) in effects.last ?? [] { Self.begin(node, &machine) }
            statuses.append(machine.state.status)
        }
        return (statuses, effects, machine)
    }

    static func begin(_ node: Int, _ machine: inout WorkflowMachine) {
        let session = SessionID(uuid(3))
        guard machine.state.nodes[node].kind == .develop else {
            return machine.assign(session: session, task: TaskID(uuid(5)), driver: "fake", to: node)
        }
        machine.assign(session: session, plan: PlanID(uuid(4)), driver: "fake", to: node)
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
                [.run(0)], [.finish(.awaitingPermission)], [.run(1)], [.finish(.awaitingPermission)],
                [.run(2)], [.run(3)], [.run(4)], [.run(5)], [.finish(.completed)],
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
        let start: [Given] = [.start, Self.done(Self.proposal()), .approve, Self.done()]
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

    private static let developed: [Given] = [.start, done(proposal()), .approve, done()]

    @Test func reviewersJudgeAtATimeWhereTheyMay() {
        let given =
            Self.developed + [
                Self.done(Self.refusal, of: "Tests"), Self.done(Self.approval, of: "Style"),
                Self.done(Self.approval, of: "Security"), Self.done(Self.approval, of: "Docs"),
            ]
        let (statuses, effects, machine) = walk(given, atATime: 3) {
            $0.reviewers = ["Security", "Tests", "Style", "Docs"]
        }
        #expect(effects[3] == [.run(2), .run(3), .run(4)])
        #expect(effects[4] == [.run(5)], "the fourth when one is done")
        #expect(effects[5].isEmpty && effects[6].isEmpty)
        #expect(effects[7] == [.run(6)])
        #expect(statuses.suffix(5) == [.reviewing, .reviewing, .reviewing, .reviewing, .fixing])
        #expect(
            machine.verdicts.map(\.approves) == [true, false, true, true], "in their order, not that of their ends")
    }

    @Test(arguments: [WorkflowOutcome.End.interrupted, .held, .failed("no model")])
    func onlyMissingVerdictsAreAskedForAgain(end: WorkflowOutcome.End) {
        var lost = [Given.ended(WorkflowOutcome(end), of: "Tests")]
        if case .failed = end { lost += lost }
        let (statuses, _, machine) = walk(
            Self.developed + lost + [Self.done(Self.approval, of: "Security"), .retry(nil)], atATime: 2
        ) { $0.reviewers = ["Security", "Tests"] }
        // What runs beside it comes to its end, and counts.
        #expect(statuses[3 + lost.count] == .reviewing)
        var rests = WorkflowStatus.interrupted
        if case .failed = end { rests = .failed }
        #expect(statuses[4 + lost.count] == rests)
        #expect(machine.state.status == .reviewing)
        #expect(machine.state.running.map { machine.state.nodes[$0].focus } == ["Tests"])
        #expect(machine.state.round == 1)
    }

    @Test func aReviewerWhoseTaskIsCancelledEndsTheOthers() {
        let given =
            Self.developed + [
                .ended(WorkflowOutcome(.cancelled), of: "Tests"), .ended(WorkflowOutcome(.cancelled), of: "Security"),
            ]
        let (statuses, effects, _) = walk(given, atATime: 2) { $0.reviewers = ["Security", "Tests"] }
        #expect(effects.suffix(2) == [[.stop], [.finish(.cancelled)]])
        #expect(statuses.suffix(2) == [.reviewing, .cancelled])
    }

    @Test func aPausedSessionHoldsWhatWasToBegin() {
        var held = Self.developed + [.ended(WorkflowOutcome(.held))]
        var (statuses, _, machine) = walk(held)
        #expect(statuses.last == .interrupted)
        #expect(machine.state.isHeld)
        #expect(machine.state.reason?.contains("paused") == true)
        // Asked for as often as one likes, it leaves one node, and no attempt or round is lost.
        held += [.retry(nil), .ended(WorkflowOutcome(.held))]
        (_, _, machine) = walk(held + [.retry(nil), Self.done(Self.approval)])
        #expect(machine.state.status == .completed)
        #expect(!machine.state.isHeld && machine.state.round == 1)
        #expect(machine.state.nodes.last?.attempt == 1)
    }

    @Test func aRoleThatIsRetriedHearsEveryReviewerAgain() {
        let heard = [Self.done(Self.approval), Self.done(Self.approval)]
        let (statuses, _, machine) = walk(
            Self.developed + heard + [.retry(.reviewer)] + [Self.done(Self.approval), Self.done(Self.refusal)]
        ) { $0.reviewers = ["Security", "Tests"] }
        #expect(statuses.suffix(4) == [.completed, .reviewing, .reviewing, .fixing])
        #expect(machine.state.nodes.suffix(3).map(\.focus) == ["Security", "Tests", nil])
    }

    @Test func aRetryAfterTheLastRoundIsToldWhatWasFound() {
        let given = Self.developed + [Self.done(Self.refusal), .retry(nil)]
        let (statuses, _, machine) = walk(given) { $0.maxReviewRounds = 1 }
        #expect(statuses.suffix(2) == [.failed, .fixing])
        #expect(machine.verdicts.map(\.approves) == [false])
        let (after, _, _) = walk(given + [Self.done(), Self.done(Self.approval)]) { $0.maxReviewRounds = 1 }
        #expect(after.last == .completed)
    }

    @Test func oneThatWasNeverStartedIsStartedByARetry() {
        let (statuses, effects, _) = walk([.retry(nil), .retry(nil)])
        #expect(statuses == [.planning, .planning])
        #expect(effects == [[.run(0)], []])
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
        #expect(statuses == [.planning, .planning, .failed])
        #expect(effects[1] == [.run(1)])
        #expect(machine.state.feedback.first?.contains("depend on each other: \"a\" -> \"a\"") == true)
    }

    @Test func aNodeThatFailsIsTriedTwiceAndThePlanOnce() {
        let failed = Given.ended(WorkflowOutcome(.failed("no model")))
        #expect(walk([.start, failed, failed]).statuses == [.planning, .planning, .failed])
        let developing: [Given] = [.start, Self.done(Self.proposal()), .approve]
        #expect(walk(developing + [failed]).statuses.last == .failed)
        #expect(walk(developing + [Self.done(), failed, failed]).statuses.suffix(2) == [.reviewing, .failed])
        #expect(walk(developing + [Self.done(), Self.done(["odd": 1]), failed]).machine.state.reason == "no model")
    }

    @Test func whatIsCancelledEndsOnceItsNodeHas() {
        let (statuses, effects, machine) = walk([
            .start, .cancel, .cancel, .ended(WorkflowOutcome(.cancelled)), .approve,
        ])
        #expect(statuses == [.planning, .planning, .planning, .cancelled, .cancelled])
        #expect(effects == [[.run(0)], [.stop], [], [.finish(.cancelled)], []])
        #expect(!machine.state.isCancelling)
        #expect(walk([.start, Self.done(Self.proposal()), .cancel]).statuses.last == .cancelled)
    }

    @Test func aCrashResumesInTheNodeItHit() {
        let lost = Given.ended(WorkflowOutcome(.interrupted))
        let developing: [Given] = [.start, Self.done(Self.proposal()), .approve]
        #expect(walk([.start, lost, .retry(nil)]).statuses == [.planning, .interrupted, .planning])
        func last(_ given: [Given]) -> WorkflowNode.Kind? {
            let (_, effects, machine) = walk(given)
            return effects.last == [.run(machine.state.nodes.count - 1)] ? machine.state.nodes.last?.kind : nil
        }
        #expect(last(developing + [lost, .retry(nil)]) == .develop)
        let reviewing = developing + [Self.done(), lost, .retry(nil)]
        #expect(last(reviewing) == .review)
        #expect(walk(reviewing).machine.state.round == 1)
        let fixing = developing + [Self.done(), Self.done(Self.refusal), lost, .retry(nil)]
        #expect(last(fixing) == .fix)
    }

    @Test func anyRoleCanBeRetriedOnceItRests() {
        let completed: [Given] = [
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
        // Older hosts do not say where the round begins.
        var older = machine.state.json.objectValue ?? [:]
        older["round_start"] = nil
        #expect(WorkflowState(json: .object(older)).roundStart == machine.state.roundStart)
        let profile = Self.workflow {
            $0.sharesSession = false; $0.approveUpTo = .medium; $0.reviewers = ["a", "b"]
            $0.roles[.reviewer] = WorkflowProfile.Role()
            $0.roles[.reviewer]?.parallel = 2
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
        let developer = prompts.developer(isTestFirst: true)
        #expect(developer.contains("It rounds wrongly.") && developer.contains("tests before"))
        #expect(!prompts.developer(isTestFirst: false).contains("tests before"))
        let refusal = try #require(ReviewVerdict(Self.refusal))
        #expect(prompts.fix([refusal]).contains("- a.py:3: say why"))
        #expect(prompts.reviewer(focus: "Security", round: 1, changes: "+x").contains("Look at this alone: Security."))
        #expect(prompts.reviewer(focus: "General", round: 2, changes: "+x").hasSuffix("Be kind."))
    }
}
