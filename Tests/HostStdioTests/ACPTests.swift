import CSystem
import Foundation
import JSON
import Testing

/// An agent of the Agent Client Protocol behind the whole host: sessions, consent, files, terminals, ends.
@Suite struct ACPTests {
    let home: HostHome
    let host: HostProcess
    let work: String

    init() throws {
        home = try HostHome { path in
            [
                Self.driver("acp", ["--sessions", path + "/agent"]), Self.driver("acp-forgetful", []),
                Self.driver("acp-signed-out", ["--acp-refuse", "-32000"]),
                Self.driver("acp-stubborn", ["--ignore-eof"]),
                Self.driver("acp-newer", ["--acp-initialize", #"{"protocolVersion":2}"#]),
            ]
        }
        host = try HostProcess(in: home)
        work = home.path + "/work"
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        try Data("one\ntwo\nthree\n".utf8).write(to: URL(filePath: work + "/a.txt"))
    }

    private static func driver(_ name: String, _ arguments: [String]) -> JSON {
        let all = ["--speak", "acp"] + arguments
        return [
            "kind": "acp", "name": .string(name), "executable": .string(Built.agent),
            "arguments": .array(all.map(JSON.string)),
        ]
    }

    private func session(_ driver: String = "acp", _ more: JSONObject = [:]) throws -> JSON {
        var params: JSONObject = ["driver": .string(driver), "working_dir": .string(work)]
        for member in more { params[member.key] = member.value }
        return try host.call("session.create", .object(params))["session_id"] ?? .null
    }

    private func execute(_ session: JSON, _ more: JSONObject = [:], _ steps: JSON...) throws -> JSON {
        var params: JSONObject = ["session_id": session, "stream": false]
        params["prompt"] = .string(steps.map(\.description).joined(separator: "\n"))
        for member in more { params[member.key] = member.value }
        return try host.call("task.execute", .object(params))
    }

    /// What the agent said, message by message.
    private func said(_ session: JSON) throws -> [String] {
        let page = try host.call("session.events", ["session_id": session, "limit": 1000])
        return (page["items"]?.arrayValue ?? []).filter { $0["type"] == "message" }
            .compactMap { $0["data"]?["text"]?.stringValue }
    }

    private func step(_ method: String, _ params: JSON) -> JSON {
        ["call": ["method": .string(method), "params": params]]
    }

    // MARK: - Sessions

    @Test func aSessionIsLoadedAgainAndAForgottenOneIsBegunAnew() throws {
        let session = try session()
        let first = try execute(session, [:], ["recall": true])
        #expect(first["output"] == "prompts so far: 1")
        let second = try execute(session, [:], ["recall": true])
        #expect(second["output"] == "prompts so far: 2")
        #expect(second["driver_resumed"] == true)
        #expect(second["driver_session_id"] == first["driver_session_id"])
        #expect(try said(session) == ["prompts so far: 1", "prompts so far: 2"])
        for file in try FileManager.default.contentsOfDirectory(atPath: home.path + "/agent") {
            try FileManager.default.removeItem(atPath: home.path + "/agent/" + file)
        }
        // Another host has no process that remembers.
        let other = try HostProcess(in: home)
        let third = try other.call(
            "task.execute", ["session_id": session, "stream": false, "prompt": #"{"recall": true}"#])
        #expect(third["status"] == "completed")
        #expect(third["driver_resumed"] == false)
    }

    @Test func anAgentWithoutSessionsLeavesNoneBehind() throws {
        let session = try session("acp-forgetful")
        for _ in 0..<2 {
            let result = try execute(session, [:], ["say": "hello"])
            #expect(result["status"] == "completed")
            #expect(result["driver_session_id"] == nil)
        }
    }

    @Test("An agent that cannot begin says why", arguments: ["acp-signed-out", "acp-newer"])
    func unavailable(_ driver: String) throws {
        let result = try execute(try session(driver), [:], ["say": "hello"])
        #expect(result["status"] == "failed")
        #expect(result["error"]?["reason"] == "driver_unavailable")
        #expect(eventually { host.leftovers() == [] })
    }

    // MARK: - Consent

    @Test("Consent is the session's to give", arguments: [("allow", "allow"), ("deny", "reject")])
    func consent(_ decision: String, _ option: String) throws {
        let session = try session("acp", ["permissions": ["tools": ["edit": .string(decision)]]])
        let result = try execute(session, [:], ["ask": ["id": "q", "tool": "edit", "title": "Edit a.txt?"]])
        #expect(result["output"] == .string("answer to q: \(option)"))
    }

    // MARK: - Files

    @Test func filesOfTheWorkingFolderAreReadAndWritten() throws {
        let session = try session()
        _ = try execute(
            session, [:], step("fs/read_text_file", ["path": .string(work + "/a.txt"), "line": 2, "limit": 1]),
            step("fs/write_text_file", ["path": .string(work + "/new/deep/b.txt"), "content": "written"]),
            step("fs/read_text_file", ["path": .string(work + "/none.txt")]))
        #expect(
            try said(session) == [
                #"fs/read_text_file: {"content":"two\n"}"#, "fs/write_text_file: {}",
                #"fs/read_text_file: "There is no file \#(work)/none.txt.""#,
            ])
        #expect(try String(contentsOfFile: work + "/new/deep/b.txt", encoding: .utf8) == "written")
        #expect(try FileManager.default.contentsOfDirectory(atPath: work + "/new/deep") == ["b.txt"])
    }

    @Test func whatIsOutsideStaysOutside() throws {
        try Data("secret".utf8).write(to: URL(filePath: home.path + "/secret.txt"))
        try FileManager.default.createSymbolicLink(atPath: work + "/link", withDestinationPath: "../secret.txt")
        try FileManager.default.createSymbolicLink(atPath: work + "/up", withDestinationPath: "..")
        let paths = [
            home.path + "/secret.txt", work + "/link", work + "/../secret.txt", work + "/up/secret.txt", "/etc/passwd",
        ]
        let session = try session()
        for path in paths {
            _ = try execute(
                session, [:], step("fs/read_text_file", ["path": .string(path)]),
                step("fs/write_text_file", ["path": .string(path), "content": "x"]))
        }
        let said = try said(session)
        #expect(said.count == 2 * paths.count)
        #expect(said.allSatisfy { $0.contains("is outside the session's working folder") })
        #expect(try String(contentsOfFile: home.path + "/secret.txt", encoding: .utf8) == "secret")
    }

    @Test func theStoresOwnFilesAreNobodys() throws {
        let session = try session("acp", ["working_dir": .string(home.path)])
        let database = home.store + "/agenthost.db"
        _ = try execute(
            session, [:], step("fs/read_text_file", ["path": .string(database)]),
            step("fs/write_text_file", ["path": .string(database), "content": "x"]),
            step("fs/write_text_file", ["path": .string(home.store + "/new"), "content": "x"]))
        let said = try said(session)
        #expect(said.count == 3)
        #expect(said.allSatisfy { $0.contains("belongs to the host's own store") })
    }

    @Test func aTaskThatProposesWritesAndRunsNothing() throws {
        let session = try session()
        _ = try execute(
            session, ["plan_only": true], step("fs/read_text_file", ["path": .string(work + "/a.txt")]),
            step("fs/write_text_file", ["path": .string(work + "/b.txt"), "content": "x"]),
            step("terminal/create", ["command": "touch", "args": ["c.txt"]]),
            ["ask": ["id": "q", "tool": "execute", "title": "touch c.txt"]])
        let said = try said(session)
        #expect(said.first == #"fs/read_text_file: {"content":"one\ntwo\nthree\n"}"#)
        #expect(said.last == "answer to q: reject")
        #expect(try FileManager.default.contentsOfDirectory(atPath: work) == ["a.txt"])
    }

    // MARK: - Terminals

    @Test func aTerminalRunsAProgramAndKeepsWhatItWrites() throws {
        let session = try session("acp", ["persistence": "fresh"])
        let wait = step("terminal/wait_for_exit", ["terminalId": "$terminal"])
        let output = step("terminal/output", ["terminalId": "$terminal"])
        _ = try execute(
            session, [:],
            step(
                "terminal/create",
                [
                    "command": "sh", "args": ["-c", "echo $A; echo oops >&2; pwd; exit 3"],
                    "env": [["name": "A", "value": "hello"]],
                ]), wait, output, step("terminal/create", ["command": "printf '%s' a-line-for-the-shell | tr a b"]),
            wait,
            output, step("terminal/create", ["command": "yes", "outputByteLimit": 6]),
            step("terminal/kill", ["terminalId": "$terminal"]), wait,
            step("terminal/release", ["terminalId": "$terminal"]), output,
            step("terminal/create", ["command": "no-such-program", "args": ["x"]]))
        let said = try said(session)
        #expect(said[1] == #"terminal/wait_for_exit: {"exitCode":3,"signal":null}"#)
        #expect(
            said[2]
                == #"terminal/output: {"output":"hello\noops\n\#(work)\n","truncated":false,"#
                + #""exitStatus":{"exitCode":3,"signal":null}}"#)
        #expect(said[5].contains(#""output":"b-line-for-the-shell""#))
        #expect(said[8] == #"terminal/wait_for_exit: {"exitCode":null,"signal":"SIGTERM"}"#)
        #expect(said[10].contains("There is no terminal"))
        #expect(said[11].contains("no-such-program is not there"))
        #expect(eventually { host.leftovers() == [] })
    }

    @Test func whatATerminalWritesIsASignOfLife() throws {
        let strict = try HostProcess(["--stall-timeout-ms", "400"], in: home)
        let steps = [
            step(
                "terminal/create",
                ["command": "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do echo $i; sleep 0.1; done"]),
            step("terminal/wait_for_exit", ["terminalId": "$terminal"]), ["say": "done"],
        ]
        let session = try strict.call("session.create", ["driver": "acp", "working_dir": .string(work)])["id"] ?? .null
        let prompt = steps.map(\.description).joined(separator: "\n")
        let result = try strict.call(
            "task.execute", ["session_id": session, "stream": false, "prompt": .string(prompt)])
        #expect(result["status"] == "completed", "\(result)")
    }

    @Test func terminalsEndWithTheirRun() throws {
        let session = try session("acp", ["persistence": "fresh"])
        let result = try execute(
            session, [:], step("terminal/create", ["command": "sleep", "args": ["600"]]),
            step("terminal/create", ["command": "(trap '' TERM; sleep 600) & sleep 600"]), ["say": "done"])
        #expect(result["status"] == "completed")
        #expect(eventually { host.leftovers() == [] })
    }

    @Test func aCancelEndsTheTerminalsToo() throws {
        let session = try session()
        _ = try host.call("session.subscribe", ["session_id": session, "after_seq": 0])
        let prompt = [
            step("terminal/create", ["command": "sleep", "args": ["600"]]),
            step("terminal/wait_for_exit", ["terminalId": "$terminal"]),
        ].map(\.description).joined(separator: "\n")
        let task = try host.call("task.start", ["session_id": session, "prompt": .string(prompt)])["task_id"] ?? .null
        _ = try host.awaitUnasked("text.delta")
        _ = try host.call("task.cancel", ["task_id": task])
        #expect(try host.call("task.wait", ["task_id": task])["status"] == "cancelled")
        #expect(host.leftovers() == [])
        #expect(try execute(session, [:], ["recall": true])["output"] == "prompts so far: 2")
    }

    // MARK: - Ends

    @Test func anAgentThatIgnoresTheEndOfItsInputIsEnded() throws {
        let session = try session("acp-stubborn")
        let result = try execute(session, [:], ["say": "done"])
        #expect(result["output"] == "done")
        #expect(eventually { host.leftovers() == [] })
    }

    static let failing: [(JSON, String)] = [
        (["result": ["stop_reason": "end_turn"]], "driver_failed"),
        (["result": ["error": ["code": -31001, "message": "slow down"]]], "driver_failed"),
        (["result": ["error": ["code": -32000, "message": "sign in"]]], "driver_unavailable"),
        (["exit": 3], "driver_failed"), (["kill": 9], "driver_failed"),
    ]

    @Test("However it fails, the task ends once and says why", arguments: failing)
    func failures(_ step: JSON, _ reason: String) throws {
        let result = try execute(try session(), [:], step)
        #expect(result["status"] == "failed")
        #expect(result["error"]?["reason"]?.stringValue == reason)
        #expect(eventually { host.leftovers() == [] })
    }
}
