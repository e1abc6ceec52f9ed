import JSON
import Testing

@Suite(.serialized) struct PlanCancelTests {
    /// The mark that its first cancel has left does not count for the execution that is about to begin.
    @Test func aPlanThatWasCancelledOnceIsCancelledAgainAsItBegins() throws {
        let folder = try TemporaryFolder()
        let host = try LoopHost(in: folder)
        let step: JSON = ["id": "a", "description": "a", "prompt": #"{"sleep_ms": 3000}"#]
        let plan = try host.call("plan.create", ["title": "Twice", "batches": [["steps": [step]]]])["id"] ?? .null
        try host.call("plan.execute", ["plan_id": plan, "wait": false])
        try host.call("plan.cancel", ["plan_id": plan])
        while try host.call("plan.get", ["plan_id": plan])["status"] != "cancelled" {}
        let again = host.send([
            ("plan.execute", ["plan_id": plan, "wait": true]), ("plan.cancel", ["plan_id": plan]),
        ])
        #expect(try host.result(again[1])["accepted"] == true)
        #expect(try host.result(again[0])["status"] == "cancelled")
        host.closeInput()
        #expect(try host.wait() == 0)
    }
}
