import Foundation
import JSON
import Testing

/// The host as a script uses it: piped into, cut off, fed from files.
@Suite struct ScriptTests {
    static let ping = #"{"jsonrpc":"2.0","id":1,"method":"host.ping"}"#

    @Test func oneRequestThroughAPipe() throws {
        let shell = try Shell("printf '%s\\n' '\(Self.ping)' | $AGENTHOST", in: try HostHome())
        #expect(shell.code == 0)
        #expect(shell.lines == [["jsonrpc": "2.0", "id": 1, "result": ["ok": true]]])
    }

    @Test func serveIsWhatItDoesWithoutATerminal() throws {
        let shell = try Shell(
            "export AGENTHOST_HOME=$HOME_OF_TEST/store; printf '%s\\n' '\(Self.ping)' | $HOST", in: try HostHome())
        #expect(shell.code == 0)
        #expect(shell.lines.map { $0["id"] } == [1])
    }

    @Test(arguments: ["\\r\\n", "\\n", "", "\\n\\n\\r\\n\\n"]) func linesEndAsTheyWill(end: String) throws {
        let shell = try Shell("printf '\\n%s\(end)' '\(Self.ping)' | $AGENTHOST", in: try HostHome())
        #expect(shell.code == 0)
        #expect(shell.lines.map { $0["id"] } == [1])
    }

    @Test func fromAFileIntoAFile() throws {
        let home = try HostHome()
        let shell = try Shell(
            """
            for i in 1 2 3; do printf '{"jsonrpc":"2.0","id":%d,"method":"session.create"}\\n' $i; done > $HOME_OF_TEST/in
            $AGENTHOST < $HOME_OF_TEST/in
            """, in: home)
        #expect(shell.code == 0)
        #expect(shell.lines.map { $0["id"] } == [1, 2, 3])
        #expect(shell.lines.allSatisfy { $0["result"] != nil })
    }

    @Test func twoRequestsAndTheEndOfInputWithALongTask() throws {
        let home = try HostHome()
        let task = HostProcess.line(
            1, "task.execute", ["stream": false, "prompt": prompt(["sleep_ms": 500], ["say": "done"])])
        let shell = try Shell(
            "printf '%s\\n%s\\n' '\(task)' '\(HostProcess.line(2, "session.list", nil))' | $AGENTHOST", in: home)
        #expect(shell.code == 0)
        #expect(Set(shell.lines.compactMap { $0["id"]?.intValue }) == [1, 2])
        #expect(shell.lines.first { $0["id"] == 1 }?["result"]?["output"] == "done")
    }

    @Test func onlyTheFirstLineIsRead() throws {
        let home = try HostHome()
        let task = HostProcess.line(2, "task.execute", ["prompt": prompt(["say": "here"], ["sleep_ms": 600_000])])
        let shell = try Shell(
            "{ printf '%s\\n%s\\n' '\(Self.ping)' '\(task)' | $AGENTHOST; echo $? > $HOME_OF_TEST/code; } | head -1",
            in: home)
        #expect(shell.lines.map { $0["id"] } == [1])
        #expect(eventually { FileManager.default.fileExists(atPath: home.path + "/code") })
        #expect(try home.tasks() == ["interrupted cancelled"])
    }

    @Test func whatIsAskedForJustBeforeTheEndIsCancelledToo() throws {
        let home = try HostHome()
        let task = HostProcess.line(1, "task.execute", ["stream": false, "prompt": prompt(["sleep_ms": 600_000])])
        let shell = try Shell("echo '\(task)' | $AGENTHOST", in: home, flags: ["--on-eof", "cancel"])
        #expect(shell.code == 0)
        #expect(shell.lines.map { $0["result"]?["status"] } == ["cancelled"])
    }

    // MARK: - A client that goes away

    /// A host with one task running that goes on until it is let go.
    private func busy(_ flags: [String] = [], _ method: String, _ params: JSONObject, _ steps: JSON...) throws
        -> HostProcess
    {
        let host = try HostProcess(flags)
        var params = params
        params["prompt"] = .string(steps.map(\.description).joined(separator: "\n"))
        try host.request(method, .object(params))
        _ = try host.awaitUnasked("message")
        return host
    }

    @Test func aClientThatClosesItsReadingEnd() throws {
        let host = try busy(
            [], "task.execute", [:], ["grandchild": ["seconds": 600]], ["say": "here"], ["sleep_ms": 600_000])
        host.closeOutput()
        #expect(try host.program.wait() == 0)
        #expect(host.leftovers() == [])
        #expect(try host.home.tasks() == ["interrupted cancelled"])
    }

    @Test func aClientThatVanishes() throws {
        let host = try busy([], "task.execute", [:], ["say": "here"], ["sleep_ms": 600_000])
        host.closeInput()
        host.closeOutput()
        #expect(try host.program.wait() == 0)
        #expect(host.leftovers() == [])
        #expect(try host.home.tasks() == ["interrupted cancelled"])
    }

    @Test func aTaskThatFinishesWithoutItsClient() throws {
        let host = try busy(
            ["--on-disconnect", "finish"], "task.execute", [:], ["say": "here"], ["sleep_ms": 300], ["say": "done"])
        host.closeInput()
        host.closeOutput()
        #expect(try host.program.wait() == 0)
        #expect(try host.home.tasks() == ["completed end_turn"])
    }

    @Test func aDetachedTaskFinishesInEitherCase() throws {
        let host = try busy([], "task.start", ["detach": true], ["say": "here"], ["sleep_ms": 300], ["say": "done"])
        host.closeInput()
        host.closeOutput()
        #expect(try host.program.wait() == 0)
        #expect(try host.home.tasks() == ["completed end_turn"])
    }

    // MARK: - Signals

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP]) func anAgentThatWillNotGo(signal: Int32) throws {
        let host = try busy(
            [], "task.execute", [:], ["ignore_cancel": true], ["ignore_sigterm": true], ["ignore_eof": true],
            ["grandchild": ["seconds": 600, "ignore_sigterm": true, "setsid": true]], ["say": "here"], ["stall": true])
        host.program.signal(signal)
        let answers = try host.rest().filter { $0["id"] == 1 }
        #expect(answers.count == 1)
        #expect(answers.first?["error"]?["code"] == 1012)
        #expect(answers.first?["error"]?["data"]?["task_id"] != nil)
        #expect(try host.program.wait() == 128 + Int(signal))
        #expect(host.leftovers() == [])
        #expect(try host.home.tasks() == ["interrupted host_lost"])
    }

    // MARK: - Lines

    @Test func aLineThatIsTooLongIsSkipped() throws {
        let host = try HostProcess()
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        for _ in 0..<17 { try host.send(piece) }
        try host.send("")
        try host.send(Self.ping)
        let error = try host.message()
        #expect(error?["id"] == JSON.null)
        #expect(error?["error"]?["data"]?["reason"] == "limit_exceeded")
        #expect(try host.message()?["result"] == ["ok": true])
        #expect(try host.finish() == 0)
    }

    @Test func linesAreNoLongerThanToldAndNoShorter() throws {
        let host = try HostProcess(["--line-bytes-max", "2000"])
        func line(_ bytes: Int) -> String {
            let rest = bytes - HostProcess.line(1, "host.ping", ["a": ""]).utf8.count
            return HostProcess.line(1, "host.ping", ["a": .string(String(repeating: "x", count: rest))])
        }
        try host.send(line(2000))
        #expect(try host.message()?["result"]?["ok"] == true)
        try host.send(line(2001))
        #expect(try host.message()?["error"]?["data"]?["reason"] == "limit_exceeded")
        try host.send([0xff, 0xfe, 0x0a])
        #expect(try host.message()?["error"]?["code"] == -32700)
        try host.send(String(repeating: "[", count: 1500))
        #expect(try host.message()?["error"]?["code"] == 1005)
        try host.send("[]")
        #expect(try host.message()?["error"]?["code"] == -32600)
        try host.send(Self.ping)
        #expect(try host.message()?["result"]?["ok"] == true)
    }
}
