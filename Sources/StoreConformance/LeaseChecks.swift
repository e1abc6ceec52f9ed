import AgentModel
import JSON
import Store

extension StoreCheck {
    static let leases = [
        StoreCheck(name: "one host writes a session", run: oneWriter),
        StoreCheck(name: "force displaces and fences the other host", run: force),
        StoreCheck(name: "a dead host is buried, and only a dead one", run: burial),
        StoreCheck(name: "a host that leaves processes is buried", run: leavingProcesses),
        StoreCheck(name: "a driver session has one writer", run: driverSession),
        StoreCheck(name: "epochs go up", run: epochs),
        StoreCheck(name: "an owner finds what others ask of it", run: ownerRequests),
    ]

    private static func oneWriter(_ subject: StoreSubject) throws {
        let (one, two) = (try subject.host(), try subject.host())
        defer { for host in [one, two] { host.store.close() } }
        let session = try one.makeSession()
        let (task, run, epoch) = try one.runTask(in: session.id)
        let holder = one.store.hostID
        let isHeld: (StoreFailure) -> Bool = { if case .busy(let by) = $0 { by.id == holder } else { false } }
        try expectFailure("a task of another host", isHeld) {
            try two.write(.insertTask(two.newTask(in: session.id), force: false, queueLimit: 8))
        }
        try expectFailure("its lease", \.isFenced) { try two.write(.fence(session.id, epoch: epoch)) }
        try expectFailure("its task's end", \.isFenced) { _ = try two.wait(two.submit(two.finish(run))) }
        let queued = try one.queueTask(in: session.id)
        try expectFailure("starting its task", \.isBusy) {
            try two.write(.startTask(queued.id, two.newRun(of: queued)))
        }
        _ = try one.wait(one.submit(one.finish(run)))
        try one.write(.endTask(queued.id, TaskResult(status: .cancelled, stopReason: .cancelled)))
        _ = try two.runTask(in: session.id)
        try expect(try one.read { try $0.leaseHolder(session.id) }?.id, two.store.hostID, "who holds it then")
        try expect(try one.read { try $0.task(task.id) }?.status, .completed, "the first task")
    }

    private static func force(_ subject: StoreSubject) throws {
        let (one, two) = (try subject.host(), try subject.host())
        defer { for host in [one, two] { host.store.close() } }
        let session = try one.makeSession()
        let (running, run, epoch) = try one.runTask(in: session.id)
        let waiting = try one.queueTask(in: session.id)
        var known = run
        known.usage.inputTokens = 9
        known.usage.accuracy = .known
        try one.write(.fence(session.id, epoch: epoch), .updateRun(known))
        let task = two.newTask(in: session.id)
        let commit = try two.write(.insertTask(task, force: true, queueLimit: 8))
        try expect(
            commit.events.map(\.type), [.runEnded, .checkpointSaved, .taskInterrupted, .taskInterrupted, .taskQueued],
            "the log")
        for id in [running.id, waiting.id] {
            try expect(commit.tasks[id]?.result?.stopReason, .leaseLost, "why they ended")
        }
        try expect(commit.sessions[session.id]?.usage.inputTokens, 9, "what was used until then")
        try expect(commit.sessions[session.id]?.usage.accuracy, .estimated, "a lower bound is an estimate")
        try two.write(.startTask(task.id, two.newRun(of: task)))
        let warning = StoreCommand.append(session.id, [EventDraft(.warning)])
        try expectFailure("a late write", \.isFenced) { try one.write(.fence(session.id, epoch: epoch), warning) }
        try expectFailure("a late end", \.isSuperseded) { _ = try one.wait(one.submit(one.finish(run))) }
    }

    private static func burial(_ subject: StoreSubject) throws {
        let (dead, heir) = (try subject.host(), try subject.host())
        defer { heir.store.close() }
        let session = try dead.makeSession()
        let (running, run, _) = try dead.runTask(in: session.id)
        let waiting = try dead.queueTask(in: session.id)
        let id = dead.store.hostID
        try expectFailure("burying one that lives", \.isBusy) { try heir.write(.buryHost(id)) }
        try expect(try heir.read { try $0.deadHosts() }, [], "while it lives")
        dead.store.close()
        try expect(try heir.read { try $0.deadHosts() }.map(\.id), [id], "after it died")
        try expect(try heir.read { try $0.openRuns(id) }.map(\.id), [run.id], "what it left")
        for force in [false, true] {
            try expectFailure("a task before the burial", \.isDeadHolder) {
                try heir.write(.insertTask(heir.newTask(in: session.id), force: force, queueLimit: 8))
            }
        }
        let commit = try heir.write(.buryHost(id))
        let ending: [EventType] = [.runEnded, .checkpointSaved, .taskInterrupted, .taskInterrupted]
        try expect(commit.events.map(\.type), ending, "the log")
        for task in [running.id, waiting.id] {
            try expect(commit.tasks[task]?.result?.stopReason, .hostLost, "why they ended")
        }
        try expect(commit.sessions[session.id]?.status, .active, "the session")
        try expect(try heir.write(.buryHost(id)).events, [], "burying it again")
        try expect(try heir.read { try $0.deadHosts() }, [], "after the burial")
        _ = try heir.runTask(in: session.id)
    }

    /// A host that leaves processes is dead until it is buried, even if it leaves no task.
    private static func leavingProcesses(_ subject: StoreSubject) throws {
        let (clean, leaving, heir) = (try subject.host(), try subject.host(), try subject.host())
        defer { heir.store.close() }
        for host in [clean, leaving] { _ = try host.makeSession() }
        let id = leaving.store.hostID
        clean.store.close()
        leaving.store.close(leavingProcesses: true)
        try expect(try heir.read { try $0.deadHosts() }.map(\.id), [id], "who is dead")
        try heir.write(.buryHost(id))
        try expect(try heir.read { try $0.deadHosts() }, [], "after the burial")
    }

    private static func driverSession(_ subject: StoreSubject) throws {
        let (one, two) = (try subject.host(), try subject.host())
        defer { for host in [one, two] { host.store.close() } }
        let sessions = try [one.makeSession(), two.makeSession()]
        let first = try one.queueTask(in: sessions[0].id)
        let second = try two.queueTask(in: sessions[1].id)
        try one.write(.startTask(first.id, one.newRun(of: first) { $0.driverSessionID = "d" }))
        try expectFailure("the same driver session", \.isBusy) {
            try two.write(.startTask(second.id, two.newRun(of: second) { $0.driverSessionID = "d" }))
        }
        try two.write(.startTask(second.id, two.newRun(of: second) { $0.driverSessionID = "e" }))
    }

    private static func epochs(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        var last = 0
        for _ in 0..<3 {
            let (_, run, epoch) = try host.runTask(in: session.id)
            try expect(epoch > last, true, "the epoch after \(last)")
            _ = try host.wait(host.submit(host.finish(run)))
            try expectFailure("a lease that was released", \.isFenced) {
                try host.write(.fence(session.id, epoch: epoch))
            }
            last = epoch
        }
    }

    private static func ownerRequests(_ subject: StoreSubject) throws {
        let (one, two) = (try subject.host(), try subject.host())
        defer { for host in [one, two] { host.store.close() } }
        let session = try one.makeSession()
        let (task, run, _) = try one.runTask(in: session.id)
        let request = OwnerRequest(host: one.store.hostID, kind: .cancel, taskID: task.id, detail: ["why": "user"])
        try two.write(.requestOwner(request))
        let (owner, other) = (one.store.hostID, two.store.hostID)
        try expect(try two.read { try $0.ownerRequests(other) }, [], "what others find")
        try two.write(.forgetOwnerRequests([request]))
        try expect(try one.read { try $0.ownerRequests(owner) }, [request], "what the owner finds")
        let later = OwnerRequest(host: owner, kind: .cancel, taskID: task.id, detail: nil)
        try two.write(.requestOwner(later))
        try one.write(.forgetOwnerRequests([request]))
        try expect(try one.read { try $0.ownerRequests(owner) }, [later], "what it finds then")
        _ = try one.wait(one.submit(one.finish(run)))
        try expectFailure("after the end", \.isSuperseded) { try two.write(.requestOwner(request)) }
    }
}
