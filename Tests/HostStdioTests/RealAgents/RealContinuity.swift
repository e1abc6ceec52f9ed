import Foundation
import JSON
import Testing

/// What every command-line agent must be shown to do.
enum RealContinuity {
    /// Ten tasks of one session; the host is killed in the fifth.
    static func tenTasks(_ cli: RealCLI) throws {
        let session = try RealSession(cli)
        func tell(_ number: Int) throws {
            let result = try session.execute("note \(number)")
            #expect(result["output"]?.stringValue?.hasSuffix(" note \(number)") == true, "\(result)")
            #expect(result["driver_resumed"] == .bool(number > 1))
        }
        for number in 1...4 { try tell(number) }
        let sleep = "sleep 3105.\(cli == .claude ? 1 : cli == .codexExec ? 2 : 3)"
        let fifth = try session.endless(command: cli.streamsText ? nil : sleep)
        try session.killHost()
        #expect(
            try eventually { try session.host.call("task.get", ["task_id": fifth])["status"] == "interrupted" })
        session.expectNothingLeft(sleep)
        for number in 6...10 { try tell(number) }
        // Whether the prompt of a run that died stays in its record is the agent's affair.
        let prompts = try #require(try session.model.exchanges.last).prompts
        #expect(prompts.filter { $0.hasPrefix("note") } == (1...10).filter { $0 != 5 }.map { "note \($0)" })
        let stats = try session.host.call("session.stats")
        #expect(stats["resumes_tried"] == 9)
        #expect(stats["resumes_succeeded"] == 9)
        try expectBill(session)
    }

    /// `codex exec` counts at the end of a turn: one that never ends costs nothing that anybody is told of.
    private static func expectBill(_ session: RealSession) throws {
        try session.expectBill { session.cli == .codexExec && $0.asked.hasPrefix("RUN") }
    }

    /// Cancelled while it writes and while its tool runs, the session goes on with what was said.
    static func cancels(_ cli: RealCLI) throws {
        let session = try RealSession(cli)
        #expect(try session.execute("first")["output"] == "1 first")
        if cli.streamsText {
            let writing = try session.endless()
            #expect(try session.cancel(writing)["status"] == "cancelled")
            session.expectNothingLeft()
        }
        let command = "sleep 3104.\(cli == .claude ? 1 : cli == .codexExec ? 2 : 3)"
        let sleeping = try session.endless(command: command)
        #expect(try session.cancel(sleeping)["status"] == "cancelled")
        session.expectNothingLeft(command)
        let next = try session.execute("next")
        #expect(next["status"] == "completed", "\(next)")
        #expect(next["driver_resumed"] == true)
        let prompts = try #require(try session.model.exchanges.last).prompts
        #expect(prompts.first == "first")
        #expect(prompts.last == "next")
        try expectBill(session)
    }

    /// A fork's agent knows what was said before it, and each of the two goes its own way.
    static func forks(_ cli: RealCLI) throws {
        let session = try RealSession(cli)
        let first = try session.execute("first")
        let fork = try session.host.call("session.fork", ["session_id": session.id])
        let aside = try session.execute("aside", ["session_id": fork["id"] ?? .null])
        #expect(aside["status"] == "completed", "\(aside)")
        #expect(try session.model.exchanges.last?.prompts == ["first", "aside"])
        #expect(aside["driver_session_id"] != first["driver_session_id"])
        let second = try session.execute("second")
        #expect(second["driver_session_id"] == first["driver_session_id"])
        #expect(try session.model.exchanges.last?.prompts == ["first", "second"])
        _ = try session.execute("further aside", ["session_id": fork["id"] ?? .null])
        #expect(try session.model.exchanges.last?.prompts == ["first", "aside", "further aside"])
        let bill = try session.host.call("usage.summary")["items"]?.arrayValue?.first?["known"]?["output_tokens"]
        #expect(bill?.intValue == (try session.model.exchanges.reduce(0) { $0 + $1.tokens("output_tokens") }))
    }

    /// The agent's own record is gone: the host's own takes its place, once.
    static func lostRecord(_ cli: RealCLI, settings: JSONObject = [:]) throws {
        let session = try RealSession(cli, settings: settings)
        let first = try session.execute("the word is walnut")
        let records = cli.records(home: session.agentHome)
        #expect(!records.isEmpty)
        // What a warm process remembers would still be there.
        try session.killHost()
        for record in records { try FileManager.default.removeItem(atPath: record) }
        let second = try session.execute("which word?")
        #expect(second["status"] == "completed", "\(second)")
        #expect(second["driver_resumed"] == false)
        #expect(second["driver_session_id"] != first["driver_session_id"])
        let exchange = try #require(try session.model.exchanges.last)
        #expect(exchange.asked == "which word?")
        #expect(exchange.told.contains("the word is walnut"))
        let stats = try session.host.call("session.stats")
        #expect(stats["resumes_tried"] == 1)
        #expect(stats["resumes_succeeded"] == 0)
        let third = try session.execute("and again?")
        #expect(third["driver_resumed"] == true)
        #expect(third["driver_session_id"] == second["driver_session_id"])
        #expect(try session.model.exchanges.last?.prompts.suffix(2) == ["which word?", "and again?"])
        try session.expectBill()
    }
}
