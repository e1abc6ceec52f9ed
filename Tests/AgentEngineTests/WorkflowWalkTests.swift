import AgentEngine
import AgentModel
import JSON
import Testing

/// Random lives of workflows.
@Suite struct WorkflowWalkTests {
    @Test func whatMustBeTrueIsTrue() {
        var ends: Set<WorkflowStatus> = []
        var most = 0
        for seed in 0..<500 as Range<UInt64> {
            var walk = Walk(seed: seed)
            for step in 0..<40 { walk.go(step == 0 ? .start : walk.input()) }
            ends.formUnion(walk.ends)
            most = max(most, walk.mostAtATime)
        }
        #expect(ends == Set(WorkflowStatus.allCases.filter { $0 != .created }))
        #expect(most == 3, "reviewers side by side")
    }

    private struct Walk {
        let seed: UInt64
        let atATime: Int
        var random: WalkRandom
        var machine: WorkflowMachine
        var wasApproved: Bool
        var ends: Set<WorkflowStatus> = []
        var mostAtATime = 0

        init(seed: UInt64) {
            self.seed = seed
            var random = WalkRandom(seed: seed)
            let approves = random.below(2) == 0
            let workflow = WorkflowMachineTests.workflow {
                $0.approveUpTo = approves ? nil : .medium
                $0.reviewers = Array(["a", "b", "c"].prefix(1 + random.below(3)))
                $0.maxReviewRounds = 1 + random.below(3)
            }
            var limits = WorkflowMachine.Limits()
            atATime = 1 + random.below(3)
            limits.reviewersMax = atATime
            machine = WorkflowMachine(workflow, limits: limits)
            wasApproved = !approves
            self.random = random
        }

        mutating func go(_ input: WorkflowMachine.Input) {
            let before = machine.state
            if input == .approve, before.status == .awaitingPermission { wasApproved = true }
            var effects = machine.handle(input)
            var next = 0
            // What is to begin does, or is held by its session, or is refused by it.
            while next < effects.count {
                if case .run(let node) = effects[next] { effects += begin(node, before) }
                next += 1
            }
            look(effects, before)
        }

        private mutating func begin(_ node: Int, _ before: WorkflowState) -> [WorkflowMachine.Effect] {
            let begun = machine.state.nodes[node]
            #expect(begun.status == .running && !before.running.contains(node), "\(seed): begun twice")
            if begun.kind == .develop {
                #expect(wasApproved, "\(seed): developed without approval")
                #expect(machine.state.proposal != nil)
            }
            if begun.kind == .review {
                let heard = machine.state.nodes[machine.state.roundStart..<node].contains {
                    $0.focus == begun.focus && $0.status == .completed
                }
                #expect(!heard, "\(seed): a verdict is asked for again")
            }
            switch random.below(12) {
            case 0: return machine.handle(.ended(node, WorkflowOutcome(.held)))
            case 1: return machine.handle(.ended(node, WorkflowOutcome(.failed("refused"))))
            default:
                WorkflowMachineTests.begin(node, &machine)
                return []
            }
        }

        private mutating func look(_ effects: [WorkflowMachine.Effect], _ before: WorkflowState) {
            let state = machine.state
            let running = state.running
            #expect(running.isEmpty != state.status.isRunning, "\(seed)")
            if state.status == .reviewing {
                #expect(Set(running.map { state.nodes[$0].focus }).count == running.count, "\(seed): each another")
                #expect(running.count <= atATime)
                #expect(running.allSatisfy { $0 >= state.roundStart && state.nodes[$0].kind == .review })
                mostAtATime = max(mostAtATime, running.count)
            } else {
                #expect(running.allSatisfy { $0 == state.nodes.count - 1 })
            }
            let finishes = effects.count { if case .finish = $0 { true } else { false } }
            #expect(finishes <= 1)
            if before.status.isRunning, !state.status.isRunning { #expect(finishes == 1) }
            if finishes == 1 { #expect(!state.status.isRunning && state.ending == nil && !state.isCancelling) }
            if state.status == .completed, before.status != .completed {
                #expect(machine.verdicts.count == machine.profile.reviewers.count)
                #expect(machine.verdicts.allSatisfy { $0.approves })
            }
            if state.isHeld { #expect(state.reason != nil || state.ending?.reason != nil) }
            if state.status == .interrupted, !state.isHeld { #expect(state.reason == nil) }
            #expect(state.round <= machine.profile.maxReviewRounds)
            #expect(WorkflowState(json: state.json) == state)
            ends.insert(state.status)
        }

        mutating func input() -> WorkflowMachine.Input {
            let running = machine.state.running
            // Now and then one that has ended, or never was.
            let node = random.below(10) == 0 ? random.below(20) : random.pick(running) ?? 0
            switch random.below(13) {
            case 0: return .cancel
            case 1: return .retry(nil)
            case 2: return .retry(WorkflowRole.allCases[random.below(3)])
            case 3: return .approve
            case 4: return .reject("no")
            case 5: return .ended(node, WorkflowOutcome(.failed("x")))
            case 6: return .ended(node, WorkflowOutcome(.interrupted))
            case 7: return .ended(node, WorkflowOutcome(.cancelled))
            case 8: return .ended(node, WorkflowOutcome(.held))
            default: return .ended(node, WorkflowOutcome(.completed, result: answer(to: node)))
            }
        }

        private mutating func answer(to node: Int) -> JSON? {
            guard machine.state.nodes.indices.contains(node) else { return nil }
            switch machine.state.nodes[node].kind {
            case .plan:
                let risk = ["low", "medium", "high"][random.below(3)]
                return random.below(6) == 0 ? ["plan": []] : WorkflowMachineTests.proposal(risk: risk)
            case .review:
                let verdicts = [WorkflowMachineTests.approval, WorkflowMachineTests.refusal, ["odd": 1]]
                return verdicts[random.below(3)]
            case .develop, .fix: return nil
            }
        }
    }
}
