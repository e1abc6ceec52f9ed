import AgentModel

/// Tells whether a batch took effect that the store has not said so of: `broken` is the answer also of a commit whose
/// own answer was lost. A batch takes effect whole, so that one thing is enough which it alone leaves behind.
package struct StoreWitness: Sendable {
    private enum Trace: Sendable {
        case task(TaskID)
        case run(RunID)
        case ask(PermissionID)
        case checkpoint(CheckpointID)
        case end(TaskID)
        case endOfRun(RunID, of: TaskID)
        case event(EventDraft, in: SessionID)
    }

    private let trace: Trace
    private let seq: Int

    /// Fails for commands that leave nothing of the kind: these may be given again.
    ///
    /// - Parameter seq: the last event that was known of the log when the batch was submitted, of a session and a task
    ///   that nobody else writes such events for.
    package init?(_ commands: [StoreCommand], after seq: Int = 0) {
        let traces = commands.compactMap { Self.trace(of: $0) }
        // What has an id of its own is the surest sign, an event that is like another the least sure.
        guard let best = traces.min(by: { $0.rank < $1.rank }) else { return nil }
        trace = best.trace
        self.seq = seq
    }

    private static func trace(of command: StoreCommand) -> (rank: Int, trace: Trace)? {
        switch command {
        case .insertTask(let task, _, _): (0, .task(task.id))
        case .startTask(_, let run), .insertRun(let run): (0, .run(run.id))
        case .insertAsk(let ask): (0, .ask(ask.id))
        case .saveCheckpoint(_, let draft): (0, .checkpoint(draft.id))
        case .endTask(let id, _): (1, .end(id))
        case .updateRun(let run) where run.endedAt != nil: (1, .endOfRun(run.id, of: run.taskID))
        case .insertArtifact(let artifact): (2, .event(artifact.draft, in: artifact.sessionID))
        case .append(let session, let drafts): drafts.first.map { (2, .event($0, in: session)) }
        default: nil
        }
    }

    /// Whether the batch has left its trace.
    package func testifies(_ reader: any StoreReader) throws -> Bool {
        switch trace {
        case .task(let id): try reader.task(id) != nil
        case .run(let id): try reader.hasRun(id)
        case .ask(let id): try reader.ask(id) != nil
        case .checkpoint(let id): try reader.checkpoint(id) != nil
        case .end(let id): try reader.task(id)?.status.isFinal == true
        case .endOfRun(let id, let task): try reader.runs(task).contains { $0.id == id && $0.endedAt != nil }
        case .event(let draft, let session): try isLogged(draft, in: session, reader)
        }
    }

    private func isLogged(_ draft: EventDraft, in session: SessionID, _ reader: any StoreReader) throws -> Bool {
        var range = EventRange()
        range.afterSeq = seq
        range.types = [draft.type]
        range.taskID = draft.taskID
        range.limit = 1000
        return try reader.events(session, range).contains { $0.runID == draft.runID && $0.data == draft.data }
    }
}
