import Foundation
import JSON
import Testing

@testable import HostCore

/// Processes that serve more than one run, in a whole host.
@Suite(.serialized) struct WarmTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func session(_ host: LoopHost) throws -> JSON {
        try host.call("session.create", ["driver": "warm"])["session_id"] ?? .null
    }

    /// Runs steps and returns the result.
    private func run(_ host: LoopHost, _ session: JSON, _ steps: JSON...) throws -> JSON {
        try host.call(
            "task.execute",
            ["session_id": session, "prompt": .string(steps.map(\.description).joined(separator: "\n"))])
    }

    private func pid(_ host: LoopHost, _ session: JSON) throws -> Int32 {
        let result = try run(host, session, ["echo": "pid"])
        #expect(result["status"] == "completed", "\(result)")
        return Int32(result["output"]?.stringValue ?? "") ?? -1
    }

    private func warm(_ host: LoopHost) throws -> JSON { try host.call("host.status")["warm"] ?? .null }

    private func isGone(_ pid: Int32) -> Bool {
        for _ in 0..<4000 {
            if kill(pid, 0) != 0 { return true }
            usleep(5000)
        }
        return false
    }

    @Test func theNextRunIsServedByTheSameProcess() throws {
        let host = try LoopHost(in: folder)
        let session = try session(host)
        let first = try run(host, session, ["flood_stderr": 2000], ["echo": "pid"])
        let second = try run(host, session, ["echo": "pid"])
        #expect(first["output"] == second["output"])
        #expect(second["driver_resumed"] == true)
        #expect(try warm(host) == ["processes": 1, "reused": 1, "ended": 0])
        func tail(_ result: JSON) throws -> JSON? {
            let task = try host.call("task.get", ["task_id": result["task_id"] ?? .null])
            return task["runs"]?.arrayValue?.first?["stderr_tail"]
        }
        #expect(try tail(first)?.stringValue?.utf8.count ?? 0 >= 2000)
        #expect(try tail(second) == nil, "what it wrote before the run is not the run's")
        let pid = Int32(second["output"]?.stringValue ?? "") ?? -1
        host.closeInput()
        #expect(try host.wait() == 0)
        #expect(isGone(pid), "it ends with its host")
    }

    @Test func aSessionUsedElsewhereIsGoneOnWithCold() throws {
        let host = try LoopHost(in: folder)
        let session = try session(host)
        let first = try run(host, session, ["echo": "pid"])
        func lastPrompt(is text: String) throws {
            let id = first["driver_session_id"]?.stringValue ?? ""
            try Data(text.utf8).write(to: URL(filePath: "\(folder.path)/agent/\(id).last"))
        }
        func warnings() throws -> Int {
            let log = try host.call("session.events", ["session_id": session, "types": ["warning"]])
            return log["items"]?.arrayValue?.count ?? 0
        }
        // The last word, and an earlier one: a run may die before its prompt is in the record.
        let run = first["run_id"]?.stringValue?.dropFirst(4) ?? ""
        try lastPrompt(is: String(run))
        #expect(try self.run(host, session, ["echo": "pid"])["output"] == first["output"])
        #expect(try self.run(host, session, ["echo": "pid"])["output"] == first["output"])
        #expect(try warnings() == 0)
        for stranger in ["00000000-0000-4000-8000-000000000000", "no id"] {
            try lastPrompt(is: stranger)
            let next = try self.run(host, session, ["echo": "pid"])
            #expect(next["output"] != first["output"])
            #expect(next["driver_resumed"] == true)
        }
        #expect(try warnings() == 2)
        #expect(try warm(host) == ["processes": 1, "reused": 2, "ended": 2])
    }

    @Test func aRunThatDidNotCompleteLeavesNone() throws {
        let host = try LoopHost(in: folder)
        let session = try session(host)
        let first = try pid(host, session)
        let failed = try run(host, session, ["result": ["stop_reason": "error", "error": ["message": "no"]]])
        #expect(failed["status"] == "failed")
        let second = try pid(host, session)
        #expect(second != first)
        #expect(isGone(first))
        let sleeping = host.send("task.execute", ["session_id": session, "prompt": #"{"sleep_ms": 600000}"#])
        func started() -> [JSON] { host.told.filter { $0["params"]?["type"] == "run.started" } }
        try host.listen("its start") { started().count == 4 }
        try host.call("task.cancel", ["task_id": started().last?["params"]?["task_id"] ?? .null])
        #expect(try host.result(sleeping)["status"] == "cancelled")
        #expect(try pid(host, session) != second)
        #expect(isGone(second))
    }

    @Test func aSessionThatAnotherHostHasUsedIsResumedCold() throws {
        let (one, other) = (try LoopHost(in: folder), try LoopHost(in: folder))
        let session = try session(one)
        let first = try pid(one, session)
        let second = try pid(other, session)
        #expect(second != first)
        #expect(try pid(one, session) != first)
        #expect(try warm(one) == ["processes": 1, "reused": 0, "ended": 1])
        #expect(isGone(first))
    }

    @Test func oneThatDiesWhileItWaitsIsReplaced() throws {
        let host = try LoopHost(in: folder)
        let session = try session(host)
        let first = try pid(host, session)
        kill(first, SIGKILL)
        let second = try pid(host, session)
        #expect(second != first)
        // Once more, without a chance to notice before the next task.
        kill(second, SIGKILL)
        #expect(try pid(host, session) != second)
    }

    @Test func theyWaitForTheirTimeAndNoMoreThanAFew() throws {
        let host = try LoopHost(in: folder) { $0.warmIdleMilliseconds = 100 }
        let first = try pid(host, try session(host))
        #expect(isGone(first))
        #expect(try warm(host) == ["processes": 0, "reused": 0, "ended": 1])
        let none = try LoopHost(in: try TemporaryFolder()) { $0.warmProcessesMax = 0 }
        let session = try session(none)
        #expect(try pid(none, session) != pid(none, session))
    }
}
