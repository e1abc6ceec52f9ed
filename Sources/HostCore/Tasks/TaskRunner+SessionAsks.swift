import AgentEngine
import AgentModel
import JSON
import Store

/// Asks of what runs in a session and is no agent: a plan, a workflow.
extension TaskRunner {
    typealias AskWaiter = (PermissionAsk.Resolution) -> Void

    /// Has a durable ask answered: the session's rules decide, else somebody is asked, else its default is taken.
    func offer(_ ask: PermissionAsk, in session: AgentSession, then: @escaping AskWaiter) {
        asks[ask.id] = ask
        recordedAsks.insert(ask.id)
        sessionAsks[ask.id] = then
        let (permissions, folder, tool) = (session.permissions, session.workingDirectory, ask.tool ?? "")
        parts.files.perform {
            let question = PermissionRules.Question(tool: tool, paths: [], inputHash: SHA256.hex(of: ask.input))
            return PermissionRules(permissions, folder: folder.map { RealPath.of($0) }).standing(for: question)
        } then: { [self] standing in
            guard asks[ask.id] != nil else { return }
            guard let standing else { return offer(ask, AskPolicy(permissions)) }
            settle(ask, standing, AskPolicy(permissions))
        }
    }

    private func settle(_ ask: PermissionAsk, _ standing: PermissionRules.Standing, _ policy: AskPolicy) {
        let option = AskPolicy.option(for: standing.decision == .allow ? .allow : .deny, ask.options)
        guard let grant = standing.grant else { return decide(ask.id, option: option, by: "policy") }
        let spending = grant["once"]?.boolValue == true ? [StoreCommand.spendGrant(ask.sessionID, grant)] : []
        decide(ask.id, option: option, by: "grant", with: spending) { [self] in offer(ask, policy) }
    }

    /// Whoever waits for the answer needs none any more.
    func withdraw(_ id: PermissionID) {
        sessionAsks[id] = nil
        if asks[id] != nil { forget(id) }
        close(id)
    }

    private func close(_ id: PermissionID, after refusals: Int = 0) {
        let resolution = PermissionAsk.Resolution(option: nil, by: "withdrawn", at: parts.clock.now())
        // It may have its answer already.
        parts.store.commit([.resolveAsk(id, resolution)]) { [self] result in
            guard case .failure(let failure) = result, failure.isOfStore, refusals < Self.attemptsMax else { return }
            tryAgain(after: refusals + 1) { [weak self] in self?.close(id, after: refusals + 1) }
        }
    }
}
