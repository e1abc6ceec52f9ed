import JSON
import Store
import Testing

/// What becomes of plans whose changes the store does not record as it should.
@Suite(.serialized) struct PlanFaultTests {
    @Test(arguments: 1...3) func aChangeWhoseAnswerIsLostIsNotMadeAgain(change: Int) throws {
        let folder = try TemporaryFolder()
        let host = try LoopHost(in: folder, faults: [change: .losesAnswer])
        let step: JSON = ["id": "a", "description": "a", "prompt": #"{"say": "done"}"#]
        let plan = try host.call("plan.create", ["title": "Once", "batches": [["steps": [step]]]])["id"] ?? .null
        let ended = try host.call("plan.execute", ["plan_id": plan, "wait": true])
        #expect(ended["status"] == "completed")
        let steps = ended["steps"]?.arrayValue ?? []
        #expect(steps.map { $0["attempts"] } == [1])
        #expect(steps.first?["task_ids"]?.arrayValue?.count == 1)
        #expect(try host.call("task.list")["items"]?.arrayValue?.count == 1)
    }

    @Test func aWorkflowThatGivesItsPlanUpLeavesItNotRunning() throws {
        let folder = try TemporaryFolder()
        // The first change begins a step, the second is its end.
        let host = try LoopHost(in: folder, faults: [2: .refuses(.notFound("sess_gone"))])
        let steps: JSON = [["id": "a", "description": "x"], ["id": "b", "description": "y"]]
        let proposal: JSON = ["plan": ["title": "t", "goal": "g", "batches": [["steps": steps]]], "reasoning": ""]
        let architect: JSON = ["say": .string("\(proposal)")]
        let profile: JSON = ["approve_up_to": "low", "architect": ["instructions": .string("\(architect)")]]
        let ended = try host.call("workflow.start", ["goal": "a shop", "wait": true, "profile": profile])
        #expect(ended["status"] == "failed")
        #expect(ended["nodes"]?.arrayValue?.last?["kind"] == "develop")
        let plan = try host.call("plan.get", ["plan_id": ended["plan_id"] ?? .null])
        #expect(plan["status"] == "interrupted")
        #expect(plan["steps"]?.arrayValue?.map { $0["status"] } == ["completed", "pending"])
    }
}
