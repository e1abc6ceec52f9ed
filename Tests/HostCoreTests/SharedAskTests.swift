import JSON
import Testing

/// Asks of what one host runs, answered through another.
@Suite(.serialized) struct SharedAskTests {
    @Test func aPlanHearsWhatAnotherHostWasTold() throws {
        let folder = try TemporaryFolder()
        let (one, other) = (try LoopHost(in: folder), try LoopHost(in: folder))
        try one.call("host.initialize", ["protocol_version": 1, "capabilities": ["permissions": true]])
        let step: JSON = ["id": "a", "description": "a", "prompt": #"{"say": "done"}"#]
        let batch: JSON = ["risk": "high", "steps": [step]]
        let plan = try one.call("plan.create", ["title": "Risky", "batches": [batch]])["id"] ?? .null
        let execute = one.send("plan.execute", ["plan_id": plan, "wait": true])
        var ask: JSON?
        for _ in 0..<10_000 where ask == nil {
            ask = try other.call("permission.list")["items"]?.arrayValue?.first?["id"]
        }
        try other.call("permission.respond", ["permission_id": ask ?? .null, "option_id": "allow"])
        #expect(try one.result(execute)["status"] == "completed")
    }
}
