import AgentEngine
import AgentModel
import HostProtocol
import JSON
import Store

/// What the client is told without having asked at that moment: events once they are durable, deltas as they come.
extension Host {
    /// A commit of this host: its events go out in their order, before any reply that waits for it.
    func publish(_ commit: StoreCommit) {
        for event in commit.events { publish(event) }
        embedder?.remembered(commit.memories.map(\.document))
    }

    private func publish(_ event: Event) {
        if let task = event.taskID {
            for piece in liveView.release(task) { tell(piece) }
        }
        let isStreamed =
            event.taskID.map { liveView.streamed.contains($0) } ?? liveView.streamedSessions.contains(event.sessionID)
        switch subscriptions.take(event, canTell: !client.areAgentsPaused) {
        case .tell(let previous): tell(event, previous)
        case .leftOut where isStreamed && subscriptions[event.sessionID]?.wants(event) == false: tell(event, nil)
        case .none where isStreamed: tell(event, nil)
        case .none, .leftOut, .later: break
        }
        if event.type.isTerminal, let task = event.taskID { liveView.streamed.remove(task) }
    }

    private func tell(_ event: Event, _ previous: Int?) {
        guard !clientCapabilities.optedOut.contains(event.type) else { return }
        client.notify(
            event.taskID == nil ? "session.event" : "task.event", Wire.LiveEvent(event, previous: previous).json)
    }

    private func tell(_ piece: LiveView.Piece) {
        guard !clientCapabilities.optedOutOfDeltas.contains(piece.delta.type.rawValue) else { return }
        client.notify(
            "task.event",
            Wire.LiveEvent(
                sessionID: "\(piece.session)", taskID: "\(piece.task)", runID: "\(piece.run)", afterSeq: piece.afterSeq,
                at: "\(piece.at)", type: .init(rawValue: piece.delta.type.rawValue),
                data: [
                    "message_id": .string(piece.delta.messageID), "offset_bytes": .int(Int64(piece.delta.offsetBytes)),
                    "text": .string(piece.delta.text),
                ]
            ).json)
    }

    /// The client has caught up: what was held back of the live view goes out.
    func releaseDeltas() { for piece in liveView.release() { tell(piece) } }

    // MARK: - Subscriptions

    /// Reads on for the subscriptions that have fallen behind, a page at a time.
    func feedSubscriptions() {
        for session in subscriptions.behind {
            guard let subscription = subscriptions[session] else { continue }
            // A commit during the read sets it again: the read may be of the state before.
            subscriptions[session]?.isBehind = false
            subscriptions[session]?.isReading = true
            var range = EventRange()
            range.afterSeq = subscription.cursor
            range.limit = 200
            range.bytesLimit = 256 << 10
            store.read { [range] in
                try $0.events(session, range)
            } then: { [self] result in
                fed(session, from: range.afterSeq, result)
            }
        }
    }

    private func fed(_ session: SessionID, from cursor: Int, _ result: Result<[Event], StoreFailure>) {
        // One that has begun anew elsewhere in the log meanwhile has a read of its own.
        guard var subscription = subscriptions[session], subscription.cursor == cursor else { return }
        subscription.isReading = false
        guard case .success(let events) = result else {
            subscriptions[session] = subscription
            return after(milliseconds: 50) { [self] in subscriptions[session]?.isBehind = true }
        }
        if !events.isEmpty { subscription.isBehind = true }
        for event in events where event.seq > subscription.cursor {
            subscription.cursor = event.seq
            guard subscription.wants(event) else { continue }
            let previous = subscription.toldSeq
            subscription.toldSeq = event.seq
            tell(event, subscription.isFiltered ? previous : nil)
        }
        subscriptions[session] = subscription
    }

    /// Whether somebody here waits for what other hosts do.
    var needsNews: Bool {
        subscriptions.count > 0 || !runner.isIdle || !runner.asks.isEmpty || !plans.isIdle
            || (!waiters.isEmpty && waiters.tasks.contains { !runner.owns($0) })
    }

    /// Another process has committed something.
    func changedElsewhere() {
        subscriptions.markAllBehind()
        for session in runner.heldSessions { runner.resume(session) }
        for task in waiters.tasks where !runner.owns(task) { lookAtWaited(task) }
        for ask in runner.asks.keys { runner.lookAtAsk(ask) }
        guard !runner.isIdle || !plans.isIdle else { return }
        lookForRequests()
        runner.lookForLostTasks()
    }

    /// What others ask of this host is forgotten once it was heard, so that a store that fails loses nothing of it. Who
    /// asks something of a task that is only on its way in is heard later.
    private func lookForRequests() {
        store.read { [host = store.hostID] reader throws -> [(request: OwnerRequest, isOpen: Bool)] in
            try reader.ownerRequests(host).map { ($0, try reader.task($0.taskID)?.status.isFinal == false) }
        } then: { [self] result in
            let found = (try? result.get()) ?? []
            let done = found.filter { heard($0.request) || !$0.isOpen }.map(\.request)
            if !done.isEmpty { store.commit([.forgetOwnerRequests(done)]) { _ in } }
            if case .success = result, done.count == found.count { return }
            guard !isLookingForRequests else { return }
            isLookingForRequests = true
            after(milliseconds: Self.requestsMilliseconds) { [self] in
                isLookingForRequests = false
                if !runner.isIdle || !plans.isIdle { lookForRequests() }
            }
        }
    }

    private static let requestsMilliseconds: UInt64 = 50

    /// From now on looks now and then whether other hosts have died: a dead host commits nothing, so that no change
    /// tells of it.
    func watchOtherHosts() {
        guard !isWatchingOtherHosts else { return }
        isWatchingOtherHosts = true
        setDeadline(.otherHosts, milliseconds: Self.otherHostsMilliseconds)
    }

    /// Buries the hosts that have died, while somebody here waits for what others do.
    func lookAtOtherHosts() {
        isWatchingOtherHosts = false
        guard subscriptions.count > 0 || waiters.tasks.contains(where: { !runner.owns($0) }) else { return }
        watchOtherHosts()
        store.read {
            try $0.deadHosts()
        } then: { [self] result in
            for host in (try? result.get()) ?? [] {
                runner.bury(host) { [self] failure in
                    guard failure == nil else { return }
                    for task in waiters.tasks where !runner.owns(task) { lookAtWaited(task) }
                }
            }
        }
    }

    /// Returns whether it concerns what this host looks after.
    private func heard(_ request: OwnerRequest) -> Bool {
        switch request.kind {
        case .cancel:
            let plan = request.detail["plan_id"]?.stringValue.flatMap(PlanID.init).flatMap(plans.execution)
            if let plan { plan.give(.cancel) } else { runner.stop(request.taskID, .cancelled) }
            return plan != nil || runner.owns(request.taskID)
        }
    }

    /// Tells those who wait for a task of another host's, if it has ended.
    /// - Parameter refusals: of the store in a row. It is asked again for some seconds, then they are told why.
    func lookAtWaited(_ id: TaskID, after refusals: Int = 0) {
        watchOtherHosts()
        store.read { reader throws -> (EndedTask?, holder: HostRecord?) in
            guard let task = try reader.task(id) else { return (nil, nil) }
            let dead = task.status.isFinal ? nil : try reader.deadHosts().first { $0.id == task.hostID }
            return (EndedTask(task: task, artifacts: try reader.artifacts(of: id)), dead)
        } then: { [self] result in
            switch result {
            case .success(let (ended?, dead)):
                if ended.task.status.isFinal {
                    for waiter in waiters.take(id) { waiter(.success(ended)) }
                } else if let dead {
                    // One that cannot be buried yet is looked at again, with the other hosts.
                    runner.bury(dead) { [self] failure in if failure == nil { lookAtWaited(id) } }
                }
            case .success((nil, _)): for waiter in waiters.take(id) { waiter(.failure(.notFound("\(id)"))) }
            case .failure(let failure) where failure.isOfStore && refusals < Self.lookRefusalsMax:
                return runner.tryAgain(after: refusals + 1) { [weak self] in
                    self?.lookAtWaited(id, after: refusals + 1)
                }
            case .failure(let failure): for waiter in waiters.take(id) { waiter(.failure(failure)) }
            }
            for goOn in waiters.hasTold(of: id) { goOn() }
        }
    }

    private static let lookRefusalsMax = 10
}

extension Host: TaskSink {
    func heard(_ delta: OpenText.Delta, task: AgentTask, run: RunID, afterSeq: Int) {
        let isWanted = liveView.streamed.contains(task.id) || subscriptions[task.sessionID]?.wantsDeltas == true
        guard isWanted, !client.isBroken else { return }
        let piece = LiveView.Piece(
            delta: delta, session: task.sessionID, task: task.id, run: run, afterSeq: afterSeq, at: clock.now())
        if client.areDeltasHeld { liveView.hold(piece) } else { tell(piece) }
    }

    func ended(_ task: TaskID, in session: SessionID, _ failure: StoreFailure?) {
        liveView.streamed.remove(task)
        _ = liveView.release(task)
        if let failure {
            for waiter in waiters.take(task) { waiter(.failure(failure)) }
        } else if waiters.tasks.contains(task) {
            waiters.willTell(of: task, in: session)
            lookAtWaited(task)
        }
    }
}
