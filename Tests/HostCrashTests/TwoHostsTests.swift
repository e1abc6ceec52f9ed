import CSystem
import Foundation
import JSON
import Testing

/// Two hosts on one store: each sees what the other does, and one session has one writer.
extension CrashTests {
    @Suite struct TwoHostsTests {
        let home: HostHome
        let one: HostProcess
        let other: HostProcess

        init() throws {
            home = try HostHome()
            one = try home.host()
            other = try home.host()
            try other.call("host.ping")
        }

        static let stall = #"{"say": "begun"}"# + "\n" + #"{"sleep_ms": 600000}"#

        func session(_ host: HostProcess) throws -> String { try host.word("session.create", [:], "session_id") }

        func start(_ host: HostProcess, _ session: String, _ prompt: String, _ more: JSONObject = [:]) throws -> String
        {
            try host.word("task.start", Self.params(session, prompt, more), "task_id")
        }

        static func params(_ session: String, _ prompt: String, _ more: JSONObject = [:]) -> JSON {
            var params: JSONObject = ["session_id": .string(session), "prompt": .string(prompt)]
            for member in more { params[member.key] = member.value }
            return .object(params)
        }

        func types(_ host: HostProcess, _ session: String) throws -> [String] {
            try host.events(session).compactMap { $0["type"]?.stringValue }
        }

        func result(_ host: HostProcess, _ task: String) throws -> JSON {
            try host.call("task.wait", ["task_id": .string(task), "timeout_ms": 20_000])
        }

        /// Waits until an agent has said its first word.
        func awaitBegun(_ host: HostProcess, _ session: String) throws {
            #expect(try eventually { try types(host, session).contains("message") })
        }

        // MARK: - Seeing each other

        @Test func eachIsToldOfAllThatTheOtherDoes() throws {
            let (own, foreign) = (try session(one), try session(other))
            for (host, session) in [(one, foreign), (other, own)] {
                try host.call("session.subscribe", ["session_id": .string(session), "after_seq": 0])
            }
            let script = #"{"repeat": 20, "steps": [{"say": "line"}, {"tool": "look"}]}"#
            for _ in 0..<3 {
                _ = try start(one, own, script)
                _ = try start(other, foreign, script)
            }
            for (host, writer, session) in [(one, other, foreign), (other, one, own)] {
                #expect(
                    try eventually {
                        try writer.listen(milliseconds: 1)
                        return try types(writer, session).count { $0 == "task.completed" } == 3
                    })
                let all = try writer.events(session)
                func heard() -> [JSON] {
                    host.told.compactMap { $0["params"] }.filter {
                        $0["session_id"]?.stringValue == session && $0["seq"] != nil
                    }
                }
                try host.listen("the other's events") { heard().count >= all.count }
                #expect(heard().compactMap { $0["seq"]?.intValue } == Array(1...all.count))
                #expect(heard().map { $0["type"] } == all.map { $0["type"] })
            }
            let listed = try one.call("session.list")["items"]?.arrayValue?.compactMap { $0["id"]?.stringValue } ?? []
            #expect(Set(listed) == [own, foreign])
        }

        @Test func aTaskOfTheOtherIsWaitedForCancelledAndAnswered() throws {
            let session = try session(one)
            let stalled = try start(one, session, Self.stall)
            try awaitBegun(one, session)
            let wait = other.send("task.wait", ["task_id": .string(stalled)])
            #expect(try other.call("task.cancel", ["task_id": .string(stalled)])["accepted"] == true)
            #expect(try other.result(wait)["status"] == "cancelled")

            try one.call("host.initialize", ["client": ["name": "test"], "capabilities": ["permissions": true]])
            let asking = try start(one, session, #"{"ask": {"id": "a1", "kind": "permission", "tool": "write"}}"#)
            var ask: JSON?
            #expect(
                try eventually {
                    ask = try other.call("permission.list", ["session_id": .string(session)])["items"]?.arrayValue?
                        .first
                    return ask != nil
                })
            try other.call(
                "permission.respond", ["permission_id": ask?["id"] ?? .null, "option_id": "allow"])
            let answered = try result(other, asking)
            #expect(answered["status"] == "completed")
            #expect(answered["output"] == "answer to a1: allow")
        }

        // MARK: - One writer

        @Test func theSecondWriterIsToldWhoHoldsTheSession() throws {
            let session = try session(one)
            let task = try start(one, session, Self.stall)
            try awaitBegun(one, session)
            let error = try other.error(other.send("task.start", Self.params(session, "hello")))
            #expect(error["code"] == 1003)
            #expect(error["data"]?["holder"]?["pid"]?.intValue == Int(one.pid))
            #expect(error["data"]?["retryable"] == true)
            // It may also wait for its turn.
            let waiting = other.send("task.execute", Self.params(session, "hello", ["wait_ms": 20_000]))
            try other.listen(milliseconds: 100)
            #expect(other.replies[waiting] == nil)
            try one.call("task.cancel", ["task_id": .string(task)])
            #expect(try other.result(waiting)["status"] == "completed")
        }

        @Test func aDeadHoldersSessionIsTakenOverAndItsProcessesEnded() throws {
            let session = try session(one)
            let grandchild = #"{"grandchild": {"setsid": true, "ignore_sigterm": true}}"#
            let task = try start(one, session, grandchild + "\n" + Self.stall)
            try awaitBegun(one, session)
            #expect(home.agents.count == 2)
            one.end(SIGKILL)
            #expect(try other.call("task.execute", Self.params(session, "hello"))["status"] == "completed")
            let ended = try other.call("task.get", ["task_id": .string(task)])
            #expect(ended["status"] == "interrupted")
            #expect(ended["result"]?["stop_reason"] == "host_lost")
            #expect(eventually { home.agents.isEmpty })
        }

        @Test func whoWaitsForADeadHostIsToldSoon() throws {
            let session = try session(one)
            let task = try start(one, session, Self.stall)
            try awaitBegun(one, session)
            let wait = other.send("task.wait", ["task_id": .string(task)])
            try other.call("session.subscribe", ["session_id": .string(session)])
            one.end(SIGKILL)
            #expect(try other.result(wait)["stop_reason"] == "host_lost")
            try other.listen("the end of the task") {
                other.told.contains { $0["params"]?["type"] == "task.interrupted" }
            }
        }

        @Test func aStoppedHolderIsFencedOnceItIsDisplaced() throws {
            let session = try session(one)
            // Quiet while its host is stopped: a host that is stopped within a commit keeps the store locked.
            let chatter = """
                {"say": "begun"}
                {"sleep_ms": 500}
                {"repeat": 100000, "steps": [{"say": "still here"}, {"sleep_ms": 2}]}
                """
            let execute = one.send("task.execute", Self.params(session, chatter))
            try awaitBegun(one, session)
            kill(one.pid, SIGSTOP)
            let error = try other.error(other.send("task.start", Self.params(session, "hello")))
            #expect(error["code"] == 1003, "a stopped holder lives")
            let result = try other.call("task.execute", Self.params(session, "hello", ["force": true]))
            #expect(result["status"] == "completed")
            let before = try other.events(session).count
            kill(one.pid, SIGCONT)
            let lost = try one.result(execute)
            #expect(lost["status"] == "interrupted")
            #expect(lost["stop_reason"] == "lease_lost")
            #expect(eventually { home.agents.isEmpty })
            #expect(try other.events(session).count == before, "a fenced host publishes nothing")
            // The session is its own again.
            #expect(try one.call("task.execute", Self.params(session, "hello"))["status"] == "completed")
        }

        @Test func aSessionOfTheOtherIsDeletedByForceOnly() throws {
            let session = try session(one)
            let execute = one.send("task.execute", Self.params(session, Self.stall))
            try awaitBegun(other, session)
            let plain = try other.error(other.send("session.delete", ["session_id": .string(session)]))
            #expect(plain["code"] == 1002)
            let removed = try other.call("session.delete", ["session_id": .string(session), "force": true])
            #expect(removed["removed"]?["tasks"] == 1)
            try one.listen("its task's end") { one.replies[execute] != nil }
            #expect(eventually { home.agents.isEmpty })
            #expect(try one.error(one.send("session.get", ["session_id": .string(session)]))["code"] == 1001)
        }

        @Test func bothEndWhenTheirInputsDo() throws {
            for host in [one, other] { _ = try start(host, try session(host), #"{"say": "bye"}"#) }
            for host in [one, other] { host.closeInput() }
            #expect([one.wait(), other.wait()] == [0, 0])
            #expect(try home.rows("SELECT DISTINCT status FROM task") == ["completed"])
            #expect(try home.rows("SELECT count(*) FROM host") == ["0"])
            #expect(try home.rows("PRAGMA integrity_check") == ["ok"])
        }
    }
}
