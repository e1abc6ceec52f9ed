import Foundation
import JSON
import Testing

/// A plan of a real agent, whose host is killed twice.
enum RealPlan {
    static func twelveSteps(_ cli: RealCLI) throws {
        let session = try RealSession(cli)
        let steps = (1...12).map { number -> JSON in
            ["id": .string("s\(number)"), "description": .string("note \(number)")]
        }
        let made = try session.host.call(
            "plan.create", ["title": "Twelve", "session_id": session.id, "batches": [["steps": .array(steps)]]])
        let params: JSON = ["plan_id": made["id"] ?? .null, "stream": false]
        for done in [4, 8] {
            try session.host.request("plan.execute", params)
            _ = try session.host.awaitUnasked("progress") {
                ($0["params"]?["data"]?["done"]?.intValue ?? 0) >= done
            }
            try session.killHost()
        }
        let ended = try session.host.call("plan.execute", params)
        #expect(ended["status"] == "completed", "\(ended)")
        #expect(ended["done"] == 12)
        let states = ended["steps"]?.arrayValue ?? []
        #expect(Set(states.compactMap { $0["driver_session_id"] }).count == 1, "one driver session throughout")
        // What the model was told at the end is the whole conversation.
        let prompts = try #require(try session.model.exchanges.last).prompts.filter { $0.hasPrefix("note") }
        var interrupted = 0
        for (number, state) in zip(1..., states) {
            let tasks = state["task_ids"]?.arrayValue?.count ?? 0
            interrupted += tasks - 1
            let heard = prompts.count { $0 == "note \(number)" }
            #expect((1...max(1, tasks)).contains(heard), "step \(number): \(prompts)")
        }
        #expect(interrupted <= 2, "only what a kill has hit was begun once more")
        let order = prompts.compactMap { Int($0.dropFirst(5)) }
        #expect(order == order.sorted())
    }
}
