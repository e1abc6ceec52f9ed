import AgentModel
import HostProtocol
import JSONRPC
import Store

/// What is due of a store's upkeep, beside its index: driver sessions past their time, checkpoints that nobody keeps,
/// memories of sessions that have ended, sessions that are kept no longer. In steps, so that no transaction is long.
extension Host {
    static let sweepMilliseconds: UInt64 = 60_000
    private static let stepMilliseconds: UInt64 = 10
    private static let sessionsAtATime = 100
    private static let memoriesAtATime = 20

    private static let expiry = StoreCommand.expireSessions(limit: sessionsAtATime)
    private static let promotion = StoreCommand.promoteMemories(limit: memoriesAtATime)
    private static let trimming = StoreCommand.trimCheckpoints(limit: sessionsAtATime)
    private static let chores = [expiry, trimming, promotion]

    /// A step of everything, now and then; sooner where more is left.
    func sweep() { sweep(Self.chores[...], isMoreLeft: false) }

    private func sweep(_ chores: ArraySlice<StoreCommand>, isMoreLeft: Bool) {
        guard let chore = chores.first else {
            return retireSessions { [self] result in
                if let removed = try? result.get(), removed > 0 {
                    let days = (options.sessionsKeptSeconds ?? 0) / 86_400
                    options.log("removed \(removed) sessions that nobody used for \(days) days")
                }
                setDeadline(.sweep, milliseconds: isMoreLeft ? Self.stepMilliseconds : Self.sweepMilliseconds)
            }
        }
        store.commit([chore]) { [self] result in
            sweep(chores.dropFirst(), isMoreLeft: (try? result.get())?.isMoreLeft ?? false || isMoreLeft)
        }
    }

    // MARK: - On request

    func sweepSessions(_ params: Wire.SessionSweepParams, _ call: Call) {
        repeatStep(Self.expiry, call, { $0.sessions.count }) { [self] expired in
            repeatStep(Self.trimming, call, { $0.removedCheckpoints }) { [self] checkpoints in
                repeatStep(Self.promotion, call, { $0.promoted }) { [self] promoted in
                    retireSessions { [self] result in
                        switch result {
                        case .success(let removed):
                            reply(
                                call,
                                Wire.SweepResult(
                                    expired: expired, checkpoints: checkpoints, promoted: promoted, removed: removed))
                        case .failure(let failure): fail(call, failure)
                        }
                    }
                }
            }
        }
    }

    /// Does something until nothing is left of it.
    /// - Parameter then: told how much was done in all
    private func repeatStep(
        _ command: StoreCommand, _ call: Call, before: Int = 0, _ count: @escaping (StoreCommit) -> Int,
        then: @escaping (Int) -> Void
    ) {
        commit(call, [command]) { [self] commit in
            let done = before + count(commit)
            guard commit.isMoreLeft else { return then(done) }
            repeatStep(command, call, before: done, count, then: then)
        }
    }

    /// A session has ended: what it recalled often goes on without it. What is not done now, a sweep does later.
    func promoteMemories(then: @escaping () -> Void) {
        store.commit([Self.promotion]) { [self] result in
            guard (try? result.get())?.isMoreLeft == true else { return then() }
            promoteMemories(then: then)
        }
    }

    /// Deletes the sessions that the configuration keeps no longer, if it says so, with their files and memories.
    /// - Parameter then: told how many
    private func retireSessions(then: @escaping (Result<Int, StoreFailure>) -> Void) {
        guard let seconds = options.sessionsKeptSeconds else { return then(.success(0)) }
        retireSessions(unusedSince: clock.now().adding(milliseconds: -Int64(seconds) * 1000), before: 0, then: then)
    }

    private func retireSessions(
        unusedSince time: Timestamp, before: Int, then: @escaping (Result<Int, StoreFailure>) -> Void
    ) {
        store.read {
            try $0.idleSessions(unusedSince: time, limit: Self.sessionsAtATime)
        } then: { [self] result in
            switch result {
            case .failure(let failure): then(.failure(failure))
            case .success(let idle) where idle.isEmpty: then(.success(before))
            case .success(let idle):
                store.commit([.retireSessions(idle.map(\.id), unusedSince: time)]) { [self] result in
                    switch result {
                    case .failure(let failure): then(.failure(failure))
                    case .success(let commit):
                        let retired = idle.filter { commit.sessions[$0.id] != nil }
                        // None of them may go after all: whoever uses them has been quicker.
                        guard !retired.isEmpty else { return then(.success(before)) }
                        remove(retired[...]) { [self] failure in
                            if let failure { return then(.failure(failure)) }
                            retireSessions(unusedSince: time, before: before + retired.count, then: then)
                        }
                    }
                }
            }
        }
    }

    /// What is left of sessions that are hidden already.
    private func remove(_ sessions: ArraySlice<AgentSession>, then: @escaping (StoreFailure?) -> Void) {
        guard let session = sessions.first else {
            return purge(PurgeCounts()) { [self] counts, failure in
                guard failure == nil, counts.memories > 0 else { return then(failure) }
                eraseTraces(then: then)
            }
        }
        subscriptions[session.id] = nil
        removeFiles(of: session) { [self] in remove(sessions.dropFirst(), then: then) }
    }
}
