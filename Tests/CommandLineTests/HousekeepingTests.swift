import Foundation
import JSON
import Testing

/// `agenthost sessions --stats` and `sweep`, and how long sessions are kept.
@Suite struct HousekeepingTests {
    @Test func sessionsAreCounted() throws {
        let program = try Program()
        #expect(try program.runAgent("count the teapots").code == 0)
        #expect(try program.runAgent(#"{"exit":3}"#).code == 1)
        let lines = try program.run("sessions", "--stats").output.split(separator: "\n").map {
            $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }
        #expect(
            lines.prefix(3) == [
                "sessions 2 2 active", "tasks 2 1.0 a session: 1 completed, 1 failed", "failed 1 1 no_result",
            ])
        let json = try program.run("sessions", "--stats", "--json").json()
        #expect(json["tasks_per_session"] == 1 && json["estimated_tokens_saved_by_resuming"] == 0)
        #expect(try program.run("sessions", "--stats", "--status", "active").code == 64)
    }

    /// As if a session had last been used at that time.
    private func age(_ id: String, _ program: Program) throws {
        let store = try #require(
            FileManager.default.subpathsOfDirectory(atPath: program.folder).first { $0.hasSuffix("agenthost.db") })
        let hex = id.dropFirst(5).replacing("-", with: "")
        let sql = "UPDATE session SET last_used_at = 0 WHERE id = x'\(hex)'"
        #expect(try Call("/usr/bin/env", ["sqlite3", store, sql], of: program).end().code == 0)
    }

    @Test func onlyTheConfigurationRemovesSessionsForTheirAge() throws {
        let program = try Program()
        for prompt in ["old", "new", "older"] { #expect(try program.runAgent(prompt).code == 0) }
        let ids = try program.sessions().compactMap { $0["id"]?.stringValue }
        for id in [ids[0], ids[2]] { try age(id, program) }
        #expect(try program.run("sessions", "sweep").output.contains("deleted 0 sessions"))
        let folder = program.folder + "/.config/agenthost"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try #"{"sessions": {"keep_days": 30}}"#.write(
            toFile: folder + "/config.json", atomically: true, encoding: .utf8)
        #expect(try program.run("sessions", "sweep").output.contains("deleted 2 sessions"))
        #expect(try program.sessions().compactMap { $0["id"]?.stringValue } == [ids[1]])
    }

    @Test(arguments: [
        (#"{"sessions": {"keep_days": 0}}"#, "sessions.keep_days: expected a whole number from 1 to 36500"),
        (#"{"sessions": {"keep_s": 1}}"#, "sessions.keep_s: there is no such setting; did you mean keep_days?"),
    ])
    func aTermIsChecked(text: String, expected: String) throws {
        let program = try Program()
        try text.write(toFile: program.folder + "/c.json", atomically: true, encoding: .utf8)
        let outcome = try program.run("sessions", "--config", "c.json")
        #expect(outcome.code != 0)
        #expect(outcome.errors.contains(expected), "\(outcome.errors)")
    }
}
