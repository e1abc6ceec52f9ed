import AgentEngine
import AgentModel
import JSON
import JSONRPC
import Store

/// A step that runs, and what is to be known at its end of the files that it changed.
struct PlanWatch {
    let session: SessionID
    /// The folder before it.
    let survey: FolderSurvey?
    /// In milliseconds since 1970.
    let beganAt: Int64
    /// Steps that ran at the same time for a while.
    var neighbours: [Neighbour] = []

    struct Neighbour: Sendable {
        let task: TaskID
        let session: SessionID
        let beganAt: Int64
        /// `nil` while it runs.
        var endedAt: Int64?
    }
}

/// How steps of a plan end, and what they did to the working folder.
extension PlanExecution {
    /// Steps have begun.
    func watch(_ turn: PlanTurn) {
        if let survey = turn.survey { lastSurvey = survey }
        let now = runner.host.clock.now().milliseconds
        for task in turn.orders.map(\.task) {
            var watch = PlanWatch(session: task.sessionID, survey: turn.survey, beganAt: now)
            for (other, theirs) in watches {
                watch.neighbours.append(
                    PlanWatch.Neighbour(task: other, session: theirs.session, beganAt: theirs.beganAt))
                watches[other]?.neighbours.append(
                    PlanWatch.Neighbour(task: task.id, session: task.sessionID, beganAt: now))
            }
            watches[task.id] = watch
            listen(to: task)
        }
    }

    private func listen(to task: AgentTask) {
        guard let step = task.metadata?["step_id"]?.stringValue else { return }
        runner.whenEnded(task.id) { [weak self] result in
            guard let self, watches[task.id] != nil else { return }
            switch result {
            case .success(let ended):
                heard(ended.task.result.map { StepOutcome($0) } ?? StepOutcome(.interrupted), of: step, task.id)
            case .failure(.overloaded), .failure(.broken("locked", _)):
                // It has ended, but nothing is known of how: the store is asked again.
                runner.after(milliseconds: Self.pauseMilliseconds) { [weak self] in self?.listen(to: task) }
            case .failure(let failure): end(RPCError(failure))
            }
        }
    }

    private func heard(_ outcome: StepOutcome, of step: String, _ task: TaskID) {
        let watch = watches.removeValue(forKey: task)
        let now = runner.host.clock.now().milliseconds
        for other in watches.keys {
            guard let place = watches[other]?.neighbours.firstIndex(where: { $0.task == task }) else { continue }
            watches[other]?.neighbours[place].endedAt = now
        }
        guard let watch, let survey = watch.survey, !runner.host.shutdown.isEnding else {
            return give(.stepEnded(step, task, outcome))
        }
        runner.difference(since: survey, knowing: lastSurvey) { [self] difference, survey in
            lastSurvey = survey
            attribute(difference, of: task, watch, endedAt: now) { [self] changes in
                var outcome = outcome
                outcome.files = changes
                give(.stepEnded(step, task, outcome))
            }
        }
    }

    /// Leaves out what others did meanwhile.
    private func attribute(
        _ difference: FolderSurvey.Difference, of task: TaskID, _ watch: PlanWatch, endedAt: Int64,
        then: @escaping ([FileChange]) -> Void
    ) {
        guard !difference.changes.isEmpty else { return then([]) }
        let paths = Set(difference.changes.map(\.path))
        runner.host.store.read { reader throws -> FileAttribution in
            FileAttribution(
                named: try reader.namedFiles(paths, task, in: watch.session),
                neighbours: try watch.neighbours.map { neighbour in
                    let end = max(neighbour.beganAt, neighbour.endedAt ?? endedAt)
                    return FileAttribution.Neighbour(
                        span: neighbour.beganAt...end,
                        named: try reader.namedFiles(paths, neighbour.task, in: neighbour.session))
                },
                waits: try reader.waits(of: task, in: watch.session, since: watch.beganAt))
        } then: { result in
            // What cannot be told apart may be anybody's.
            let attribution =
                (try? result.get())
                ?? FileAttribution(
                    named: [], neighbours: [FileAttribution.Neighbour(span: 0...0, named: [])])
            then(attribution.changes(difference.changes, times: difference.times))
        }
    }
}

extension StoreReader {
    /// Tasks that clients gave the session, and that ran in it after the step's look at the folder and before the step.
    fileprivate func waits(
        of task: TaskID, in session: SessionID, since beganAt: Int64
    ) throws -> [ClosedRange<Int64>] {
        guard let start = try self.task(task)?.startedAt?.milliseconds else { return [] }
        var filter = TaskFilter()
        filter.sessionID = session
        return try tasks(filter, PageRequest(limit: 100)).items.compactMap { other in
            guard other.id != task, let began = other.startedAt?.milliseconds, began < start,
                let ended = other.endedAt?.milliseconds, ended > beganAt
            else { return nil }
            // What the step does at once may bear a time of a moment before: file systems have coarser clocks.
            return began...max(began, min(ended, start) - Self.clockMilliseconds)
        }
    }

    private static var clockMilliseconds: Int64 { 10 }

    /// Which of the files the tools of a task named.
    fileprivate func namedFiles(_ paths: Set<String>, _ task: TaskID, in session: SessionID) throws -> Set<String> {
        var named: Set<String> = []
        var range = EventRange()
        range.taskID = task
        range.types = [.toolStarted]
        range.limit = 500
        range.bytesLimit = 1 << 20
        // Enough for thousands of uses; a reader is not to be held for longer.
        for _ in 0..<8 {
            let events = try events(session, range)
            for event in events {
                guard let input = event.data["input"] else { continue }
                named.formUnion(FileAttribution.names(in: input, among: paths))
            }
            guard let last = events.last else { break }
            range.afterSeq = last.seq
        }
        return named
    }
}
