import AgentEngine
import AgentModel
import Driver
import Store

/// The agents' asks: durable before anyone is asked, answered once, by whoever is first.
extension TaskRunner {
    func open(_ ask: DriverAsk, _ active: ActiveTask) {
        let policy = AskPolicy(active.session.permissions)
        let now = parts.clock.now()
        var durable = PermissionAsk(
            id: parts.clock.id(), sessionID: active.session.id, taskID: active.task.id, runID: active.machine.run.id,
            driverAskID: ask.id, kind: ask.kind, title: ask.title, at: now)
        durable.tool = ask.tool
        durable.input = ask.input
        durable.options = ask.options
        durable.deadlineAt = now.adding(milliseconds: Int64(policy.deadlineMilliseconds))
        durable.defaultOption = policy.defaultOption(for: durable)
        asks[durable.id] = durable
        active.outbox.add(.insertAsk(durable))
    }

    /// An ask is in the log by now: somebody is asked, or the session's own policy answers.
    func announce(_ durable: PermissionAsk, _ active: ActiveTask) {
        guard asks[durable.id] != nil else { return }
        let policy = AskPolicy(active.session.permissions)
        if let standing = policy.standing(for: durable) {
            resolve(durable.id, option: policy.option(for: standing, durable.options), by: "policy") { _ in }
        } else if sink?.opened(durable) == true || (policy.namesDeadline && !isUnattended) {
            parts.setDeadline(.ask(durable.id), UInt64(policy.deadlineMilliseconds))
        } else {
            resolve(durable.id, option: durable.defaultOption, by: "policy") { _ in }
        }
    }

    /// Nobody can answer any more: every open ask takes its default, and so does every later one. Tasks of paused
    /// sessions end.
    func takeDefaults() {
        isUnattended = true
        for ask in asks.values { resolve(ask.id, option: ask.defaultOption, by: "policy") { _ in } }
        endsHeld = true
    }

    func askDeadline(_ id: PermissionID) {
        guard let ask = asks[id] else { return }
        resolve(id, option: ask.defaultOption, by: "deadline") { _ in }
    }

    /// Ends an ask, unless somebody else has: one conditional update in the store decides.
    func resolve(
        _ id: PermissionID, option: String?, by who: String, then: @escaping (StoreClient.CommitResult) -> Void
    ) {
        let resolution = PermissionAsk.Resolution(option: option, by: who, at: parts.clock.now())
        parts.store.commit([.resolveAsk(id, resolution)]) { [self] result in
            if case .success(let commit) = result, let ask = commit.asks[id] { resolved(ask) }
            then(result)
        }
    }

    /// An ask has its answer, from here or from another host.
    func resolved(_ ask: PermissionAsk) {
        guard asks[ask.id] != nil, let resolution = ask.resolution else { return }
        forget(ask.id)
        guard let active = active[ask.taskID] else { return }
        perform(active.machine.handle(.answered(askID: ask.driverAskID, optionID: resolution.option)), active)
    }

    /// The agent no longer waits for it.
    func withdraw(_ askID: String, _ active: ActiveTask) {
        guard let ask = asks.values.first(where: { $0.taskID == active.task.id && $0.driverAskID == askID }) else {
            return
        }
        forget(ask.id)
        guard !active.machine.hasEnded else { return }  // endTask closes what is open
        let resolution = PermissionAsk.Resolution(option: nil, by: "withdrawn", at: parts.clock.now())
        active.outbox.add(.resolveAsk(ask.id, resolution))
    }

    func forget(_ id: PermissionID) {
        asks[id] = nil
        parts.clearDeadline(.ask(id))
        sink?.closed(id)
    }
}
