import AgentModel
import Driver
import HostProtocol
import JSONRPC
import Store

/// A task that is about to start, while memory is asked what it knows of its prompt.
final class Recollection {
    /// With what is known so far.
    var preparation: Preparation
    var reading: StoreTicket?
    let then: (Preparation) -> Void

    init(_ preparation: Preparation, then: @escaping (Preparation) -> Void) {
        self.preparation = preparation
        self.then = then
    }
}

/// What memory knows of a task's prompt: by words, and by meaning where there are vectors. Memory that fails or is slow
/// is a warning in the session's log and neither fails the task nor holds it up.
extension TaskRunner {
    /// What the text may take that an agent is told.
    private static let budgetTokens = 1000
    private static let memoriesMax = 50
    /// How long a task waits for all of it.
    private static let recallMilliseconds: UInt64 = 2000

    /// Calls back with what an agent is to be told: at once, when it is told nothing.
    func recollect(_ preparation: Preparation, then: @escaping (Preparation) -> Void) {
        let (task, session) = (preparation.task, preparation.session)
        let learning = SessionLearning(session.learning)
        guard parts.drivers[task.driver]?.capabilities.takesMemories == true,
            !learning.capturesOnly, task.prompt.contains(where: { !$0.isWhitespace }),
            let levels = try? MemoryPlace(session).levels(in: session)
        else { return then(preparation) }
        var query = RecallQuery(text: RecallQuery.text(of: task.prompt), scopes: levels, at: parts.clock.now())
        query.limit = Self.memoriesMax
        query.namespaces = learning.recalledNamespaces
        let recollection = Recollection(preparation, then: then)
        recollections[task.id] = recollection
        parts.setDeadline(.recallOver(task.id), Self.recallMilliseconds)
        recall(query, for: recollection) { [self] corrected in
            guard let embedder = parts.embedder else { return end(recollection) }
            embedder.embed(corrected ?? query.text) { [self] result in
                switch result {
                case .success(let embedding):
                    var query = query
                    embedder.give(embedding, to: &query)
                    recall(query, for: recollection) { [self] _ in end(recollection) }
                case .failure(let failure): end(recollection, "\(failure)")
                }
            }
        }
    }

    /// - Parameter then: told of the query as it was understood, unless the task waits no longer.
    private func recall(_ query: RecallQuery, for recollection: Recollection, then: @escaping (String?) -> Void) {
        guard isAwaited(recollection) else { return }
        recollection.reading = parts.store.read { reader in
            try reader.recall(query)
        } then: { [self] result in
            guard isAwaited(recollection) else { return }
            recollection.reading = nil
            switch result {
            case .success(let found):
                let hits = found.hits.filter { !knows($0.memory, recollection.preparation) }
                recollection.preparation.knowledge.context = MemoryContext(
                    hits, budgetTokens: Self.budgetTokens, countsValues: true)
                then(found.correctedQuery)
            case .failure(let failure): end(recollection, "\(RPCError(failure).message)")
            }
        }
    }

    /// Whether it is a turn of the conversation that the agent goes on with: it need not be told that.
    private func knows(_ memory: Memory, _ preparation: Preparation) -> Bool {
        let (task, session) = (preparation.task, preparation.session)
        guard memory.scope == .session(session.id), memory.source?.seq != nil, task.resumption,
            task.persistence == .resume, parts.drivers[task.driver]?.capabilities.resumes == true
        else { return false }
        // With another agent's turns between them, it knows its own only.
        return session.driverSessions.count == 1 && session.driverSessions[task.driver] != nil
    }

    /// The task goes on with what is known; nothing happens when it does already.
    /// - Parameter problem: why that may be less than there is.
    func endRecollection(_ task: TaskID, _ problem: String? = nil) {
        if let recollection = recollections[task] { end(recollection, problem) }
    }

    private func isAwaited(_ recollection: Recollection) -> Bool {
        recollections[recollection.preparation.task.id] === recollection
    }

    private func end(_ recollection: Recollection, _ problem: String? = nil) {
        guard isAwaited(recollection) else { return }
        recollections[recollection.preparation.task.id] = nil
        parts.clearDeadline(.recallOver(recollection.preparation.task.id))
        if let reading = recollection.reading { parts.store.abandonRead(reading) }
        if let problem {
            recollection.preparation.knowledge.warnings.append("Memory may know more of the prompt: \(problem).")
        }
        recollection.then(recollection.preparation)
    }
}
