import Foundation
import JSON
import Testing

/// What an agent asks, through the host and back.
enum RealAsks {
    /// One command is allowed, one denied, one nobody answers in time.
    static func threeAnswers(_ cli: RealCLI) throws {
        let session = try RealSession(cli, permissions: [:])
        _ = try session.host.call("host.initialize", ["capabilities": ["permissions": true]])
        let made = session.work + "/made.txt"
        let allowed = try session.start("RUN echo allowed > made.txt")
        try answer(session, allowed, "allow_once")
        #expect(try session.wait(allowed)["status"] == "completed")
        #expect(try String(contentsOfFile: made, encoding: .utf8) == "allowed\n")

        let denied = try session.start("RUN echo denied > made.txt")
        try answer(session, denied, "reject_once")
        let refused = try session.wait(denied)
        #expect(refused["status"] == "completed", "\(refused)")
        #expect(refused["output"]?.stringValue?.hasPrefix("done: ") == true, "the model hears of it")

        _ = try session.host.call(
            "session.update", ["session_id": session.id, "permissions": ["deadline_ms": 100]])
        let expired = try session.execute("RUN echo expired > made.txt")
        #expect(["completed", "cancelled"].contains(expired["status"]?.stringValue), "\(expired)")
        #expect(try String(contentsOfFile: made, encoding: .utf8) == "allowed\n")
        #expect(try resolutions(session) == ["client", "client", "deadline"])
        #expect(try session.execute("and now")["output"] == "4 and now")
        try session.expectBill()
    }

    private static func answer(_ session: RealSession, _ task: JSON, _ kind: String) throws {
        let request = try session.host.awaitUnasked("permission.request") { $0["params"]?["task_id"] == task }
        let options = request["params"]?["options"]?.arrayValue ?? []
        let option = try #require(options.first { $0["kind"]?.stringValue == kind }?["id"])
        let reply: JSON = ["jsonrpc": "2.0", "id": request["id"] ?? .null, "result": ["option_id": option]]
        try session.host.send(reply.description)
    }

    /// Who answered the session's asks.
    private static func resolutions(_ session: RealSession) throws -> [String] {
        let log = try session.host.call(
            "session.events", ["session_id": session.id, "types": ["permission.resolved"]])
        return (log["items"]?.arrayValue ?? []).compactMap { $0["data"]?["by"]?.stringValue }
    }
}
