import Foundation
import JSON
import Testing

/// `agenthost sessions` and what is below it.
@Suite struct SessionsTests {
    @Test func anEmptyStoreHasNone() throws {
        let outcome = try Program().run("sessions")
        #expect(outcome.code == 0)
        #expect(outcome.output == "")
        #expect(outcome.errors.contains("agenthost run"))
    }

    @Test func theListIsATable() throws {
        let program = try Program()
        #expect(try program.runAgent("count the teapots").code == 0)
        #expect(try program.runAgent(#"{"exit":3}"#).code == 1)
        let lines = try program.run("sessions").output.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.first?.hasPrefix("SESSION") == true)
        #expect(lines.last?.contains(/^[0-9a-f]{8}  active +fake +1  now +count the teapots$/) == true, "\(lines)")
        #expect(try program.run("sessions", "--limit", "1").output.split(separator: "\n").count == 2)
        #expect(try program.run("sessions", "--status", "paused").output == "")
    }

    @Test func aSessionIsShown() throws {
        let program = try Program()
        let script = #"{"write_file":{"path":"tea.csv","text":"a,b"}}"# + "\n" + #"{"say":"Done."}"#
        #expect(try program.runAgent(script, "--db", try program.makeShop()).code == 0)
        let id = try #require(try program.sessions().first?["id"]?.stringValue)
        let page = try program.run("sessions", "show", String(id.suffix(8))).output
        for part in [id, "shop.db", program.folder, "Tasks", "completed", "tea.csv", "3 bytes", "text/csv"] {
            #expect(page.contains(part), "\(part) in \(page)")
        }
    }

    @Test func theLogIsNumberedWithoutHoles() throws {
        let program = try Program()
        #expect(try program.runAgent("hello").code == 0)
        let id = try #require(try program.sessions().first?["id"]?.stringValue)
        let lines = try program.run("sessions", "events", id, "--json").output.split(separator: "\n")
        let events = try lines.map { try JSON(parsing: String($0)) }
        #expect(events.compactMap { $0["seq"]?.intValue } == Array(1...max(1, events.count)))
        #expect(events.count > 3)
        #expect(events.last?["type"] == "task.completed")
        let page = try program.run("sessions", "events", id, "--after-seq", "1").output
        #expect(page.split(separator: "\n").count == events.count - 1)
        #expect(page.contains("You said: hello"))
    }

    @Test func aLogIsFollowedWhileAnotherProcessWritesIt() throws {
        let program = try Program()
        #expect(try program.runAgent("first").code == 0)
        let id = try #require(try program.sessions().first?["id"]?.stringValue)
        let call = try program.start(["sessions", "events", id, "--follow"])
        try call.wait(for: "You said: first")
        #expect(try program.runAgent("second", "--session", id).code == 0)
        try call.wait(for: "You said: second")
        call.process.interrupt()
        #expect(try call.end().code == 130)
    }

    @Test func aDeletedSessionIsGone() throws {
        let program = try Program()
        #expect(try program.runAgent("hello").code == 0)
        let id = try #require(try program.sessions().first?["id"]?.stringValue)
        let outcome = try program.run("sessions", "delete", String(id.suffix(8)))
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("1 task"))
        #expect(try program.run("sessions", "show", id).code == 65)
        #expect(try program.sessions() == [])
    }

    @Test func aSessionGoesToAFileAndComesBack() throws {
        let program = try Program()
        let script = #"{"write_file":{"path":"tea.csv","text":"a,b"}}"# + "\n" + #"{"say":"Done."}"#
        #expect(try program.runAgent(script).code == 0)
        let id = try #require(try program.sessions().first?["id"]?.stringValue)
        let short = String(id.suffix(8))
        let written = try program.run("sessions", "export", short, "tea.session")
        #expect(written.output.contains(/^Wrote session [0-9a-f]{8} with 1 task, \d+ events, 1 file, 0 memories to/))
        #expect(written.output.contains("/tea.session, "))
        let again = try program.run("sessions", "export", short, "tea.session")
        #expect(again.code != 0 && again.errors.contains("already"))
        let sum = try program.run("sessions", "export", id, "tea.session", "--overwrite", "--json").json()["sha256"]
        #expect(sum?.stringValue?.count == 64)
        let refused = try program.run("sessions", "import", "tea.session")
        #expect(refused.code != 0 && refused.errors.contains("exists"))
        let made = try program.run("sessions", "import", "tea.session", "--new-ids")
        #expect(made.output.contains(/^Imported session [0-9a-f]{8} with 1 task, \d+ events, 1 file, 0 memories\./))
        #expect(try program.sessions().count == 2)
        #expect(try program.run("sessions", "delete", short, "--yes").code == 0)
        let back = try program.run("sessions", "import", "tea.session", "--json").json()
        #expect(back["session"]?["id"]?.stringValue == id)
        #expect(try program.run("sessions", "export", short).code != 0)
        #expect(try program.run("sessions", "import").code != 0)
    }
}
