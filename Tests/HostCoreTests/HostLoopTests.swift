import Foundation
import JSON
import Testing

/// The whole host within this process: loop, mailbox, work threads and the store's threads at once.
@Suite(.serialized) struct HostLoopTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func manyTasksReadsAndChangesAtOnce() throws {
        let host = try LoopHost(in: folder)
        let creations = (0..<12).map { host.send("session.create", ["title": "number \($0)"]) }
        let sessions = try creations.map { try host.result($0)["session_id"] ?? .null }
        let script = #"{"delta": "word ", "times": 20}"# + "\n" + #"{"write_file": {"path": "a.txt", "text": "x"}}"#
        var tasks: [Int] = []
        for session in sessions {
            try host.call("session.subscribe", ["session_id": session, "after_seq": 0])
            for _ in 0..<2 {
                tasks.append(host.send("task.execute", ["session_id": session, "prompt": .string(script)]))
            }
            host.send("session.update", ["session_id": session, "title": "another"])
            host.send("host.status")
            host.send("session.list")
        }
        for task in tasks {
            let result = try host.result(task)
            #expect(result["status"] == "completed")
            #expect(result["artifacts"]?.arrayValue?.count == 1)
        }
        for session in sessions {
            let log =
                try host.call("session.events", ["session_id": session, "limit": 1000])["items"]?.arrayValue ?? []
            func told() -> [Int] {
                host.told.filter { $0["params"]?["session_id"] == session }.compactMap {
                    $0["params"]?["seq"]?.intValue
                }
            }
            try host.listen("the whole log") { told().count >= log.count }
            #expect(told() == log.compactMap { $0["seq"]?.intValue })
        }
        host.closeInput()
        #expect(try host.wait() == 0)
    }

    @Test func cancelsTimeoutsAndDeletes() throws {
        let host = try LoopHost(in: folder)
        let sleep: JSON = #"{"sleep_ms": 600000}"#
        let started = try (0..<6).map { _ in try host.call("task.start", ["prompt": sleep])["task_id"] ?? .null }
        let timed = host.send("task.execute", ["prompt": sleep, "timeout_ms": 20])
        let session = try host.call("session.create")["session_id"] ?? .null
        for _ in 0..<3 { host.send("task.start", ["session_id": session, "prompt": sleep]) }
        for task in started { host.send("task.cancel", ["task_id": task]) }
        for task in started { #expect(try host.call("task.wait", ["task_id": task])["status"] == "cancelled") }
        #expect(try host.result(timed)["stop_reason"] == "timeout")
        let removed = try host.call("session.delete", ["session_id": session, "force": true])
        #expect(removed["removed"]?["tasks"] == 3)
        host.closeInput()
        #expect(try host.wait() == 0)
    }

    @Test func twoHostsOfOneStore() throws {
        let (one, other) = (try LoopHost(in: folder), try LoopHost(in: folder))
        let session = try one.call("session.create")["session_id"] ?? .null
        try other.call("session.subscribe", ["session_id": session, "after_seq": 0])
        let execute = one.send("task.execute", ["session_id": session, "prompt": #"{"sleep_ms": 600000}"#])
        func told(_ type: JSON) -> JSON? { other.told.first { $0["params"]?["type"] == type }?["params"] }
        try other.listen("the start") { told("run.started") != nil }
        try other.call("task.cancel", ["task_id": told("run.started")?["task_id"] ?? .null])
        #expect(try one.result(execute)["status"] == "cancelled")
        try other.listen("the end") { told("task.cancelled") != nil }
        for host in [one, other] { host.closeInput() }
        #expect(try [one.wait(), other.wait()] == [0, 0])
    }

    @Test func aClientThatIsGoneEndsTheHost() throws {
        let host = try LoopHost(in: folder)
        let task = try host.call("task.start", ["prompt": #"{"sleep_ms": 600000}"#])["task_id"] ?? .null
        host.closeOutput()
        host.closeInput()
        #expect(try host.wait() == 0)
        let next = try LoopHost(in: folder)
        #expect(try next.call("task.get", ["task_id": task])["status"] == "interrupted")
        try next.call("host.shutdown", ["mode": "now"])
        #expect(try next.wait() == 0)
    }
}
