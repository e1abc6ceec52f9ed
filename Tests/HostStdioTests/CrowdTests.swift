import Foundation
import JSON
import ProtocolCases
import Testing

/// Many requests at once: each gets its one answer.
@Suite struct CrowdTests {
    /// Sends from a thread of its own, so that a host that reads no further does not stop the test from reading.
    private func send(_ lines: [String], to host: HostProcess) {
        let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        let input = host.input
        Thread.detachNewThread {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
                if count < 0, errno == EAGAIN {
                    usleep(1000)
                    continue
                }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    @Test func everyRequestGetsItsOneAnswer() throws {
        let host = try HostProcess()
        let count = 20_000
        send((0..<count).map { #"{"jsonrpc":"2.0","id":\#($0),"method":"host.ping"}"# }, to: host)
        // More answers wait than may, and more input than a pipe holds.
        usleep(100_000)
        var ids: [Int] = []
        while ids.count < count, let message = try host.message() {
            ids.append(message["id"]?.intValue ?? -1)
        }
        #expect(ids == Array(0..<count))
        #expect(try host.finish() == 0)
        #expect(host.unasked == [])
    }

    @Test func moreThanMayBeInFlightAreRefusedAndTheRestIsDone() throws {
        let host = try HostProcess()
        let count = 3000
        send((1...count).map { HostProcess.line(.int(Int64($0)), "session.create", nil) }, to: host)
        var made = 0
        var seen: Set<JSON> = []
        while seen.count < count, let message = try host.message() {
            #expect(seen.insert(message["id"] ?? .null).inserted)
            if message["result"] != nil {
                made += 1
            } else {
                #expect(message["error"]?["code"] == 1004, "\(message)")
            }
        }
        #expect(made >= 1000)
        #expect(try host.call("session.stats")["sessions_by_status"]?["active"]?.intValue == made)
        #expect(try host.finish() == 0)
    }

    /// A write waits for its lane while a forced delete waits for a task that does not hear its cancel.
    @Test func aRequestThatWaitsForItsLaneIsCancelled() throws {
        let host = try HostProcess()
        let session = try host.call("session.create")["id"] ?? .null
        try host.request(
            "task.start",
            ["session_id": session, "prompt": prompt(["ignore_cancel": true], ["say": "here"], ["sleep_ms": 600_000])])
        _ = try host.awaitUnasked("message")
        let delete = try host.request("session.delete", ["session_id": session, "force": true])
        let update = try host.request("session.update", ["session_id": session, "title": "never"])
        try host.notify("rpc.cancel", ["id": update])
        let error = try host.reply(to: update)["error"]
        #expect(error?["code"] == -32800)
        #expect(try host.reply(to: delete)["result"]?["removed"]?["tasks"] == 1)
        #expect(try host.finish() == 0)
        #expect(host.leftovers() == [])
    }

    @Test func nothingThatIsRightBreaksTheHost() throws {
        let law = try LawFile()
        let host = try HostProcess()
        let cases = law.methods.filter { !$0.isNotification && $0.name != "host.shutdown" }.flatMap(law.validCases)
        #expect(cases.count > 300)
        for sample in cases {
            let reply = try host.reply(sample.method, sample.params)
            let code = reply["error"]?["code"]?.intValue
            #expect(code != -32603 && code != 1011, "\(sample): \(reply.description.prefix(300))")
            host.unasked = []
        }
        #expect(try host.finish() == 0)
        #expect(host.leftovers() == [])
    }
}
