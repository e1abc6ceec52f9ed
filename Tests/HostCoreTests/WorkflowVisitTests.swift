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
}
