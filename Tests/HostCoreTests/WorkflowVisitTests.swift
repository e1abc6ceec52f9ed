import JSON
import Testing

/// Requests about one workflow that come at once.
@Suite(.serialized) struct WorkflowVisitTests {
    /// The first finds nothing to do and lets go of the workflow; the second is not to wait for what it let go of.
    @Test func eachIsAnsweredWhereTheFirstChangesNothing() throws {
        let folder = try TemporaryFolder()
        let host = try LoopHost(in: folder)
        let failed = try host.call("workflow.start", ["goal": #"{"say": "no plan"}"#, "wait": true])
        #expect(failed["status"] == "failed")
        let named: JSON = ["workflow_id": failed["id"] ?? .null]
        let requests = host.send([
            ("workflow.cancel", named), ("workflow.cancel", named), ("workflow.retry", named),
        ])
        #expect(try requests.map { try host.result($0)["status"] } == ["failed", "failed", "planning"])
        try host.call("workflow.cancel", named)
        host.closeInput()
        #expect(try host.wait() == 0)
    }

    /// A plan waits as long as it takes to approve it; its project may be gone by then.
    @Test func aPlanIsDevelopedAlsoWhenItsProjectWasDeleted() throws {
        let folder = try TemporaryFolder()
        let host = try LoopHost(in: folder)
        let project = try host.call("project.create", ["name": "Shop"])["id"] ?? .null
        let proposal = """
            {"plan": {"title": "t", "goal": "g", "batches": [{"steps": [{"id": "a", "description": "x"}]}]}, \
            "reasoning": ""}
            """
        let verdict = #"{"approved": true, "severity": "none", "comments": []}"#
        func says(_ text: String) -> JSON {
            let line: JSON = ["say": .string(text)]
            return ["instructions": .string(line.description)]
        }
        let waiting = try host.call(
            "workflow.start",
            [
                "goal": "a shop", "project_id": project, "wait": true,
                "profile": ["architect": says(proposal), "reviewer": says(verdict)],
            ])
        try #require(waiting["status"] == "awaiting_permission", "\(waiting)")
        _ = try host.call("project.delete", ["project_id": project])
        let ended = try host.call("workflow.approve", ["workflow_id": waiting["id"] ?? .null, "wait": true])
        #expect(ended["status"] == "completed", "\(ended)")
        host.closeInput()
        #expect(try host.wait() == 0)
    }
}
