import Foundation
import JSON
import Testing

/// Sessions that go to a file and come back, in another store or beside the original.
@Suite struct SessionRoundTripTests {
    /// What must differ: when it was written, and that the permissions are of the store it is in.
    private static func comparable(_ file: SessionFile) -> [String] { Array(file.lines.dropFirst()) }

    @Test(arguments: ["fake", "turns"] as [JSON])
    func inAnotherStoreItIsTheSame(driver: JSON) throws {
        let host = try HostProcess()
        let session = try host.furnishedSession(driver: driver, rounds: 2, bytes: 600_000)
        var checkpoints = try host.call("checkpoint.list", ["session_id": session])["items"]?.arrayValue ?? []
        checkpoints = checkpoints.reversed()
        _ = try host.call("checkpoint.restore", ["checkpoint_id": checkpoints[2]["id"] ?? .null])
        _ = try host.call("checkpoint.delete", ["checkpoint_id": checkpoints[1]["id"] ?? .null])
        _ = try host.call(
            "task.execute", ["session_id": session, "stream": false, "prompt": #"{"say":"Again."}"#])
        let written = try host.export(session)
        let kinds = Set(try written.objects.dropFirst().compactMap { $0["type"]?.stringValue })
        let wanted: Set = [
            "session", "task", "run", "checkpoint", "artifact", "artifact_bytes", "memory", "event",
        ]
        #expect(kinds.isSuperset(of: wanted))
        let mode = try FileManager.default.attributesOfItem(atPath: host.home.file())[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let states = try checkpoints.filter { $0 != checkpoints[1] }.map {
            try host.call("checkpoint.get", ["checkpoint_id": $0["id"] ?? .null])["state"]
        }
        #expect(try host.finish() == 0)

        let other = try HostProcess()
        try FileManager.default.copyItem(atPath: host.home.file(), toPath: other.home.file("in"))
        let made = try other.importing("in", ["settings": "file"])
        #expect(made["session"]?["id"] == session)
        #expect(made["left_out"] == [])
        let again = try other.export(session)
        #expect(Self.comparable(again) == Self.comparable(written))
        let imported = try checkpoints.filter { $0 != checkpoints[1] }.map {
            try other.call("checkpoint.get", ["checkpoint_id": $0["id"] ?? .null])["state"]
        }
        #expect(imported == states)
        // What it cost was billed elsewhere.
        #expect(made["session"]?["usage"]?["input_tokens"]?.intValue ?? 0 > 0)
        #expect(try other.call("usage.summary")["items"]?.arrayValue?.allSatisfy { $0["runs"] == 0 } == true)
        #expect(try other.finish() == 0)
        #expect(try other.home.problems() == "")
    }

    @Test func newIDsMakeSessionsOfTheirOwn() throws {
        let host = try HostProcess()
        let session = try host.furnishedSession(driver: "turns")
        let original = try host.export(session)
        let copies = try (0..<2).map { number in
            let id = try host.importing(ids: "new", ["settings": "file"])["session"]?["id"] ?? .null
            return try host.export(id, "copy\(number)")
        }
        let ids = try ([original] + copies).map { try $0.owned() }
        #expect(ids[0].isDisjoint(with: ids[1]) && ids[0].isDisjoint(with: ids[2]) && ids[1].isDisjoint(with: ids[2]))
        #expect(ids.allSatisfy { $0.count == ids[0].count && $0.count > 15 })
        for copy in copies {
            #expect(copy.named().dropFirst() == original.named().dropFirst())
            // Nothing of it names what the original owns.
            for id in ids[0] { #expect(!copy.lines.dropFirst().contains { $0.contains(id) }, "\(id)") }
        }
        #expect(try host.finish() == 0)
        #expect(try host.home.problems() == "")
    }

    @Test func itGoesOnElsewhere() throws {
        let host = try HostProcess()
        let session = try host.furnishedSession()
        _ = try host.export(session)
        #expect(try host.finish() == 0)

        let other = try HostProcess()
        try FileManager.default.copyItem(atPath: host.home.file(), toPath: other.home.file())
        let made = try other.importing()["session"]
        #expect(made?["driver_sessions"]?["fake"] != nil)
        #expect(made?["permissions"]?["default"] == "deny", "consent stays where it was given")
        let artifact = try other.call("artifact.read", ["session_id": session, "path": "charts/0.txt"])
        #expect(artifact["content"] == "ä\n\u{0}b")
        let checkpoint = try other.call("checkpoint.list", ["session_id": session])["items"]?.arrayValue?.last
        let recalled = try other.call("memory.recall", ["session_id": session, "query": "pear"])
        #expect(recalled["memories"]?.arrayValue?.first?["memory"]?["value"] == "pear")
        let fork = try other.call("session.fork", ["session_id": session])["id"] ?? .null
        let told = try other.call(
            "task.execute", ["session_id": fork, "stream": false, "prompt": #"{"echo":"record"}"#])
        #expect(told["output"]?.stringValue?.contains("The word is apple.") == true)
        // Its agent's session is not here: it begins anew, with what is on record.
        let next = try other.call(
            "task.execute", ["session_id": session, "stream": false, "prompt": #"{"echo":"record"}"#])
        #expect(next["status"] == "completed")
        #expect(next["output"]?.stringValue?.contains("The word is apple.") == true)
        let bill = try other.call("usage.summary")["items"]?.arrayValue?.first
        #expect(bill?["known"]?["input_tokens"] == 0 && bill?["runs"]?.intValue ?? 0 >= 2)
        _ = try other.call("checkpoint.restore", ["checkpoint_id": checkpoint?["id"] ?? .null])
        let after = try other.call(
            "task.execute", ["session_id": session, "stream": false, "prompt": #"{"echo":"record"}"#])
        #expect(after["status"] == "completed")
        #expect(try other.finish() == 0)
        #expect(try other.home.problems() == "")
    }

    @Test func aSessionAtWorkIsNotExported() throws {
        let host = try HostProcess()
        let session = try host.call("session.create")["id"] ?? .null
        let task = try host.call("task.start", ["session_id": session, "prompt": #"{"stall":true}"#])["task_id"]
        let file = JSON.string(host.home.file())
        let refused = try host.reply("session.export", ["session_id": session, "path": file])["error"]
        #expect(refused?["code"] == 1002)
        _ = try host.call("task.cancel", ["task_id": task ?? .null])
        _ = try host.call("task.wait", ["task_id": task ?? .null])
        #expect(try host.call("session.export", ["session_id": session, "path": file])["lines"] != nil)
        #expect(try host.finish() == 0)
    }
}
