import AgentModel
import JSON
import Store

extension StoreCheck {
    static let deletion = [
        StoreCheck(name: "a hidden session is gone at once and purged in steps", run: purge),
        StoreCheck(name: "a busy session is hidden by force only", run: busyDeletion),
    ]

    static let pages = [
        StoreCheck(name: "lists come in pages, newest first", run: paging),
        StoreCheck(name: "lists are filtered", run: filters),
    ]

    static let bills = [
        StoreCheck(name: "the ledger sums what runs used", run: ledger),
        StoreCheck(name: "statistics count what there is", run: statistics),
    ]

    private static func purge(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let kept = try host.makeSession()
        let project = try host.makeProject().id
        let session = try host.makeSession { $0.projectID = project }
        for _ in 0..<3 {
            let (task, run, _) = try host.runTask(in: session.id)
            let artifact = Artifact(
                sessionID: session.id, taskID: task.id, path: "\(task.id).csv", bytes: 1, sha256: "0",
                mediaType: "text/csv", createdAt: StoreHost.noon)
            try host.write(.insertArtifact(artifact))
            var usage = Usage.none
            usage.inputTokens = 1
            usage.accuracy = .known
            _ = try host.wait(host.submit(host.finish(run, usage: usage)))
        }
        let events = try host.events(session.id).count
        try host.write(.hideSession(session.id, force: false))
        try expect(try host.read { try $0.session(session.id) }, nil, "the session")
        try expect(try host.events(session.id), [], "its log")
        try expect(try host.read { try $0.tasks(TaskFilter(), PageRequest()).items }, [], "its tasks")
        try expect(try host.read { try $0.artifacts(ArtifactFilter(), PageRequest()).items }, [], "its artifacts")
        try expect(try host.read { try $0.hiddenSessions() }.map(\.id), [session.id], "what is to be purged")
        try expectFailure("a write to it", \.isNotFound) { try host.write(.moveSession(session.id, .pause)) }
        var counts = PurgeCounts()
        var steps = 0
        var isMoreLeft = true
        while isMoreLeft, steps < 1000 {
            let commit = try host.write(.purgeHidden(limit: 7))
            counts.sessions += commit.purged.sessions
            counts.tasks += commit.purged.tasks
            counts.runs += commit.purged.runs
            counts.events += commit.purged.events
            counts.artifacts += commit.purged.artifacts
            counts.checkpoints += commit.purged.checkpoints
            isMoreLeft = commit.isMoreLeft
            steps += 1
        }
        var wanted = PurgeCounts()
        (wanted.sessions, wanted.tasks, wanted.runs, wanted.events, wanted.artifacts) = (1, 3, 3, events, 3)
        wanted.checkpoints = 3
        try expect(counts, wanted, "what was removed")
        try expect(steps > 3, true, "in steps")
        try expect(try host.read { try $0.hiddenSessions() }, [], "what is left to purge")
        let bill = try host.read { reader in
            var filter = UsageFilter()
            filter.group = .session
            return try reader.usage(filter)
        }
        try expect(bill.map(\.key), [nil], "whose the usage is")
        try expect(bill.map(\.known.inputTokens), [3], "the usage")
        try expect(try host.events(kept.id).count, 1, "the other session's log")
    }

    private static func busyDeletion(_ subject: StoreSubject) throws {
        let (one, two) = (try subject.host(), try subject.host())
        defer { for host in [one, two] { host.store.close() } }
        let session = try one.makeSession()
        let (task, run, epoch) = try one.runTask(in: session.id)
        try expectFailure("without force", \.isRefused) { try two.write(.hideSession(session.id, force: false)) }
        let commit = try two.write(.hideSession(session.id, force: true))
        try expect(commit.events.map(\.type), [.runEnded, .checkpointSaved, .taskCancelled], "the log")
        try expect(commit.tasks[task.id]?.status, .cancelled, "the task")
        try expectFailure("a late write", { $0.isFenced || $0.isNotFound }) {
            try one.write(.fence(session.id, epoch: epoch))
        }
        try expectFailure("a late end", { $0.isSuperseded || $0.isNotFound }) {
            _ = try one.wait(one.submit(one.finish(run)))
        }
    }

    private static func paging(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let sessions = try (0..<5).map { _ in try host.makeSession().id }
        let tasks = try (0..<5).map { _ in try host.queueTask(in: sessions[0]).id }
        func all<Item: Sendable>(
            _ query: @escaping @Sendable (any StoreReader, PageRequest) throws -> Page<Item>
        ) throws -> [Item] {
            var items: [Item] = []
            var cursor: String?
            repeat {
                let request = PageRequest(limit: 2, cursor: cursor)
                let page = try host.read { try query($0, request) }
                try expect(page.items.count <= 2, true, "the size of a page")
                items += page.items
                cursor = page.nextCursor
            } while cursor != nil && items.count < 100
            return items
        }
        try expect(try all { try $0.sessions(SessionFilter(), $1) }.map(\.id), sessions.reversed(), "sessions")
        try expect(try all { try $0.tasks(TaskFilter(), $1) }.map(\.id), tasks.reversed(), "tasks")
        let strange = PageRequest(limit: 2, cursor: "strange")
        try expectFailure("a cursor of nobody's", { $0 == .unknownCursor("strange") }) {
            _ = try host.read { try $0.sessions(SessionFilter(), strange).items.count }
        }
    }

    private static func filters(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let project = try host.makeProject().id
        let connection = DatabaseConnection(id: Fresh.id(), name: "c", dialect: .sqlite, at: StoreHost.noon)
        try host.write(.insertConnection(connection))
        let one = try host.makeSession {
            $0.projectID = project; $0.title = "Größte UMSÄTZE"; $0.milestoneID = "beta"
        }
        let two = try host.makeSession {
            $0.connectionID = connection.id; $0.temporary = true
        }
        let three = try host.makeSession {
            $0.driver = "claude"; $0.title = "100% _sure_"
        }
        try host.write(.moveSession(three.id, .pause))
        func found(_ change: @escaping @Sendable (inout SessionFilter) -> Void) throws -> [SessionID] {
            try host.read { reader in
                var filter = SessionFilter()
                change(&filter)
                return try reader.sessions(filter, PageRequest()).items.map(\.id)
            }
        }
        try expect(try found { $0.projectID = project }, [one.id], "by project")
        try expect(try found { $0.connectionID = connection.id }, [two.id], "by connection")
        try expect(try found { $0.milestoneID = "beta" }, [one.id], "by milestone")
        try expect(try found { $0.driver = "claude" }, [three.id], "by driver")
        try expect(try found { $0.statuses = [.paused, .failed] }, [three.id], "by status")
        try expect(try found { $0.titleContains = "umsätze" }, [one.id], "by title, in any case")
        try expect(try found { $0.titleContains = "% _" }, [three.id], "by title, to the letter")
        try expect(try found { $0.includeTemporary = false }, [three.id, one.id], "without temporary ones")
        let task = try host.queueTask(in: one.id) { $0.source = "chat_plan" }
        let (other, _, _) = try host.runTask(in: two.id)
        func tasks(_ change: @escaping @Sendable (inout TaskFilter) -> Void) throws -> [TaskID] {
            try host.read { reader in
                var filter = TaskFilter()
                change(&filter)
                return try reader.tasks(filter, PageRequest()).items.map(\.id)
            }
        }
        try expect(try tasks { $0.sessionID = one.id }, [task.id], "tasks by session")
        try expect(try tasks { $0.milestoneID = "beta" }, [task.id], "tasks by milestone")
        try expect(try tasks { $0.source = "chat_plan" }, [task.id], "tasks by source")
        try expect(try tasks { $0.statuses = [.running] }, [other.id], "tasks by status")
    }

    private static func ledger(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let project = try host.makeProject().id
        let sessions = try [host.makeSession { $0.projectID = project }, host.makeSession()]
        for (index, accuracy) in [Accuracy.known, .known, .estimated, .unknown].enumerated() {
            let (_, run, _) = try host.runTask(in: sessions[index % 2].id)
            var usage = Usage.none
            usage.inputTokens = index + 1
            usage.cost = accuracy == .unknown ? nil : Cost(nanoDollars: Int64(index))
            usage.accuracy = accuracy
            _ = try host.wait(host.submit(host.finish(run, usage: usage)))
        }
        func bill(_ change: @escaping @Sendable (inout UsageFilter) -> Void) throws -> [UsageRow] {
            try host.read { reader in
                var filter = UsageFilter()
                change(&filter)
                return try reader.usage(filter)
            }
        }
        let total = try bill { _ in }
        try expect(total.map(\.runs), [4], "the runs of all")
        try expect(total.map(\.known.inputTokens), [3], "what is known of all")
        try expect(total.map(\.known.cost), [Cost(nanoDollars: 1)], "what it cost")
        try expect(total.map(\.estimated.inputTokens), [3], "what is estimated")
        try expect(total.map(\.unknown.cost), [nil], "what nobody knows")
        let bySession = try bill { $0.group = .session }
        try expect(bySession.map(\.key), sessions.map(\.id.description).sorted(), "by session")
        let byProject = try bill { $0.group = .project }
        try expect(byProject.map(\.key), [project.description, nil], "by project")
        try expect(try bill { $0.group = .driver }.map(\.key), ["analyst"], "by driver")
        try expect(try bill { $0.group = .day }.map(\.key), ["2023-11-14"], "by day")
        try expect(try bill { $0.projectID = project }.map(\.runs), [2], "of a project")
        try expect(try bill { $0.from = StoreHost.noon }.map(\.runs), [4], "from then on")
        try expect(try bill { $0.to = StoreHost.noon }, [], "until then")
        var huge = Usage.none
        huge.inputTokens = .max
        for _ in 0..<2 {
            let (_, run, _) = try host.runTask(in: sessions[0].id)
            _ = try host.wait(host.submit(host.finish(run, usage: huge)))
        }
        try expect(try bill { _ in }.isEmpty, false, "absurd figures")
    }

    private static func statistics(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        _ = try host.makeSession()
        for (status, fallback, resumed) in [
            (TaskStatus.completed, nil, true), (.failed, "gone", false), (.completed, String?.none, false),
        ] {
            let task = try host.queueTask(in: session.id)
            let run = host.newRun(of: task) {
                $0.fallback = fallback; $0.driverResumed = resumed
            }
            try host.write(.startTask(task.id, run))
            var usage = Usage.none
            (usage.cacheReadTokens, usage.turns) = (10, 2)
            _ = try host.wait(host.submit(host.finish(run, status, usage: usage)))
        }
        let stats = try host.read { try $0.sessionStats(SessionFilter()) }
        try expect(stats.sessionsByStatus, [.active: 2], "sessions")
        try expect(stats.tasksByStatus, [.completed: 2, .failed: 1], "tasks")
        try expect(stats.failuresByReason, [.error: 1], "failures")
        try expect([stats.resumesTried, stats.resumesSucceeded, stats.tokensSavedByResuming], [2, 1, 5], "resumes")
        try expect(stats.events, 2 + 3 * 6, "events")
    }
}
