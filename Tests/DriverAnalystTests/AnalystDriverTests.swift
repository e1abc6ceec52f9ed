import AgentModel
import Driver
import JSON
import Testing

@testable import DriverAnalyst

@Suite struct AnalystDriverTests {
    @Test func startsItsWorkerWithTheTaskOnStdin() {
        let uuid = UUID128(milliseconds: 1, randomA: 2, randomB: 3)
        let session = AgentSession(
            id: SessionID(uuid), driver: "analyst", resultsDirectory: "/results", at: Timestamp(milliseconds: 0))
        let task = AgentTask(
            id: TaskID(uuid), sessionID: SessionID(uuid), hostID: HostID(uuid),
            input: [["type": "text", "text": "profile the database"]], driver: "analyst", mode: .analysis,
            persistence: .fresh, recursionLimit: 7, at: Timestamp(milliseconds: 0))
        var run = AnalystDriver(executable: "/bin/host").makeRun(
            RunRequest(runID: RunID(uuid), session: session, task: task))
        let effects = run.handle(.start)
        guard case .spawn(let process)? = effects.first else {
            Issue.record("nothing was started")
            return
        }
        #expect(process.executable == "/bin/host")
        #expect(process.arguments == ["worker", "analyst"])
        #expect(process.memoryBytesMax > 0 && process.processorSecondsMax > 0 && process.fileBytesMax > 0)
        guard case .write(let bytes)? = effects.dropFirst().first else {
            Issue.record("nothing was written")
            return
        }
        let line = String(decoding: bytes, as: UTF8.self)
        #expect(line.contains("profile the database") && line.contains("\"recursion_limit\":7"))
    }

    @Test func offersWhatItKeeps() {
        let driver = AnalystDriver(executable: "/bin/host")
        #expect(driver.probe().isAvailable)
        #expect(driver.capabilities.usesConnections && !driver.capabilities.resumes)
    }
}
