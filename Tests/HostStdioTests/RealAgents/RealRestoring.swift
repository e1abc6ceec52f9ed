import Foundation
import JSON
import Testing

/// Sessions of a real agent that are taken back, go off and go through a file: the model hears what belongs to the
/// state that they are in, and nothing else.
enum RealRestoring {
    /// Two things are said; the second one is taken back.
    static func onlyWhatTheStateKnows(_ cli: RealCLI) throws {
        let session = try RealSession(cli)
        let host = session.host
        func checkpoint() throws -> JSON {
            let list = try host.call("checkpoint.list", ["session_id": session.id])["items"]?.arrayValue
            return try #require(list?.first?["id"])
        }
        /// What the model was sent for a task.
        func heard(_ prompt: String, in id: JSON? = nil, by host: HostProcess? = nil) throws -> String {
            let params: JSON = ["session_id": id ?? session.id, "prompt": .string(prompt), "stream": false]
            let result = try (host ?? session.host).call("task.execute", params)
            #expect(result["status"] == "completed", "\(result)")
            let exchange = try #require(try session.model.exchanges.last)
            #expect(exchange.asked == prompt)
            return exchange.entry.description
        }
        _ = try session.execute("the word is walnut")
        let first = try checkpoint()
        _ = try session.execute("the number is seven")
        let second = try checkpoint()
        let both = try heard("both?")
        #expect(both.contains("walnut") && both.contains("seven"))

        _ = try host.call("checkpoint.restore", ["checkpoint_id": first])
        let restored = try heard("which one?")
        #expect(restored.contains("walnut") && !restored.contains("seven") && !restored.contains("both?"))
        // In its own session by now, also for another process of it.
        try session.killHost()
        let resumed = try heard("and now?")
        #expect(resumed.contains("walnut") && resumed.contains("which one?") && !resumed.contains("seven"))

        // From what was taken back, and from where it stands.
        let late = try session.host.call("session.fork", ["checkpoint_id": second])["id"]
        let apart = try heard("apart?", in: late)
        #expect(apart.contains("walnut") && apart.contains("seven"))
        #expect(!apart.contains("both?") && !apart.contains("which one?"))
        let fork = try session.host.call("session.fork", ["session_id": session.id])["id"]
        let aside = try heard("aside?", in: fork)
        #expect(aside.contains("walnut") && aside.contains("and now?"))
        #expect(!aside.contains("seven") && !aside.contains("apart?"))

        let path = JSON.string(session.home.path + "/out.session")
        _ = try session.host.call("session.export", ["session_id": session.id, "path": path])
        let folder = JSON.string(session.work)
        let copy = try session.host.call(
            "session.import", ["path": path, "ids": "new", "driver": "real", "working_dir": folder])["session"]
        let copied = try heard("a copy?", in: copy?["id"])
        #expect(copied.contains("walnut") && copied.contains("and now?"))
        #expect(!copied.contains("seven") && !copied.contains("aside?") && !copied.contains("apart?"))
        #expect(try !heard("unchanged?").contains("a copy?"), "the original goes its own way")
    }
}
