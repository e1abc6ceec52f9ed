import Foundation
import JSON
import Testing

extension CrashTests {
    /// What a run had used by the time its host was killed.
    @Suite struct BillTests {
        private func usage(_ tokens: Int) -> JSON { ["input_tokens": .int(Int64(tokens)), "cost_usd": 0.001] }

        private func execute(_ host: HostProcess, _ session: JSON, _ steps: JSON...) throws -> JSON {
            try host.call(
                "task.execute",
                ["session_id": session, "prompt": .string(steps.map(\.description).joined(separator: "\n"))])
        }

        @Test func itStandsAsEstimatedAndTheNextCountGoesOnFromIt() throws {
            let home = try HostHome()
            let first = try home.host()
            let session = try first.call("session.create")["session_id"] ?? .null
            #expect(
                try execute(first, session, ["session": "s"], ["usage_total": usage(100)])["usage"]?["input_tokens"]
                    == 100)
            let steps: [JSON] = [["usage_total": usage(160)], ["say": "here"], ["sleep_ms": 600_000]]
            let task = try first.call(
                "task.start",
                ["session_id": session, "prompt": .string(steps.map(\.description).joined(separator: "\n"))])["task_id"]
            #expect(
                try eventually {
                    let log = try first.call("task.events", ["task_id": task ?? .null, "types": ["message"]])
                    return log["items"]?.arrayValue?.count == 1
                })
            first.end(SIGKILL)
            let next = try home.host()
            try KillTests.awaitRepair(next, home, "after the kill")
            let dead = try next.call("task.get", ["task_id": task ?? .null])["result"]
            #expect(dead?["status"] == "interrupted")
            #expect(dead?["usage"]?["input_tokens"] == 60)
            #expect(dead?["usage"]?["accuracy"] == "estimated")
            let resumed = try execute(
                next, session, ["usage_before": usage(175)], ["usage_total": usage(200)])
            #expect(resumed["driver_resumed"] == true)
            #expect(resumed["usage"]?["input_tokens"] == 25)
            let row = try next.call("usage.summary")["items"]?.arrayValue?.first ?? .null
            #expect(row["known"]?["input_tokens"] == 125)
            #expect(row["estimated"]?["input_tokens"] == 75, "also what it used and could not tell")
            #expect(row["outside"] == nil)
            next.closeInput()
            #expect(next.wait() == 0)
        }
    }
}
