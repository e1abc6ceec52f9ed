import AgentModel
import Store

extension StoreCheck {
    static let walks = (1...8).map { seed in
        StoreCheck(name: "a random walk of two hosts, seed \(seed)") { subject in
            var walk = RandomWalk(seed: UInt64(seed), hosts: [try subject.host(), try subject.host()])
            defer { for host in walk.hosts { host.store.close() } }
            for _ in 0..<300 { try walk.step() }
            try walk.compare()
        }
    }
}

/// Does at random what two hosts may do, and what they may not, and demands of the store what the model says.
private struct RandomWalk {
    private var random: SeededRandom
    let hosts: [StoreHost]
    private var model = ReferenceModel()
    private var sessionIDs: [SessionID] = []
    private var taskIDs: [TaskID] = []
    private var memories = RandomMemories()

    init(seed: UInt64, hosts: [StoreHost]) {
        random = SeededRandom(seed: seed)
        self.hosts = hosts
    }

    mutating func step() throws {
        let host = hosts[random.below(hosts.count)]
        guard let session = random.pick(sessionIDs.suffix(6)) else { return try create(host) }
        switch random.below(19) {
        case 0: try create(host)
        case 1...4: try queue(host, session)
        case 5...8: try start(host)
        case 9...12: try end(host)
        case 13: try use(host)
        case 14...16: try memories.step(host, &random)
        default: try move(host, session)
        }
        if random.below(10) == 0 { try compare(session) }
    }

    /// Runs a batch that the model either takes or not.
    private func attempt(_ isRight: Bool, _ host: StoreHost, _ commands: [StoreCommand], _ what: String) throws {
        do {
            _ = try host.wait(host.submit(commands))
        } catch let failure as StoreFailure {
            if isRight { throw StoreConformanceFailure("\(what) fails with \(failure)") }
            return
        }
        if !isRight { throw StoreConformanceFailure("\(what) should fail") }
    }

    private mutating func create(_ host: StoreHost) throws {
        let temporary = random.below(3) == 0
        let session = host.newSession { $0.temporary = temporary }
        try attempt(true, host, [.insertSession(session)], "creating a session")
        model.sessions[session.id] = ReferenceModel.Session(temporary: temporary)
        sessionIDs.append(session.id)
    }

    private mutating func queue(_ host: StoreHost, _ session: SessionID) throws {
        let task = host.newTask(in: session)
        let force = random.below(4) == 0
        let takes = model.takes(session, host: task.hostID, force: force)
        try attempt(takes, host, [.insertTask(task, force: force, queueLimit: 1000)], "queueing a task")
        guard takes else { return }
        model.insert(task.id, into: session, host: task.hostID)
        taskIDs.append(task.id)
    }

    private mutating func start(_ host: StoreHost) throws {
        guard let id = random.pick(taskIDs.suffix(12)), let task = model.tasks[id] else { return }
        let run = Run(id: Fresh.id(), taskID: id, sessionID: task.session, driver: "analyst", at: StoreHost.noon)
        let starts = model.starts(id, host: host.store.hostID)
        try attempt(starts, host, [.startTask(id, run)], "starting a task")
        if starts { model.start(id, run.id) }
    }

    private mutating func use(_ host: StoreHost) throws {
        guard let id = random.pick(taskIDs.suffix(12)), let task = model.tasks[id], let run = task.run else { return }
        var update = Run(id: run, taskID: id, sessionID: task.session, driver: "analyst", at: StoreHost.noon)
        update.usage.inputTokens = task.tokens + random.below(100)
        let isRight = task.status == .running && task.host == host.store.hostID
        try attempt(isRight, host, [.updateRun(update)], "updating a run")
        if isRight { model.tasks[id]?.tokens = update.usage.inputTokens }
    }

    private mutating func end(_ host: StoreHost) throws {
        guard let id = random.pick(taskIDs.suffix(12)) else { return }
        let status = random.pick([TaskStatus.completed, .failed, .cancelled, .interrupted]) ?? .failed
        let ends = model.ends(id, host: host.store.hostID)
        let result = TaskResult(status: status, stopReason: .endTurn)
        try attempt(ends, host, [.endTask(id, result)], "ending a task")
        if ends { model.end(id, status) }
    }

    private mutating func move(_ host: StoreHost, _ session: SessionID) throws {
        let move = random.pick([SessionMove.pause, .resume, .resume, .complete, .expire]) ?? .pause
        let isRight = model.moves(session, move)
        try attempt(isRight, host, [.moveSession(session, move)], "\(move)")
        if isRight { model.log(session, move) }
    }

    func compare() throws {
        try memories.compare(hosts)
        for session in sessionIDs { try compare(session) }
    }

    /// The same answers from both hosts, and from the model.
    private func compare(_ id: SessionID) throws {
        guard let wanted = model.sessions[id] else { return }
        for host in hosts {
            let session = try host.read { try $0.session(id) }
            try expect(session?.status, wanted.status, "the status of \(id)")
            try expect(session?.usage.inputTokens, wanted.tokens, "the usage of \(id)")
            try expect(session?.taskCount, wanted.tasks.count, "the tasks of \(id)")
            let log = try host.events(id)
            try expect(log.map(\.type), wanted.log, "the log of \(id)")
            try expect(log.map(\.seq), Array(1...wanted.log.count), "its numbers")
            for task in wanted.tasks {
                try expect(try host.read { try $0.task(task) }?.status, model.tasks[task]?.status, "\(task)")
            }
        }
    }
}
