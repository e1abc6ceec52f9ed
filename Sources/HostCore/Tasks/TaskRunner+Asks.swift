import AgentEngine
import AgentModel
import Driver
import JSON
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
        durable.paths = ask.paths
        durable.deadlineAt = now.adding(milliseconds: Int64(policy.deadlineMilliseconds))
        durable.defaultOption = policy.defaultOption(for: durable)
        asks[durable.id] = durable
        active.outbox.add(.insertAsk(durable))
    }

    /// An ask is in the log by now: the session's own policy or an answer given before decides, else somebody is asked.
    func announce(_ durable: PermissionAsk, _ active: ActiveTask) {
        guard asks[durable.id] != nil else { return }
        recordedAsks.insert(durable.id)
        let (permissions, folder) = (active.permissions, active.session.workingDirectory)
        parts.files.perform {
            durable.question.flatMap {
                PermissionRules(permissions, folder: folder.map(RealPath.of)).standing(for: $0)
            }
        } then: { [self] standing in
            guard asks[durable.id] != nil else { return }
            guard let standing else { return offer(durable, active) }
            settle(durable, active, standing)
        }
    }

    /// Answers an ask without anybody.
    private func settle(_ durable: PermissionAsk, _ active: ActiveTask, _ standing: PermissionRules.Standing) {
        let option = AskPolicy.option(for: standing.decision == .allow ? .allow : .deny, durable.options)
        guard let grant = standing.grant else { return decide(durable.id, option: option, by: "policy") }
        let isGoodOnce = grant["once"]?.boolValue == true
        let spending = isGoodOnce ? [StoreCommand.spendGrant(active.session.id, grant)] : []
        if isGoodOnce { active.permissions.removeGrant(grant) }
        decide(durable.id, option: option, by: "grant", with: spending) { [self] in
            // Another task of the session has used it.
            offer(durable, active)
        }
    }

    /// Somebody is asked, or the default is taken.
    private func offer(_ durable: PermissionAsk, _ active: ActiveTask) {
        offer(durable, AskPolicy(active.permissions))
    }

    func offer(_ durable: PermissionAsk, _ policy: AskPolicy) {
        guard asks[durable.id] != nil else { return }
        if sink?.opened(durable) == true || (policy.namesDeadline && !isUnattended) {
            parts.setDeadline(.ask(durable.id), UInt64(policy.deadlineMilliseconds))
        } else {
            decide(durable.id, option: durable.defaultOption, by: "policy")
        }
    }

    /// Nobody can answer any more: every open ask takes its default, and so does every later one. Tasks of paused
    /// sessions end.
    func takeDefaults() {
        isUnattended = true
        for id in recordedAsks { decide(id, option: asks[id]?.defaultOption, by: "policy") }
        endsHeld = true
    }

    func askDeadline(_ id: PermissionID) {
        if let ask = asks[id] { decide(id, option: ask.defaultOption, by: "deadline") }
    }

    /// An ask may have been answered through another host, or be gone with its session.
    func lookAtAsk(_ id: PermissionID) {
        guard recordedAsks.contains(id) else { return }
        parts.store.read {
            try $0.ask(id)
        } then: { [self] result in
            guard case .success(let found) = result, var ask = found ?? asks[id] else { return }
            if found == nil {
                ask.resolution = PermissionAsk.Resolution(option: nil, by: "withdrawn", at: parts.clock.now())
            }
            if ask.resolution != nil { resolved(ask) }
        }
    }

    /// Ends an ask by an answer that nobody gives a second time: for as long as the ask is open, the store is asked
    /// until it says who answered it.
    /// - Parameter refused: told when what goes with it is not possible any more.
    func decide(
        _ id: PermissionID, option: String?, by who: String, with more: [StoreCommand] = [], after refusals: Int = 0,
        refused: @escaping () -> Void = {}
    ) {
        resolve(id, option: option, by: who, with: more) { [self] result in
            guard case .failure(let failure) = result, asks[id] != nil else { return }
            if case .refused = failure { return refused() }
            tryAgain(after: refusals + 1) { [weak self] in
                guard let self, asks[id] != nil else { return }
                decide(id, option: option, by: who, with: more, after: refusals + 1, refused: refused)
            }
        }
    }

    /// Ends an ask, unless somebody else has: one conditional update in the store decides.
    func resolve(
        _ id: PermissionID, option: String?, by who: String, with more: [StoreCommand] = [],
        then: @escaping (StoreClient.CommitResult) -> Void
    ) {
        let resolution = PermissionAsk.Resolution(option: option, by: who, at: parts.clock.now())
        parts.store.commit([.resolveAsk(id, resolution)] + more) { [self] result in
            switch result {
            case .success(let commit): if let ask = commit.asks[id] { resolved(ask) }
            case .failure(.refused): break
            // It has an answer, or this one holds all the same.
            case .failure: lookAtAsk(id)
            }
            then(result)
        }
    }

    /// An ask has its answer, from here or from another host.
    func resolved(_ ask: PermissionAsk) {
        guard let asked = asks[ask.id], let resolution = ask.resolution else { return }
        let waiter = sessionAsks[ask.id]
        forget(ask.id)
        if let waiter { return waiter(resolution) }
        guard let active = ask.taskID.flatMap({ active[$0] }) else { return }
        let answer = { [self] in
            perform(active.machine.handle(.answered(askID: ask.driverAskID, optionID: resolution.option)), active)
        }
        guard let kind = asked.options.first(where: { $0.id == resolution.option })?.kind, kind.hasSuffix("_always")
        else { return answer() }
        keep(kind == "allow_always" ? .allow : .deny, for: asked, active, then: answer)
    }

    /// An answer for good: the session's later asks have it, also those that the agent makes once it has heard it.
    private func keep(
        _ decision: PermissionRules.Decision, for ask: PermissionAsk, _ active: ActiveTask, then: @escaping () -> Void
    ) {
        let folder = active.session.workingDirectory
        parts.files.perform {
            ask.question.map { PermissionRules.lasting(decision, $0, folder: folder.map(RealPath.of)) }
        } then: { [self] rule in
            defer { then() }
            guard let rule else { return }
            active.permissions.addGrant(rule)
            guard !active.isEndRecorded, !active.isFenced else { return }
            active.outbox.add(.grant(active.session.id, rule))
            flush(active)
        }
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
        sessionAsks[id] = nil
        recordedAsks.remove(id)
        parts.clearDeadline(.ask(id))
        sink?.closed(id)
    }
}

extension PermissionAsk {
    /// What it puts to the session's rules; `nil` for what is no matter of consent. Looks at the file system.
    fileprivate var question: PermissionRules.Question? {
        guard kind == .permission, let tool else { return nil }
        return PermissionRules.Question(
            tool: tool, paths: paths.map(RealPath.of), inputHash: SHA256.hex(of: input))
    }
}
