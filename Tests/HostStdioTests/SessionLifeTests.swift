import Foundation
import JSON
import Testing

/// What takes time or another's hand: a session that expires, files that are swapped.
@Suite struct SessionLifeTests {
    @Test func anExpiredSessionForgetsItsAgentOnly() throws {
        let host = try HostProcess()
        let id = try host.call("session.create", ["ttl_s": 1])["id"] ?? .null
        let task: JSON = ["session_id": id, "stream": false, "prompt": prompt(["recall": true])]
        #expect(try host.call("task.execute", task)["driver_resumed"] == false)
        var expired = 0
        #expect(
            try eventually {
                expired += try host.call("session.sweep")["expired"]?.intValue ?? 0
                return try host.call("session.get", ["session_id": id])["status"] == "expired"
            })
        #expect(expired <= 1)
        #expect(try host.call("session.get", ["session_id": id])["driver_sessions"] == [:])
        let events = try host.call("session.events", ["session_id": id, "types": ["session.expired"]])
        #expect(events["items"]?.arrayValue?.count == 1)
        let result = try host.call("task.execute", task)
        #expect(result["status"] == "completed")
        #expect(result["driver_resumed"] == false)
        #expect(try host.call("session.get", ["session_id": id])["status"] == "active")
    }

    @Test func aSweepRemovesCheckpointsThatNobodyKeeps() throws {
        let host = try HostProcess()
        let session = try host.call("session.create")["id"] ?? .null
        for _ in 0..<3 {
            _ = try host.call("task.execute", ["session_id": session, "stream": false, "prompt": #"{"say":"a"}"#])
        }
        _ = try host.call("session.update", ["session_id": session, "checkpoints": ["keep_count": 1]])
        _ = try host.call("session.sweep")
        let left = try host.call("checkpoint.list", ["session_id": session])["items"]?.arrayValue ?? []
        #expect(left.count == 1)
        #expect(try host.call("session.sweep")["checkpoints"] == 0)
        #expect(try host.call("checkpoint.get", ["checkpoint_id": left.first?["id"] ?? .null])["state"] != nil)
        #expect(try host.finish() == 0)
    }

    @Test func whatIsPlantedInTheResultsIsNotRead() throws {
        let host = try HostProcess()
        let session = try host.call("session.create")
        let id = session["id"] ?? .null
        let folder = session["results_dir"]?.stringValue ?? ""
        _ = try host.call(
            "task.execute",
            [
                "session_id": id, "stream": false,
                "prompt": prompt(
                    ["write_file": ["path": "in/file.txt", "text": "mine"]],
                    ["write_file": ["path": "b.txt", "text": "b"]]),
            ])
        let secret = host.home.path + "/secret"
        try FileManager.default.createDirectory(atPath: secret, withIntermediateDirectories: true)
        try Data("secret".utf8).write(to: URL(filePath: secret + "/file.txt"))
        try FileManager.default.removeItem(atPath: folder + "/in")
        try FileManager.default.createSymbolicLink(atPath: folder + "/in", withDestinationPath: secret)
        try FileManager.default.removeItem(atPath: folder + "/b.txt")
        try FileManager.default.createSymbolicLink(atPath: folder + "/b.txt", withDestinationPath: secret + "/file.txt")
        for path in ["in/file.txt", "b.txt"] {
            let reply = try host.reply("artifact.read", ["session_id": id, "path": .string(path)])
            #expect(reply["error"]?["code"] == 1001, "\(reply)")
            #expect(reply["error"]?["data"]?["path"] == "params.path")
        }
        // A link that an agent leaves is no artifact either.
        let result = try host.call("task.execute", ["session_id": id, "stream": false, "prompt": prompt(["say": "x"])])
        #expect(result["artifacts"] == [])
        _ = try host.call("session.delete", ["session_id": id])
        #expect(FileManager.default.fileExists(atPath: secret + "/file.txt"))
        #expect(!FileManager.default.fileExists(atPath: folder))
    }
}
