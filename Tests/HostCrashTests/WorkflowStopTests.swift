import Foundation
import JSON
import Testing

extension CrashTests {
    /// Workflows that are stopped in the middle of a node, and go on.
    @Suite struct WorkflowStopTests {
        private static let proposal =
            #"{"plan":{"title":"t","goal":"g","batches":[{"steps":[{"id":"a","description":"x"}]}]},"reasoning":""}"#
        private static let approval = #"{"approved":true,"severity":"none","comments":[]}"#

        /// A role whose agent does these steps, whatever it is asked.
        private static func role(_ lines: JSON..., driver: String = "fake", parallel: Int = 1) -> JSON {
            var role: JSONObject = ["driver": .string(driver), "parallel": .int(Int64(parallel))]
            if !lines.isEmpty { role["instructions"] = .string(lines.map { "\n\($0)" }.joined()) }
            return .object(role)
        }

        private static func start(
            _ host: HostProcess, _ profile: JSONObject, sessions: String = "shared", waits: Bool = true
        ) -> Int {
            var profile = profile
            profile["sessions"] = .string(sessions)
            profile["approve_up_to"] = "low"
            if profile["architect"] == nil { profile["architect"] = role(["say": .string(proposal)]) }
            return host.send(
                "workflow.start", ["goal": "a shop", "profile": .object(profile), "wait": .bool(waits)])
        }

        private static func workflow(_ host: HostProcess) throws -> JSON {
            try host.call("workflow.list")["items"]?.arrayValue?.first ?? .null
        }

        private static func nodes(_ workflow: JSON, _ kind: String) -> [JSON] {
            (workflow["nodes"]?.arrayValue ?? []).filter { $0["kind"] == .string(kind) }
        }

        @Test func aNodeGoesOnFromItsCheckpointAndRepeatsNoToolCall() throws {
            let home = try HostHome(resumes: false, capabilities: ["checkpoints"])
            var host = try home.host()
            let reviewer = Self.role(
                ["tool": "one"], ["checkpoint": [:]], ["tool": "two"], ["checkpoint": [:]],
                ["unless_continued": [["stall": true]]], ["tool": "three"], ["say": .string(Self.approval)])
            _ = Self.start(host, ["reviewer": reviewer])
            var saved = 0
            try host.listen("two checkpoints of the reviewer") {
                saved = host.told.count {
                    $0["params"]?["type"] == "checkpoint.saved" && $0["params"]?["data"]?["kind"] == "turn"
                }
                return saved >= 2
            }
            host.end(SIGKILL)
            host = try home.host()
            let id = try Self.workflow(host)["id"] ?? .null
            let ended = try host.call("workflow.retry", ["workflow_id": id, "wait": true])
            #expect(ended["status"] == "completed", "\(ended)")
            let reviews = Self.nodes(ended, "review")
            #expect(reviews.map { $0["status"] } == ["interrupted", "completed"])
            #expect(Self.nodes(ended, "develop").count == 1, "what was done is not done again")
            let session = reviews.last?["session_id"]?.stringValue ?? ""
            let tools = try host.events(session).filter { $0["type"] == "tool.started" }.map { $0["data"]?["name"] }
            #expect(tools == ["one", "two", "three"], "each once")
            let task = try host.call("task.get", ["task_id": reviews.last?["task_id"] ?? .null])
            #expect(task["retry_of"] == reviews.first?["task_id"])
        }

        /// Three reviewers side by side: one has judged, two are killed with their host.
        @Test func onlyVerdictsThatAreMissingAreAskedForAgain() throws {
            let home = try HostHome()
            let gate = try home.addJudge(of: "Tests", verdict: Self.approval)
            var host = try home.host()
            let profile: JSONObject = [
                "reviewers": ["Security", "Tests", "Style"], "reviewer": Self.role(driver: "judge", parallel: 3),
            ]
            _ = Self.start(host, profile, sessions: "separate")
            try host.listen("the first verdict") {
                host.told.contains { $0["params"]?["data"]?["message"] == #"The reviewer "Tests" approves."# }
            }
            let reviewing = try Self.workflow(host)
            #expect(reviewing["waits_for"] == "reviewer")
            #expect(Self.nodes(reviewing, "review").map { $0["status"] } == ["running", "completed", "running"])
            host.end(SIGKILL)
            try Data().write(to: gate)
            host = try home.host()
            let id = reviewing["id"] ?? .null
            let ended = try host.call("workflow.retry", ["workflow_id": id, "wait": true])
            #expect(ended["status"] == "completed", "\(ended)")
            let reviews = Self.nodes(ended, "review")
            #expect(reviews.map { $0["focus"] } == ["Security", "Tests", "Style", "Security", "Style"])
            #expect(
                reviews.map { $0["status"] } == [
                    "interrupted", "completed", "interrupted", "completed", "completed",
                ])
            #expect(ended["round"] == 1)
            let sessions = reviews.map { $0["session_id"]?.stringValue ?? "" }
            #expect(Set(sessions).count == 3, "each has its own, and keeps it")
            #expect(sessions[0] == sessions[3] && sessions[2] == sessions[4])
        }

        @Test func aPausedSessionHoldsItsWorkflowWithoutCostingAnAttempt() throws {
            let home = try HostHome()
            let host = try home.host()
            let profile: JSONObject = [
                "developer": Self.role(["say": "done"]),
                "architect": Self.role(["sleep_ms": 300], ["say": .string(Self.proposal)]),
                "reviewer": Self.role(["say": .string(Self.approval)]),
            ]
            let started = Self.start(host, profile)
            try host.listen("the architect") { host.told.contains { $0["params"]?["type"] == "run.started" } }
            let session = try Self.workflow(host)["sessions"]?["architect"] ?? .null
            try host.call("session.pause", ["session_id": session])
            let held = try host.result(started)
            #expect(held["status"] == "interrupted" && held["waits_for"] == "session", "\(held)")
            #expect(held["reason"]?.stringValue?.contains("paused") == true)
            let named: JSON = ["workflow_id": held["id"] ?? .null, "wait": true]
            let again = try host.call("workflow.retry", named)
            #expect(again["waits_for"] == "session")
            #expect(again["nodes"]?.arrayValue?.count == 2, "asking again leaves nothing behind")
            try host.call("session.resume", ["session_id": session])
            let ended = try host.call("workflow.retry", named)
            #expect(ended["status"] == "completed", "\(ended)")
            #expect(ended["nodes"]?.arrayValue?.map { $0["kind"] } == ["plan", "develop", "review"])
        }

        @Test func aPlanThatIsHeldHoldsItsWorkflow() throws {
            let home = try HostHome()
            let host = try home.host()
            let steps = #"[{"id":"a","description":"{\"sleep_ms\":300}"},{"id":"b","description":"x"}]"#
            let plan = #"{"plan":{"title":"t","goal":"g","batches":[{"steps":\#(steps)}]},"reasoning":""}"#
            let started = Self.start(
                host,
                [
                    "architect": Self.role(["say": .string(plan)]), "developer": Self.role(),
                    "reviewer": Self.role(["say": .string(Self.approval)]),
                ])
            try host.listen("the first step") {
                host.told.contains { $0["params"]?["data"]?["message"] == "\"a\" begins." }
            }
            let session = try Self.workflow(host)["sessions"]?["developer"] ?? .null
            try host.call("session.pause", ["session_id": session])
            let held = try host.result(started)
            #expect(held["status"] == "interrupted" && held["waits_for"] == "session", "\(held)")
            try host.call("session.resume", ["session_id": session])
            let ended = try host.call("workflow.retry", ["workflow_id": held["id"] ?? .null, "wait": true])
            #expect(ended["status"] == "completed", "\(ended)")
            #expect(Set(Self.nodes(ended, "develop").map { $0["plan_id"] }).count == 1, "the plan goes on")
        }

        @Test func aDevelopersStepsRunSideBySideWhereTheProfileSaysSo() throws {
            let home = try HostHome()
            let host = try home.host()
            let steps = #"[{"id":"a","description":"do a"},{"id":"b","description":"do b"}]"#
            let plan = #"{"plan":{"title":"t","goal":"g","batches":[{"steps":\#(steps)}]},"reasoning":""}"#
            let ended = try host.result(
                Self.start(
                    host,
                    [
                        "architect": Self.role(["say": .string(plan)]),
                        "developer": Self.role(driver: "claude", parallel: 2),
                        "reviewer": Self.role(["say": .string(Self.approval)]),
                    ], sessions: "separate"))
            #expect(ended["status"] == "completed", "\(ended)")
            let found = try host.call("plan.get", ["plan_id": ended["plan_id"] ?? .null])
            let homes = (found["steps"]?.arrayValue ?? []).compactMap { $0["session_id"]?.stringValue }
            #expect(found["parallel"] == 2 && Set(homes).count == 2, "\(found)")
        }
    }
}

extension HostHome {
    /// A driver `judge` whose agent gives the verdict at once when it looks at that, and else not before the file is
    /// there that is returned.
    fileprivate func addJudge(of focus: String, verdict: String) throws -> URL {
        let (gate, script) = (URL(filePath: "\(path)/gate"), "\(path)/judge.sh")
        let text = """
            #!/bin/sh
            case "$(cat)" in
            *"Look at this alone: \(focus)."*) ;;
            *) while [ ! -e '\(gate.path)' ]; do sleep 0.05; done ;;
            esac
            echo '\(verdict)'
            """
        try Data(text.utf8).write(to: URL(filePath: script))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: script)
        let file = URL(filePath: "\(path)/config.json")
        var configuration = try JSON.parse([UInt8](Data(contentsOf: file))).objectValue ?? [:]
        let judge: JSON = [
            "name": "judge", "executable": .string(script), "output": "text",
            "environment": ["AGENTHOST_TEST_MARK": .string(String(mark.split(separator: "=")[1]))],
            "capabilities": ["concurrent_runs_safe"],
        ]
        configuration["drivers"] = .array((configuration["drivers"]?.arrayValue ?? []) + [judge])
        try Data(JSON.object(configuration).encoded()).write(to: file)
        return gate
    }
}
