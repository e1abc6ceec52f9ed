import Foundation
import JSON
import Testing

/// Whole workflows, with a scripted agent whose answers depend on what it is asked.
@Suite struct WorkflowTests {
    /// A shell script that answers as an architect, as a reviewer who approves from the second review on, and as a
    /// developer; it keeps what it was asked.
    private struct Agent {
        let host: HostProcess
        var folder: String { host.home.path + "/script" }

        init(batchRisk: String = "medium") throws {
            let home = try HostHome { path in
                [["name": "script", "executable": .string(path + "/script/agent.sh"), "output": "text"]]
            }
            try FileManager.default.createDirectory(atPath: home.path + "/script", withIntermediateDirectories: true)
            func write(_ name: String, _ text: String, mode: Int = 0o600) throws {
                let path = home.path + "/script/" + name
                try Data(text.utf8).write(to: URL(filePath: path))
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            }
            let step: (String, [JSON]) -> JSON = { id, needs in
                [
                    "id": .string(id), "description": .string("make \(id)"), "prompt": .string("Step \(id)"),
                    "depends_on": .array(needs),
                ]
            }
            let plan: JSON = [
                "plan": [
                    "title": "Shop", "goal": "a shop", "estimated_minutes": 5, "test_first": true,
                    "batches": [["risk": .string(batchRisk), "steps": [step("a", []), step("b", ["a"])]]],
                ], "reasoning": "It is small.",
            ]
            try write("plan.json", "\(plan)")
            try write("yes.json", #"{"approved":true,"severity":"none","comments":[]}"#)
            try write(
                "no.json", #"{"approved":false,"severity":"low","comments":[{"file":"a.py","message":"say why"}]}"#)
            try write(
                "agent.sh",
                """
                #!/bin/sh
                cd "$(dirname "$0")" || exit 1
                asked=$(cat)
                asked=${asked##*</conversation_so_far>}
                printf '%s\\n----\\n' "$asked" >> asked.txt
                case "$asked" in
                *"You are the architect"*) cat plan.json ;;
                *"You are a reviewer"*) echo x >> reviews; [ "$(wc -l < reviews)" -gt 1 ] && cat yes.json || cat no.json ;;
                *) echo done ;;
                esac
                """, mode: 0o700)
            host = try HostProcess(in: home)
        }

        var asked: [String] {
            let text = (try? String(contentsOfFile: folder + "/asked.txt", encoding: .utf8)) ?? ""
            return text.components(separatedBy: "\n----\n").dropLast()
        }
    }

    private static func role(_ driver: String, _ instructions: String? = nil) -> JSON {
        var role: JSONObject = ["driver": .string(driver)]
        role["instructions"] = instructions.map(JSON.string)
        return .object(role)
    }

    @Test func aPlanIsRejectedApprovedReviewedAndMended() throws {
        let agent = try Agent()
        let host = agent.host
        let roles = Self.role("script")
        let started = try host.call(
            "workflow.start",
            [
                "issue": ["id": "#7", "title": "A shop", "description": "It sells."], "wait": true,
                "profile": ["architect": roles, "developer": roles, "reviewer": roles],
            ])
        #expect(started["status"] == "awaiting_permission", "\(started)")
        #expect(started["waits_for"] == "permission")
        #expect(started["proposal"]?["plan"]?["estimated_minutes"] == 5)
        let id = started["id"] ?? .null
        let again = try host.call("workflow.reject", ["workflow_id": id, "feedback": "Smaller steps.", "wait": true])
        #expect(again["status"] == "awaiting_permission")
        #expect(agent.asked.last?.contains("Smaller steps.") == true)
        let done = try host.call("workflow.approve", ["workflow_id": id, "wait": true])
        #expect(done["status"] == "completed", "\(done)")
        let kinds = done["nodes"]?.arrayValue?.compactMap { $0["kind"]?.stringValue }
        #expect(kinds == ["plan", "plan", "develop", "review", "fix", "review"])
        #expect(done["nodes"]?.arrayValue?.allSatisfy { $0["status"] == "completed" } == true)
        #expect(done["round"] == 2)
        let asked = agent.asked
        #expect(asked.count == 7)
        #expect(asked[2].hasSuffix("Step a") && asked[3].hasSuffix("Step b"), "\(asked[2])|\(asked[3])")
        #expect(asked[5].contains("- a.py: say why"))
        // All in one session, whose log says where the workflow stood.
        #expect(Set(done["sessions"]?.objectValue?.map { $0.value } ?? []).count == 1)
        let session = done["sessions"]?["architect"] ?? .null
        let log = try host.call("session.events", ["session_id": session, "types": ["progress"], "limit": 1000])
        let told = log["items"]?.arrayValue?.compactMap { $0["data"]?["workflow_status"]?.stringValue }
        #expect(
            told == [
                "planning", "awaiting_permission", "planning", "awaiting_permission", "developing", "reviewing",
                "fixing",
                "reviewing", "completed",
            ])
        #expect(try host.call("workflow.get", ["workflow_id": id]) == done)
        #expect(try host.reply("workflow.approve", ["workflow_id": id])["error"]?["code"] == 1002)
        #expect(try host.call("workflow.list", ["statuses": ["completed"]])["items"]?.arrayValue?.count == 1)
    }

    @Test func oneDriverSessionGoesFromRoleToRole() throws {
        let host = try HostProcess()
        let proposal =
            #"{"plan":{"title":"t","goal":"g","batches":[{"steps":[{"id":"a","description":"x"}]}]},"reasoning":""}"#
        let verdict = #"{"approved":true,"severity":"none","comments":[]}"#
        func say(_ text: String) -> JSON { Self.role("fake", "\(["say": .string(text)] as JSON)") }
        func start(_ sessions: String) throws -> JSON {
            try host.call(
                "workflow.start",
                [
                    "goal": "a shop", "wait": true,
                    "profile": [
                        "sessions": .string(sessions), "approve_up_to": "low", "architect": say(proposal),
                        "developer": Self.role("fake"), "reviewer": say(verdict), "reviewers": ["Security", "Tests"],
                    ],
                ])
        }
        let shared = try start("shared")
        #expect(shared["status"] == "completed", "\(shared)")
        let nodes = shared["nodes"]?.arrayValue ?? []
        #expect(nodes.compactMap { $0["role"]?.stringValue } == ["architect", "developer", "reviewer", "reviewer"])
        #expect(Set(nodes.compactMap { $0["driver_session_id"]?.stringValue }).count == 1)
        let separate = try start("separate")
        #expect(separate["status"] == "completed", "\(separate)")
        let others = separate["nodes"]?.arrayValue ?? []
        #expect(Set(others.compactMap { $0["driver_session_id"]?.stringValue }).count == 3)
        #expect(others[2]["driver_session_id"] == others[3]["driver_session_id"])
    }

    @Test func aKilledHostsWorkflowGoesOnInTheNodeItHit() throws {
        let agent = try Agent(batchRisk: "low")
        let home = agent.host.home
        try Data("#!/bin/sh\ncat > /dev/null\nsleep 60\n".utf8).write(to: URL(filePath: agent.folder + "/slow.sh"))
        let script = try Data(contentsOf: URL(filePath: agent.folder + "/agent.sh"))
        let roles = Self.role("script")
        let started = try agent.host.call(
            "workflow.start",
            [
                "goal": "a shop", "wait": true,
                "profile": ["architect": roles, "developer": roles, "reviewer": roles],
            ])
        let id = started["id"] ?? .null
        // The developer hangs in its first step.
        try Data(contentsOf: URL(filePath: agent.folder + "/slow.sh")).write(
            to: URL(filePath: agent.folder + "/agent.sh"))
        _ = try agent.host.call("workflow.approve", ["workflow_id": id, "stream": false])
        #expect(
            try eventually {
                let nodes = try agent.host.call("workflow.get", ["workflow_id": id])["nodes"]?.arrayValue ?? []
                let plan = nodes.last?["plan_id"] ?? .null
                guard plan != .null else { return false }
                return try agent.host.call("plan.get", ["plan_id": plan])["steps"]?.arrayValue?.first?["status"]
                    == "running"
            })
        kill(agent.host.program.pid, SIGKILL)
        try script.write(to: URL(filePath: agent.folder + "/agent.sh"))
        let next = try HostProcess(in: home)
        let done = try next.call("workflow.retry", ["workflow_id": id, "wait": true])
        #expect(done["status"] == "completed", "\(done)")
        let statuses = done["nodes"]?.arrayValue?.compactMap { $0["status"]?.stringValue } ?? []
        #expect(statuses.prefix(3) == ["completed", "interrupted", "completed"])
        let nodes = done["nodes"]?.arrayValue ?? []
        #expect(nodes.count > 2 && nodes[1]["plan_id"] == nodes[2]["plan_id"])
    }

    @Test func aCancelledWorkflowEnds() throws {
        let agent = try Agent()
        try Data("#!/bin/sh\nsleep 60\n".utf8).write(to: URL(filePath: agent.folder + "/agent.sh"))
        let started = try agent.host.call(
            "workflow.start", ["goal": "a shop", "profile": ["architect": Self.role("script")], "stream": false])
        #expect(started["status"] == "planning")
        let id = started["id"] ?? .null
        _ = try agent.host.call("workflow.cancel", ["workflow_id": id])
        #expect(try eventually { try agent.host.call("workflow.get", ["workflow_id": id])["status"] == "cancelled" })
        let retried = try agent.host.call("workflow.retry", ["workflow_id": id])
        #expect(retried["status"] == "planning")
        _ = try agent.host.call("workflow.cancel", ["workflow_id": id])
    }

    @Test func reviewersSeeWhatWasDone() throws {
        let agent = try Agent(batchRisk: "low")
        let folder = agent.host.home.path + "/shop"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("old\n".utf8).write(to: URL(filePath: folder + "/a.txt"))
        let git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", folder]
        for words in [["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]] {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = git + words
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
        let script = try String(contentsOfFile: agent.folder + "/agent.sh", encoding: .utf8)
        let works = script.replacing("*) echo done ;;", with: "*) echo new > '\(folder)/a.txt'; echo done ;;")
        try Data(works.utf8).write(to: URL(filePath: agent.folder + "/agent.sh"))
        let roles = Self.role("script")
        let done = try agent.host.call(
            "workflow.start",
            [
                "goal": "a shop", "wait": true, "working_dir": .string(folder),
                "profile": [
                    "approve_up_to": "low", "architect": roles, "developer": roles, "reviewer": roles,
                ],
            ])
        #expect(done["status"] == "completed", "\(done)")
        let review = try #require(agent.asked.first { $0.contains("You are a reviewer") })
        #expect(review.contains("- make a\n  modified: a.txt"), "\(review)")
        #expect(review.contains("-old\n+new"), "\(review)")
    }

    /// Where no client answers, what plans and workflows were not allowed beforehand is refused.
    @Test func theirAgentsMayDoWhatTheyWereAllowed() throws {
        let host = try HostProcess()
        let ask = #"{"ask": {"tool": "Bash", "title": "Run it", "input": {}}}"#
        let allowing: JSON = ["rules": [["tool": "Bash", "decision": "allow"]]]
        for (permissions, answer) in [(nil, "reject"), (allowing, "allow")] as [(JSON?, String)] {
            var plan: JSONObject = [
                "title": "Asks", "batches": [["steps": [["id": "a", "description": .string(ask)]]]],
            ]
            plan["permissions"] = permissions
            let made = try host.call("plan.create", .object(plan))
            let executed = try host.call("plan.execute", ["plan_id": made["id"] ?? .null, "stream": false])
            let step = executed["steps"]?.arrayValue?.first?["task_ids"]?.arrayValue?.first ?? .null
            let result = try host.call("task.get", ["task_id": step])["result"]
            #expect(result?["output"] == .string("answer to ask: \(answer)"), "\(executed)")

            let steps = #"[{"id":"a","description":"Ask","prompt":"\#(ask.replacing("\"", with: "\\\""))"}]"#
            let proposal = #"{"plan":{"title":"t","goal":"g","batches":[{"steps":\#(steps)}]},"reasoning":""}"#
            var workflow: JSONObject = [
                "goal": "x", "wait": true, "stream": false,
                "profile": [
                    "approve_up_to": "low", "architect": Self.role("fake", "\n\(["say": .string(proposal)] as JSON)"),
                    "reviewer": Self.role(
                        "fake", "\n\(["say": #"{"approved":true,"severity":"none","comments":[]}"#] as JSON)"),
                ],
            ]
            workflow["permissions"] = permissions
            let done = try host.call("workflow.start", .object(workflow))
            #expect(done["status"] == "completed", "\(done)")
            let developed = try host.call("plan.get", ["plan_id": done["plan_id"] ?? .null])
            let task = developed["steps"]?.arrayValue?.first?["task_ids"]?.arrayValue?.first ?? .null
            let asked = try host.call("task.get", ["task_id": task])["result"]
            #expect(asked?["output"] == .string("answer to ask: \(answer)"), "\(asked ?? .null)")
        }
        let session = try host.call("session.create")["id"] ?? .null
        let step: JSON = ["steps": [["id": "a", "description": "x"]]]
        let refused = try host.reply(
            "plan.create", ["title": "x", "session_id": session, "batches": [step], "permissions": allowing])
        #expect(refused["error"]?["data"]?["path"] == "params.permissions", "\(refused)")
    }

    @Test func whatCannotBeIsRefused() throws {
        let host = try HostProcess()
        for (profile, path) in [
            (["reviewer": ["driver": "nobody"]] as JSON, "params.profile.reviewer.driver"),
            (["developer": ["model": "m"]], "params.profile.developer.model"),
            (["reviewers": ["a", "a"]], "params.profile.reviewers"),
        ] {
            let reply = try host.reply("workflow.start", ["goal": "x", "profile": profile])
            #expect(reply["error"]?["data"]?["path"] == .string(path), "\(reply)")
        }
        #expect(try host.reply("workflow.start", [:])["error"]?["code"] == -32602)
        #expect(
            try host.reply("workflow.get", ["workflow_id": "flow_0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d9e0f"])["error"]?[
                "code"] == 1001)
    }
}
