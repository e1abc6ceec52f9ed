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
            "plan.create",
            [
                "title": "Twelve", "session_id": session.id, "batches": [["steps": .array(steps)]], "parallel": 1,
            ])
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

    /// Two steps go off from what the agent knows, beside each other, over the death of a host; then it goes on itself
    /// and is told what they did.
    static func forks(_ cli: RealCLI) throws {
        let session = try RealSession(cli)
        func step(_ id: String, _ prompt: String, _ batch: [String] = []) -> JSON {
            [
                "id": .string(id), "description": .string("the \(id)"), "prompt": .string(prompt),
                "depends_on": .array(batch.map(JSON.string)),
            ]
        }
        let steps: JSON = [
            step("first", "the word is walnut"), step("left", "RUN sleep 2", ["first"]),
            step("right", "RUN sleep 2", ["first"]), step("last", "and on", ["left", "right"]),
        ]
        let made = try session.host.call(
            "plan.create",
            ["title": "Forks", "session_id": session.id, "batches": [["steps": steps]], "parallel": 2])
        let params: JSON = ["plan_id": made["id"] ?? .null, "stream": false]
        try session.host.request("plan.execute", params)
        #expect(eventually { RealSession.processes("sleep 2").count == 2 }, "both run")
        try session.killHost()
        let ended = try session.host.call("plan.execute", params)
        #expect(ended["status"] == "completed", "\(ended)")
        let states = ended["steps"]?.arrayValue ?? []
        #expect(Set(states.compactMap { $0["session_id"] }).count == 3)
        let own = states.map { $0["driver_session_id"] }
        #expect(own[0] == own[3] && Set(own).count == 3, "\(own)")
        let exchanges = try session.model.exchanges
        // Each of the two knows what was said before them, and nothing of the other.
        for exchange in exchanges where exchange.asked.hasPrefix("RUN") {
            #expect(exchange.prompts.first == "the word is walnut")
            #expect(!exchange.prompts.contains("and on"))
        }
        let last = try #require(exchanges.last)
        #expect(last.prompts == ["the word is walnut", "and on"])
        #expect(last.told.contains("the left") && last.told.contains("the right"), "\(last.told)")
        let bill = try session.host.call("usage.summary")["items"]?.arrayValue?.first
        let billed = ["known", "estimated"].reduce(0) { $0 + (bill?[$1]?["output_tokens"]?.intValue ?? 0) }
        #expect(ended["usage"]?["output_tokens"]?.intValue == billed, "\(String(describing: bill))")
    }
}
