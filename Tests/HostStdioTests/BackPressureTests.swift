import Foundation
import JSON
import Testing

/// A client that stops reading: memory stays bounded, cancels are heard, and nothing but deltas is put together.
@Suite struct BackPressureTests {
    /// Resident memory in bytes; 0 where the system has no `/proc`.
    private func resident(_ host: HostProcess) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(host.program.pid)/status", encoding: .utf8)) ?? ""
        return text.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.output.1) }.map { $0 << 10 } ?? 0
    }

    private func status(_ task: String, in home: HostHome) throws -> String {
        try HostProcess(in: home).call("task.get", ["task_id": .string(task)])["status"]?.stringValue ?? ""
    }

    /// Starts a task and reads no further than its first message.
    private func started(_ host: HostProcess, _ steps: JSON) throws -> String {
        let id = try host.request("task.execute", ["prompt": .string("{\"say\":\"here\"}\n\(steps)")])
        #expect(id == 1)
        return try host.awaitUnasked("message")["params"]?["task_id"]?.stringValue ?? ""
    }

    @Test func aFloodThatNobodyReads() throws {
        let host = try HostProcess()
        let task = try started(host, ["repeat": 1000, "steps": [["flood_stdout": 1_000_000]]])
        // The cancel comes behind the flood, and nothing of that has been read.
        usleep(500_000)
        try host.request("task.cancel", ["task_id": .string(task)])
        #expect(try eventually { try status(task, in: host.home) == "cancelled" })
        #expect(resident(host) < 64 << 20)

        var seqs: [Int] = []
        var end = 0
        var replies: [JSON] = []
        host.closeInput()
        for message in try host.rest() {
            if let delta = Delta(message) {
                #expect(delta.offset == end)
                end = delta.end
            } else if let seq = message["params"]?["seq"]?.intValue {
                seqs.append(seq)
            } else {
                replies.append(message)
            }
        }
        // Queued, started, run started and the first message have been read before.
        #expect(seqs == Array(6..<6 + seqs.count))
        #expect(end > 0)
        #expect(replies.map { $0["id"] } == [2, 1])
        #expect(replies.last?["result"]?["status"] == "cancelled")
        #expect(try host.program.wait() == 0)
        #expect(host.leftovers() == [])
    }

    @Test func recordsThatNobodyReadsComeLater() throws {
        let host = try HostProcess()
        let text = String(repeating: "x", count: 2000)
        let task = try started(host, ["repeat": 1500, "steps": [["say": .string(text)]]])
        usleep(300_000)
        #expect(resident(host) < 64 << 20)
        var seqs: [Int] = []
        var messages = 0
        while let message = try host.message() {
            if let seq = message["params"]?["seq"]?.intValue { seqs.append(seq) }
            if message["params"]?["type"] == "message" { messages += 1 }
            if message["id"] == 1 { break }
        }
        #expect(messages == 1500)
        #expect(seqs == Array(6..<6 + seqs.count))
        #expect(try status(task, in: host.home) == "completed")
        #expect(try host.finish() == 0)
    }

    @Test func pastTheLimitOfOutputRequestsAreRefusedAndCancelsHeard() throws {
        let host = try HostProcess(["--output-bytes-max", "65536"])
        let task = try started(host, ["sleep_ms": 600_000])
        for _ in 0..<6 { try host.request("rpc.discover") }
        let refused = try host.request("session.list")
        let ping = try host.request("host.ping")
        usleep(200_000)
        // The output is full and stays full: this one is heard all the same.
        let cancel = try host.request("task.cancel", ["task_id": .string(task)])
        #expect(try eventually { try status(task, in: host.home) == "cancelled" })

        let error = try host.reply(to: refused)["error"]
        #expect(error?["code"] == 1004)
        #expect(error?["data"]?["retryable"] == true)
        #expect(error?["data"]?["retry_after_ms"]?.intValue ?? 0 > 0)
        var answered = Set(host.unasked.compactMap { $0["method"] == nil ? $0["id"] : nil })
        while !answered.isSuperset(of: [ping, cancel, 1]), let message = try host.message() {
            if message["method"] == nil, let id = message["id"] { answered.insert(id) }
        }
        #expect(try host.call("session.list")["items"]?.arrayValue?.count == 1)
        #expect(try host.finish() == 0)
    }
}
