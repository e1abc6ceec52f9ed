import AgentModel
import Testing

@testable import HostCore

/// Deletions wait until those who wait for tasks have been told.
@Suite struct TaskWaitersTests {
    private static let sessions = (1...2).map { SessionID(UUID128(high: 1, low: $0)) }
    private static let tasks = (1...3).map { TaskID(UUID128(high: 2, low: $0)) }

    @Test func whatComesNextWaitsForTheLastOfItsSession() {
        var waiters = TaskWaiters()
        var calls: [String] = []
        let (own, other) = (Self.sessions[0], Self.sessions[1])
        let nothing = waiters.waitUntilTold(of: own) { calls.append("at once") }
        #expect(!nothing, "nobody is to be told of anything")
        waiters.willTell(of: Self.tasks[0], in: own)
        waiters.willTell(of: Self.tasks[1], in: own)
        waiters.willTell(of: Self.tasks[2], in: other)
        for name in ["a", "b"] {
            let mustWait = waiters.waitUntilTold(of: own) { calls.append(name) }
            #expect(mustWait)
        }
        #expect(waiters.hasTold(of: Self.tasks[0]).isEmpty, "one is left")
        #expect(waiters.hasTold(of: Self.tasks[2]).isEmpty, "another session's")
        #expect(waiters.hasTold(of: Self.tasks[0]).isEmpty, "once")
        for goOn in waiters.hasTold(of: Self.tasks[1]) { goOn() }
        #expect(calls == ["a", "b"])
        #expect(waiters.hasTold(of: Self.tasks[1]).isEmpty)
        let again = waiters.waitUntilTold(of: own) { calls.append("again") }
        #expect(!again)
    }
}
