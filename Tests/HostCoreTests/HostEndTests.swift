import AgentEngine
import CSystem
import Foundation
import JSON
import Testing

@testable import HostCore

/// How a host ends that cannot end in order.
@Suite(.serialized) struct HostEndTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let sleep = #"{"sleep_ms": 600000}"#

    /// What was killed seems to be there as long as the test wants.
    // The lock guards the flag.
    private final class Lingering: ProcessSystem, @unchecked Sendable {
        private let lock = NSLock()
        private var isLeft = true

        func letGo() { lock.withLock { isLeft = false } }

        func spawn(_ spec: ChildSpec) -> Result<SpawnedChild, SystemError> { ChildProcesses().spawn(spec) }
        func signal(_ pid: pid_t, _ number: Int32) { ChildProcesses().signal(pid, number) }
        func reap(_ pid: pid_t) -> Int? { ChildProcesses().reap(pid) }
        func descendants(of pid: pid_t) -> [pid_t] { ChildProcesses().descendants(of: pid) }

        func hunt(token: String, descendants: [pid_t]) -> Int {
            let left = ChildProcesses().hunt(token: token, descendants: descendants)
            return lock.withLock { isLeft && token.hasPrefix("AGENTHOST_HOST=") ? 1 : left }
        }
    }

    private func running(_ host: LoopHost) throws -> JSON {
        while true {
            let page = try host.call("task.list", ["statuses": ["running"]])
            if let task = page["items"]?.arrayValue?.first { return task }
        }
    }

    private func reason(_ host: LoopHost, _ request: Int) -> JSON? {
        host.replies[request]?["error"]?["data"]?["reason"]
    }

    @Test func aStoreThatHangsLeavesNoRequestWithoutAnAnswer() throws {
        let host = try LoopHost(in: folder, faults: [1: .hangs], of: .warnings)
        let step: JSON = ["id": "a", "description": "a", "prompt": .string(Self.sleep)]
        let plan = try host.call("plan.create", ["title": "Long", "batches": [["steps": [step]]]])["id"] ?? .null
        let execute = host.send("plan.execute", ["plan_id": plan, "wait": true])
        let task = try running(host)["id"] ?? .null
        let wait = host.send("task.wait", ["task_id": task])
        // From here on its store says nothing: not even that the log knows of the end to come.
        let began = cs_monotonic_ms()
        try host.call("host.shutdown", ["mode": "now"])
        try host.listen("the answers") { host.replies[execute] != nil && host.replies[wait] != nil }
        #expect(reason(host, execute) == "shutting_down" && reason(host, wait) == "shutting_down")
        #expect(try host.wait() == 0)
        #expect(cs_monotonic_ms() - began >= ShutdownSequence.orderlyMilliseconds, "there was no hurry")
        let next = try LoopHost(in: folder)
        #expect(try next.call("task.wait", ["task_id": task])["status"] == "interrupted")
    }

    /// A session that a dead host had is not free as long as one of its processes is there.
    @Test func whatADeadHostHadIsHeldByItsProcesses() throws {
        let host = try LoopHost(in: folder, faults: [1: .hangs], of: .warnings)
        let session = try host.call("session.create")["session_id"] ?? .null
        host.send("task.execute", ["session_id": session, "prompt": .string(Self.sleep)])
        let task = try running(host)["id"] ?? .null
        try host.call("host.shutdown", ["mode": "now"])
        #expect(try host.wait() == 0)
        let processes = Lingering()
        let next = try LoopHost(in: folder) { $0.system.processes = processes }
        let params: JSON = ["session_id": session, "prompt": #"{"say": "mine"}"#]
        let early = next.send("task.execute", params)
        try next.listen("the refusal") { next.replies[early] != nil }
        #expect(reason(next, early) == "busy")
        #expect(try next.call("task.get", ["task_id": task])["status"] == "running", "nobody has ended it")
        processes.letGo()
        #expect(try next.call("task.execute", params)["status"] == "completed")
        #expect(try next.call("task.get", ["task_id": task])["status"] == "interrupted")
    }
}
