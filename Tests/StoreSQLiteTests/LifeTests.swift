import AgentModel
import Store
import Testing

@testable import StoreSQLite

@Suite struct LifeTests {
    @Test func aTaskFromItsPromptToItsEnd() throws {
        let folder = try TemporaryFolder()
        let open = try OpenStore(folder.path)
        defer { open.store.close() }
        let session = open.session()
        #expect(try open.write(.insertSession(session)).events.map(\.type) == [.sessionCreated])
        let task = open.task(in: session.id)
        var run = open.run(of: task)
        try open.write(.insertTask(task, force: false, queueLimit: 8))
        let started = try open.write(.startTask(task.id, run))
        #expect(started.events.map(\.seq) == [3, 4])
        #expect(started.leaseEpoch == 1)
        run.usage.inputTokens = 7
        run.usage.accuracy = .known
        run.endedAt = Timestamp(milliseconds: 2000)
        run.stopReason = .endTurn
        var result = TaskResult(status: .completed, stopReason: .endTurn)
        result.output = "42"
        result.runID = run.id
        let ended = try open.write(.fence(session.id, epoch: 1), .updateRun(run), .endTask(task.id, result))
        #expect(ended.events.map(\.type) == [.runEnded, .taskCompleted])
        #expect(ended.sessions[session.id]?.usage.inputTokens == 7)
        let read = try open.read { try $0.events(session.id, EventRange()) }
        #expect(read.map(\.seq) == Array(1...6))
        #expect(try open.read { try $0.task(task.id) } == ended.tasks[task.id])
        #expect(try open.read { try $0.session(session.id) } == ended.sessions[session.id])
    }
}
