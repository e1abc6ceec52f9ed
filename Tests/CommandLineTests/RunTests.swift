import Foundation
import JSON
import Testing

/// `agenthost run`, with a scripted agent.
@Suite struct RunTests {
    private static let counting = """
        {"tool":{"name":"sql","title":"Count the orders","input":{"sql":"SELECT count(*)  FROM orders"},"output":{"rows":1}}}
        {"write_file":{"path":"report.md","text":"# Orders"}}
        {"say":"There are 200 orders."}
        """

    @Test func theAnswerIsAllOfStdout() throws {
        let program = try Program()
        let outcome = try program.run(
            "run", Self.counting, "--config", "agents.json", "--db", try program.makeShop())
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.output == "There are 200 orders.\n")
        for part in ["shop.db", "Count the orders", "SELECT count(*) FROM orders", "1 row", "report.md", "Completed"] {
            #expect(outcome.errors.contains(part), "\(part) in \(outcome.errors)")
        }
    }

    @Test func theAnalystNeedsNoConfiguration() throws {
        let program = try Program()
        let outcome = try program.run("run", "how many orders per country", "--db", try program.makeShop())
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("orders"))
        #expect(outcome.errors.contains("SELECT"))
    }

    @Test func filesAreCopied() throws {
        let program = try Program()
        let script = #"{"write_file":{"path":"report.md","text":"Orders"}}"# + "\n" + #"{"say":"Done."}"#
        #expect(try program.runAgent(script, "--results", "out/here").code == 0)
        #expect(try String(contentsOfFile: program.folder + "/out/here/report.md", encoding: .utf8) == "Orders")
    }

    @Test func quietMeansQuiet() throws {
        let outcome = try Program().runAgent(Self.counting, "--quiet")
        #expect(outcome.output == "There are 200 orders.\n")
        #expect(outcome.errors == "")
    }

    @Test func jsonIsTheResult() throws {
        let result = try Program().runAgent(Self.counting, "--json").json()
        #expect(result["status"] == "completed")
        #expect(result["output"] == "There are 200 orders.")
        #expect(result["artifacts"]?.arrayValue?.first?["path"] == "report.md")
    }

    @Test func aPromptComesFromStdin() throws {
        let program = try Program()
        let outcome = try program.run("run", "-", "--config", "agents.json", input: Data("good day\n".utf8))
        #expect(outcome.output == "You said: good day\n")
        for bad in [Data(), Data(" \n".utf8), Data([0xff, 0xfe, 0x0a])] {
            #expect(try program.run("run", "-", "--config", "agents.json", input: bad).code == 65)
        }
    }

    @Test(arguments: [
        (#"{"exit":3}"#, [], Int32(1), "exited with code 3"),
        (#"{"sleep_ms":20000}"#, ["--timeout-ms", "100"], 1, "timeout"),
        ("x", ["--db", "missing.db"], 66, "missing.db"),
        ("x", ["--db", "postgresql://user:secret@localhost/shop"], 65, "password"),
        ("x", ["--driver", "nobody"], 69, "nobody"),
        ("x", ["--session", "0000ffff"], 65, "no session 0000ffff"),
        ("x", ["--session", "yesterday"], 65, "no session id"),
    ])
    func failuresHaveTheirCodes(script: String, more: [String], code: Int32, expected: String) throws {
        let program = try Program()
        let outcome = try program.start(["run", script, "--config", "agents.json"] + more).end()
        #expect(outcome.code == code)
        #expect(outcome.output == "")
        #expect(outcome.errors.contains(expected), "\(outcome.errors)")
    }

    @Test(arguments: [("{", Int32(78)), (#"{"drivers":[{"name":"x"}]}"#, 78), (#"{"colour":1}"#, 78), (nil, 66)])
    func aWrongConfigurationIsNamed(text: String?, code: Int32) throws {
        let program = try Program()
        try text?.write(toFile: program.folder + "/wrong.json", atomically: true, encoding: .utf8)
        let outcome = try program.run("run", "x", "--config", "wrong.json")
        #expect(outcome.code == code)
        #expect(outcome.errors.contains("wrong.json"))
    }

    @Test func aSessionGoesOn() throws {
        let program = try Program()
        #expect(try program.runAgent("first").code == 0)
        let id = try #require(try program.sessions().first?["id"]?.stringValue)
        #expect(try program.runAgent("second", "--session", String(id.suffix(8))).code == 0)
        let sessions = try program.sessions()
        #expect(sessions.count == 1)
        #expect(sessions.first?["task_count"] == 2)
        #expect(sessions.first?["title"] == "first")
    }

    @Test func aDatabaseIsConnectedOnce() throws {
        let program = try Program()
        let shop = try program.makeShop()
        for name in [shop, program.folder + "/" + shop, "./" + shop] {
            #expect(try program.runAgent("hello", "--db", name).code == 0)
        }
        let request = #"{"jsonrpc":"2.0","id":1,"method":"connection.list"}"#
        let reply = try program.run(input: Data((request + "\n").utf8)).json()
        #expect(reply["result"]?["items"]?.arrayValue?.map { $0["name"] } == ["shop.db"])
    }

    @Test func controlCCancelsTheTask() throws {
        let program = try Program()
        let script = #"{"tool":{"name":"look","title":"Looking"}}"# + "\n" + #"{"sleep_ms":60000}"#
        let call = try program.start(["run", script, "--config", "agents.json"])
        try call.wait(for: "Looking", in: "err")
        call.process.interrupt()
        let outcome = try call.end()
        #expect(outcome.code == 130)
        #expect(outcome.output == "")
        let id = try #require(try program.sessions().first?["id"]?.stringValue)
        let shown = try program.run("sessions", "show", id, "--json").json()
        #expect(shown["tasks"]?.arrayValue?.map { $0["status"] } == ["cancelled"])
    }
}
