import JSON
import Store
import Testing

/// What becomes of tasks whose starts and ends the store does not record as it should.
@Suite(.serialized) struct TaskFaultTests {
    private static let overloaded = FailingStore.Fault.refuses(.overloaded("busy"))
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func types(_ host: LoopHost, _ session: JSON) throws -> [JSON] {
        let log = try host.call("session.events", ["session_id": session, "limit": 1000])["items"]?.arrayValue ?? []
        return log.compactMap { $0["type"] }
    }

    /// It is under way in the store, and would be run by nobody.
    @Test(arguments: [[1], [2], [1, 2, 3]]) func aTaskWhoseStartHasNoAnswerRunsAllTheSame(lost: [Int]) throws {
        let faults = Dictionary(uniqueKeysWithValues: lost.map { ($0, FailingStore.Fault.losesAnswer) })
        let host = try LoopHost(in: folder, faults: faults, of: .startsOfTasks)
        let session = try host.call("session.create")["session_id"] ?? .null
        for _ in 0..<2 {
            let ended = try host.call("task.execute", ["session_id": session, "prompt": #"{"say": "done"}"#])
            #expect(ended["status"] == "completed")
        }
        let types = try types(host, session)
        #expect(types.count { $0 == "task.started" } == 2)
        #expect(types.count { $0 == "run.started" } == 2)
        host.closeInput()
        #expect(try host.wait() == 0)
    }

    @Test func aTaskThatTheStoreDoesNotStartIsCancelledMeanwhile() throws {
        let faults = Dictionary(uniqueKeysWithValues: (1...50).map { ($0, Self.overloaded) })
        let host = try LoopHost(in: folder, faults: faults, of: .startsOfTasks)
        let task = try host.call("task.start", ["prompt": #"{"say": "done"}"#])["task_id"] ?? .null
        try host.call("task.cancel", ["task_id": task])
        #expect(try host.call("task.wait", ["task_id": task])["status"] == "cancelled")
        host.closeInput()
        #expect(try host.wait() == 0)
    }

    /// Nobody would end it, and whoever waits for it would wait for ever.
    @Test(arguments: [overloaded, .refuses(.broken(reason: "locked", detail: "")), .losesAnswer])
    func aQueuedTaskEndsOnceTheStoreTakesIt(fault: FailingStore.Fault) throws {
        let host = try LoopHost(in: folder, faults: [1: fault, 2: Self.overloaded, 3: fault], of: .endsOfTasks)
        let session = try host.call("session.create")["session_id"] ?? .null
        func start(_ prompt: JSON) throws -> JSON {
            try host.call("task.start", ["session_id": session, "prompt": prompt])["task_id"] ?? .null
        }
        let running = try start(#"{"sleep_ms": 600000}"#)
        let (queued, last) = (try start(#"{"say": "never"}"#), try start(#"{"say": "done"}"#))
        for _ in 0..<2 { host.send("task.cancel", ["task_id": queued]) }
        #expect(try host.call("task.wait", ["task_id": queued])["status"] == "cancelled")
        host.send("task.cancel", ["task_id": running])
        #expect(try host.call("task.wait", ["task_id": last])["status"] == "completed")
        let types = try types(host, session)
        #expect(types.count { $0 == "task.cancelled" } == 2)
        #expect(types.count { $0 == "run.started" } == 2)
        host.closeInput()
        #expect(try host.wait() == 0)
    }

    /// It would wait for nobody, and keep every other host from its session.
    @Test func aTaskWhoseAcceptanceHasNoAnswerIsAccepted() throws {
        let host = try LoopHost(in: folder, faults: [1: .losesAnswer], of: .acceptedTasks)
        let ended = try host.call("task.execute", ["prompt": #"{"say": "done"}"#])
        #expect(ended["status"] == "completed")
        #expect(try host.call("task.list")["items"]?.arrayValue?.count == 1)
        host.closeInput()
        #expect(try host.wait() == 0)
    }

    @Test func aTaskThatWasNotAcceptedIsNotThere() throws {
        let broken = FailingStore.Fault.refuses(.broken(reason: "io_error", detail: ""))
        let host = try LoopHost(in: folder, faults: [1: broken], of: .acceptedTasks)
        #expect(throws: LoopError.self) { try host.call("task.execute", ["prompt": #"{"say": "done"}"#]) }
        #expect(try host.call("task.list")["items"]?.arrayValue?.count == 0)
        host.closeInput()
        #expect(try host.wait() == 0)
    }

    @Test(arguments: 1...6, [FailingStore.Fault.losesAnswer, .refuses(.broken(reason: "io_error", detail: ""))])
    func everythingIsRecordedOnce(change: Int, fault: FailingStore.Fault) throws {
        let host = try LoopHost(in: folder, faults: [change: fault], of: .records)
        let session = try host.call("session.create")["session_id"] ?? .null
        let script = """
            {"tool": {"name": "read", "ms": 20}}
            {"say": "one"}
            {"sleep_ms": 20}
            {"say": "one"}
            {"sleep_ms": 20}
            {"write_file": {"path": "a.txt", "text": "x"}}
            {"say": "two"}
            """
        let ended = try host.call("task.execute", ["session_id": session, "prompt": .string(script)])
        #expect(ended["status"] == "completed")
        let log = try host.call("session.events", ["session_id": session, "limit": 1000])["items"]?.arrayValue ?? []
        let said = log.filter { $0["type"] == "message" }.compactMap { $0["data"]?["text"] }
        #expect(said == ["one", "one", "two"])
        let types = log.compactMap { $0["type"]?.stringValue }
        for type in ["run.started", "artifact.created", "run.ended", "checkpoint.saved", "task.completed"] {
            #expect(types.count { $0 == type } == 1, "\(type)")
        }
        host.closeInput()
        #expect(try host.wait() == 0)
    }

    @Test(arguments: [overloaded, .losesAnswer])
    func aCancelThroughAnotherHostIsHeardWhateverTheStoreSays(fault: FailingStore.Fault) throws {
        let one = try LoopHost(in: folder, faults: [1: fault, 2: fault], of: .requestsOfOthers)
        let other = try LoopHost(in: folder)
        for _ in 0..<3 {
            let task = try one.call("task.start", ["prompt": #"{"sleep_ms": 600000}"#])["task_id"] ?? .null
            #expect(try other.call("task.cancel", ["task_id": task])["accepted"] == true)
            #expect(try one.call("task.wait", ["task_id": task])["status"] == "cancelled")
        }
        for host in [one, other] { host.closeInput() }
        #expect(try [one.wait(), other.wait()] == [0, 0])
    }

    /// Its agent would wait for ever: nobody else answers it.
    @Test(arguments: [overloaded, .losesAnswer])
    func anAskThatThePolicyAnswersIsAnsweredOnceTheStoreTakesIt(fault: FailingStore.Fault) throws {
        let host = try LoopHost(in: folder, faults: [1: fault, 2: Self.overloaded], of: .answersToAsks)
        let session = try host.call("session.create")["session_id"] ?? .null
        let prompt: JSON = #"{"ask": {"id": "a", "title": "May I?", "tool": "write"}}"#
        for _ in 0..<2 {
            let ended = try host.call("task.execute", ["session_id": session, "prompt": prompt])
            #expect(ended["output"] == "answer to a: reject")
        }
        let types = try types(host, session)
        #expect(types.count { $0 == "permission.resolved" } == 2)
        host.closeInput()
        #expect(try host.wait() == 0)
    }

    /// A caller who is to accept a result is asked, however busy the store is.
    @Test(arguments: [false, true]) func whoIsToAcceptAResultIsAsked(isAnswerLost: Bool) throws {
        var faults: [Int: FailingStore.Fault] = [:]
        for change in 1...20 { faults[change] = change % 2 == 1 ? Self.overloaded : isAnswerLost ? .losesAnswer : nil }
        let host = try LoopHost(in: folder, faults: faults, of: .records)
        let session = try host.call("session.create", ["permissions": ["deadline_ms": 60_000]])["session_id"] ?? .null
        let task = host.send(
            "task.execute", ["session_id": session, "prompt": #"{"say": "done"}"#, "accept": "permission"])
        var asks: [JSON] = []
        while asks.isEmpty {
            asks = try host.call("permission.list", ["session_id": session])["items"]?.arrayValue ?? []
        }
        #expect(asks.map { $0["tool"] } == ["task.result"])
        let answer: JSON = ["permission_id": asks[0]["id"] ?? .null, "option_id": "accept"]
        try host.call("permission.respond", answer)
        #expect(try host.result(task)["status"] == "completed")
        host.closeInput()
        #expect(try host.wait() == 0)
    }

    /// Its session is deleted while the store is slow to say how it ended: there would be nothing left to tell.
    @Test func whoeverWaitsIsToldBeforeTheSessionIsDeleted() throws {
        let fault = FailingStore.Fault.refusesNextRead(.overloaded("busy"))
        let host = try LoopHost(in: folder, faults: [1: fault], of: .endsOfTasks)
        let session = try host.call("session.create")["session_id"] ?? .null
        let execute = host.send(
            [("task.execute", ["session_id": session, "prompt": #"{"sleep_ms": 600000}"#])])[0]
        while try host.call("session.get", ["session_id": session])["status"] != "running" {}
        let removed = try host.call("session.delete", ["session_id": session, "force": true])["removed"]
        #expect(removed?["tasks"] == 1)
        #expect(try host.result(execute)["status"] == "cancelled")
        host.closeInput()
        #expect(try host.wait() == 0)
    }
}
