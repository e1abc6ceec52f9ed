import Foundation
import JSON
import Testing

/// A project of a real agent: whatever operation a task is, it goes on in the agent's own latest session.
enum RealProject {
    static let sources = ["create_preview", "update_project", "chat_plan", "metadata_generation"]

    static func fourSources(_ cli: RealCLI) throws {
        let session = try RealSession(cli)
        let host = session.host
        let project =
            try host.call(
                "project.create", ["name": "Shop", "driver": "real", "working_dir": .string(session.work)])["id"]
            ?? .null
        func execute(_ prompt: String, _ more: JSONObject = [:]) throws -> JSON {
            var params: JSONObject = ["project_id": project, "prompt": .string(prompt), "stream": false]
            for member in more { params[member.key] = member.value }
            return try host.call("task.execute", .object(params))
        }
        func isLast(_ result: JSON, _ source: JSON?) throws {
            let last = try host.call("project.get", ["project_id": project])["last_session"]
            #expect(last != nil && result["last_session"] == last, "\(result)")
            #expect(last?["driver_session_id"] == result["driver_session_id"])
            #expect(last?["source"] == source)
        }

        var results: [JSON] = []
        for source in sources {
            let result = try execute(
                "do \(source)", ["source": .string(source), "plan_only": .bool(source == "chat_plan")])
            #expect(result["status"] == "completed", "\(result)")
            #expect(result["driver_resumed"] == .bool(!results.isEmpty))
            try isLast(result, .string(source))
            results.append(result)
        }
        #expect(Set(results.compactMap { $0["driver_session_id"] }).count == 1, "\(results)")
        #expect(Set(results.compactMap { $0["session_id"] }).count == 1)
        let prompts = try #require(try session.model.exchanges.last).prompts
        #expect(prompts.filter { $0.contains("do ") }.count == 4, "\(prompts)")

        // One that fails has moved the agent's session as well, and so has one that is cancelled.
        let failed = try execute("FAIL 400", ["source": "fails"])
        #expect(failed["status"] == "failed", "\(failed)")
        try isLast(failed, "fails")
        let first = results[0]["session_id"] ?? .null
        if cli.streamsText {
            _ = try host.call("session.subscribe", ["session_id": first])
            let task =
                try host.call("task.start", ["project_id": project, "prompt": "SLOW", "source": "is cancelled"])[
                    "task_id"] ?? .null
            _ = try session.hear("text.delta", of: task)
            let cancelled = try session.cancel(task)
            #expect(cancelled["status"] == "cancelled")
            #expect(cancelled["last_session"]?["source"] == "is cancelled", "\(cancelled)")
            #expect(cancelled["last_session"]?["driver_session_id"] == results[0]["driver_session_id"])
        }
        #expect(try execute("and on")["driver_session_id"] == results[0]["driver_session_id"])

        // Cleared, a new one starts; the old one stays.
        _ = try host.call("project.update", ["project_id": project, "last_session": nil])
        let anew = try execute("anew")
        #expect(anew["driver_resumed"] == false)
        #expect(anew["driver_session_id"] != results[0]["driver_session_id"])
        #expect(try session.model.exchanges.last?.prompts.contains("anew") == true)
        #expect(try session.model.exchanges.last?.prompts.contains { $0.contains("create_preview") } == false)
        try isLast(anew, nil)
        let listed = try host.call("session.list", ["project_id": project])["items"]?.arrayValue ?? []
        #expect(listed.compactMap { $0["id"] } == [anew["session_id"], first].compactMap { $0 })
        _ = try host.call("project.delete", ["project_id": project])
        #expect(try host.call("session.list", ["project_id": project])["items"]?.arrayValue?.count == 2)
    }

    /// Told to write a file, where every tool is allowed, it does so; held to reading, it does not.
    static func planOnlyWritesNothing(_ cli: RealCLI) throws {
        let permissions: JSON = ["rules": [["tool": "*", "decision": "allow"]], "driver_mode": "accept_edits"]
        let session = try RealSession(cli, permissions: permissions)
        for (name, planOnly) in [("plan", true), ("work", false), ("again", true)] {
            let file = "\(session.work)/\(name).txt"
            let result = try session.execute("RUN touch \(file)", ["plan_only": .bool(planOnly)])
            #expect(result["session_id"] == session.id)
            #expect(FileManager.default.fileExists(atPath: file) == !planOnly, "\(name): \(result)")
        }
        #expect(try session.execute("next")["driver_resumed"] == true)
    }
}
