import Foundation
import JSON
import Testing

/// Asks whose host died: an answer still counts, once, for the task that is tried again.
extension CrashTests {
    @Suite struct GrantTests {
        private static let ask = #"{"ask": {"id": "a", "tool": "shell", "title": "Run ls?", "input": {"cmd": "ls"}}}"#

        @Test func anAnswerToADeadHostIsGoodOnce() throws {
            let home = try HostHome()
            let first = try home.host()
            let session = try first.word(
                "session.create", ["permissions": ["deadline_ms": 600_000]], "session_id")
            let params: JSON = ["session_id": .string(session), "prompt": .string(Self.ask)]
            let task = try first.word("task.start", params, "task_id")
            #expect(try eventually { try !Self.open(first, session).isEmpty })
            first.end(SIGKILL)

            let second = try home.host()
            #expect(
                try eventually { try second.call("task.get", ["task_id": .string(task)])["status"] == "interrupted" })
            let asked = try #require(try Self.open(second, session).first)
            try second.call("permission.respond", ["permission_id": .string(asked), "option_id": "allow"])
            #expect(try Self.open(second, session).isEmpty)

            let retried = try second.word("task.retry", ["task_id": .string(task)], "task_id")
            #expect(try Self.output(second, retried) == "answer to a: allow")
            let events = try second.events(session).filter { $0["type"] == "permission.resolved" }
            #expect(events.last?["data"]?["by"] == "grant")

            // It has been used: the next such ask waits for somebody again.
            let again = try second.word("task.start", params, "task_id")
            let open = try #require(try Self.awaitOpen(second, session))
            try second.call("permission.respond", ["permission_id": .string(open), "option_id": "reject"])
            #expect(try Self.output(second, again) == "answer to a: reject")
        }

        private static func open(_ host: HostProcess, _ session: String) throws -> [String] {
            let page = try host.call("permission.list", ["session_id": .string(session)])
            return page["items"]?.arrayValue?.compactMap { $0["id"]?.stringValue } ?? []
        }

        private static func awaitOpen(_ host: HostProcess, _ session: String) throws -> String? {
            var found: String?
            _ = try eventually {
                found = try open(host, session).first
                return found != nil
            }
            return found
        }

        private static func output(_ host: HostProcess, _ task: String) throws -> String? {
            try host.call("task.wait", ["task_id": .string(task), "timeout_ms": 20_000])["output"]?.stringValue
        }
    }
}
