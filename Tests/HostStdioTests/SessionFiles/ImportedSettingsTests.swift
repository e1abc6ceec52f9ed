import Foundation
import JSON
import Testing

/// What an imported session acts with is the importer's word: a file comes from anywhere.
@Suite struct ImportedSettingsTests {
    /// A session's file that asks for all that a file can ask for.
    private func greedyFile(_ host: HostProcess, project: JSON) throws {
        let session = try host.call("session.create", ["driver": "turns"])["id"] ?? .null
        for steps in [#"{"say":"Oh."}"# + "\n" + #"{"exit":3}"#, #"{"say":"Well."}"#] {
            _ = try host.call("task.execute", ["session_id": session, "stream": false, "prompt": .string(steps)])
        }
        var file = try host.export(session)
        let line = file.first("session") ?? 1
        let wanted: JSONObject = [
            "driver": "turns", "model": "dear", "working_dir": "/etc", "recursion_limit": 10_000,
            "learning": ["enabled": true, "promote_after": 1], "project_id": project,
            "permissions": ["default": "allow", "driver_mode": "bypass"],
        ]
        for member in wanted { try file.set(member.key, of: line, to: member.value) }
        try file.write(host.home.file())
    }

    private func project(_ host: HostProcess) throws -> JSON {
        try host.call("project.create", ["name": "Shop"])["id"] ?? .null
    }

    @Test func aFileDoesNotSayWhatASessionMayDo() throws {
        let host = try HostProcess()
        let project = try project(host)
        try greedyFile(host, project: project)
        let made = try host.importing(ids: "new")
        let session = made["session"] ?? .null
        #expect(session["driver"] == "fake", "the one of a new session")
        #expect(session["recursion_limit"] == 100)
        #expect(session["learning"]?["enabled"] == false)
        #expect(session["permissions"]?["default"] == "deny" && session["permissions"]?["driver_mode"] == nil)
        for name in ["model", "working_dir", "project_id"] { #expect(session[name] == nil, "\(name)") }
        #expect(made["left_out"] == ["driver", "model", "working_dir", "recursion_limit", "learning", "project_id"])
        #expect(made["warnings"] == [])
        let result = try host.call(
            "task.execute",
            ["session_id": session["id"] ?? .null, "stream": false, "prompt": #"{"echo":"working_dir"}"#])
        #expect(result["driver"] == "fake")
        #expect(result["output"]?.stringValue?.contains("/etc") == false)
        #expect(try host.call("project.get", ["project_id": project])["last_session"] == nil)
        #expect(try host.finish() == 0)
        #expect(try host.home.problems() == "")
    }

    @Test func theImporterSaysIt() throws {
        let host = try HostProcess()
        let project = try project(host)
        try greedyFile(host, project: project)
        let folder = JSON.string(host.home.path)
        let named = try host.importing(
            ids: "new", ["driver": "text", "model": "cheap", "working_dir": folder])["session"]
        #expect(named?["driver"] == "text" && named?["model"] == "cheap" && named?["working_dir"] == folder)
        let asWritten = try host.importing(ids: "new", ["settings": "file"])
        #expect(asWritten["left_out"] == [] && asWritten["warnings"] == [])
        #expect(asWritten["session"]?["working_dir"] == "/etc" && asWritten["session"]?["project_id"] == project)
        #expect(asWritten["session"]?["recursion_limit"] == 10_000)
        #expect(asWritten["session"]?["permissions"]?["default"] == "deny", "consent is never a file's to give")
        let both = try host.importing(ids: "new", ["settings": "file", "working_dir": folder])
        #expect(both["session"]?["working_dir"] == folder && both["left_out"] == ["working_dir"])
        #expect(try host.finish() == 0)
    }

    @Test func whatIsNotHereIsTold() throws {
        let host = try HostProcess()
        try greedyFile(host, project: nil)
        var file = try SessionFile(host.home.file())
        let line = file.first("session") ?? 1
        try file.set("driver", of: line, to: "other")
        try file.set("working_dir", of: line, to: "/nowhere/at all")
        try file.write(host.home.file())
        let made = try host.importing(ids: "new", ["settings": "file"])
        #expect(
            made["warnings"] == ["the driver other is not configured here", "the folder /nowhere/at all is not here"])
        let params: JSON = ["path": .string(host.home.file()), "ids": "new", "driver": "other"]
        let sessions = try host.call("session.list")
        #expect(try host.reply("session.import", params)["error"]?["data"]?["path"] == "params.driver")
        #expect(try host.call("session.list") == sessions)
        #expect(try host.finish() == 0)
    }

    @Test(arguments: ["own", "file"] as [JSON])
    func aTaskOfAFileIsRetriedWithTheSessionsDriver(settings: JSON) throws {
        let host = try HostProcess()
        try greedyFile(host, project: nil)
        let session =
            try host.importing(ids: "new", ["settings": settings, "driver": "fake"])["session"]?["id"] ?? .null
        let tasks = try host.call("task.list", ["session_id": session])["items"]?.arrayValue ?? []
        let failed = tasks.first { $0["status"] == "failed" } ?? .null
        #expect(failed["driver"] == "turns", "what it was is told as it was")
        func driver(_ more: JSONObject = [:]) throws -> JSON? {
            var params: JSONObject = ["task_id": failed["id"] ?? .null]
            for member in more { params[member.key] = member.value }
            let retry = try host.call("task.retry", .object(params))["task_id"] ?? .null
            _ = try host.call("task.wait", ["task_id": retry])
            return try host.call("task.get", ["task_id": retry])["driver"]
        }
        #expect(try driver() == "fake")
        #expect(try driver(["from": "checkpoint"]) == "fake")
        #expect(try driver(["driver": "turns"]) == "turns", "the user's own word")
        // What has run here is the user's own, too.
        let own = try host.call("task.list", ["session_id": session])["items"]?.arrayValue?.first
        let again = try host.call("task.retry", ["task_id": own?["id"] ?? .null])["task_id"] ?? .null
        _ = try host.call("task.wait", ["task_id": again])
        #expect(try host.call("task.get", ["task_id": again])["driver"] == "turns")
        #expect(try host.finish() == 0)
    }
}
