import AgentEngine
import AgentModel
import HostProtocol
import JSON
import JSONRPC
import Store

/// How a host begins and how it ends.
extension Host {
    /// Repairs what earlier hosts left: their processes, their tasks, sessions half removed.
    func recover() {
        store.read { reader throws -> (dead: [HostRecord], hidden: [AgentSession]) in
            (try reader.deadHosts(), try reader.hiddenSessions())
        } then: { [self] result in
            guard case .success(let found) = result else { return }
            for host in found.dead { bury(host) }
            for session in found.hidden { removeFiles(of: session) {} }
            if !found.hidden.isEmpty { purge(PurgeCounts()) { _, _ in } }
        }
        let trash = Folder(path: options.trashRoot)
        files.perform {
            trash.empty()
        } then: { (_: Void) in
        }
    }

    private static let burialMilliseconds: UInt64 = 5000

    /// Buries a host that has died, however long its processes take to go.
    private func bury(_ host: HostRecord) {
        runner.bury(host) { [self] failure in
            guard case .busy = failure else { return }
            after(milliseconds: Self.burialMilliseconds) { [self] in bury(host) }
        }
    }

    /// No more requests will come: what was received is finished, and nobody answers asks any more.
    func inputEnded() {
        runner.takeDefaults()
        guard options.atEndOfInput == .cancel else { return }
        workflows.cancelAll()
        plans.giveAll(.cancel)
        runner.stopAll(.cancelled, keepingDetached: true)
    }

    /// Nobody reads the output any more.
    func lostClient() {
        guard !client.isBroken || shutdown.phase == .serving, !hasLostClient else { return }
        hasLostClient = true
        client.breakDown()
        runner.takeDefaults()
        for call in calls.values where call.task != nil { call.cancel = nil }
        abandonWaits()
        abandonSearches()
        guard options.atDisconnect == .interrupt else { return }
        plans.giveAll(.rest)
        runner.stopAll(.clientGone, keepingDetached: true)
    }

    /// Why a task that was on its way in when the others were stopped is not to run either, if so.
    func causeToStop(_ task: AgentTask) -> StopCause? {
        if shutdown.isEnding { return .hostEnding }
        if hasLostClient, options.atDisconnect == .interrupt, !task.detached { return .clientGone }
        return client.hasInputEnded && options.atEndOfInput == .cancel ? .cancelled : nil
    }

    /// Waiting for tasks of others has no end of its own: without a client it is over.
    private func abandonWaits() {
        for task in waiters.tasks where !runner.owns(task) {
            for waiter in waiters.take(task) {
                waiter(.failure(.broken(reason: "closed", detail: "the client is gone")))
            }
        }
    }

    /// A search may go on for a minute, and nobody will see what it finds.
    private func abandonSearches() {
        for call in calls.values where call.method == Wire.Method.memorySearch.rawValue { cancel(call.id) }
    }

    /// Answers what is open, interrupts what runs, and ends within three seconds.
    func shutDownNow(exitCode: Int32) { perform(shutdown.end(exitCode: exitCode)) }

    func perform(_ effects: [ShutdownSequence.Effect]) {
        for effect in effects {
            switch effect {
            case .setTimer(let milliseconds): setDeadline(.exit, milliseconds: milliseconds)
            case .interrupt:
                runner.endWarmProcesses()
                programs.endAll()
                recordIntent { [self] in interruptAll() }
            case .kill:
                // The store may not have said yet that the intent is recorded.
                interruptAll()
                children.killAll()
            case .refuse: refuseAll()
            }
        }
    }

    private func interruptAll() {
        refuseAll()
        plans.giveAll(.rest)
        runner.stopAll(.hostEnding, keepingDetached: false)
    }

    private func refuseAll() {
        for call in calls.values.sorted(by: { $0.key < $1.key }) {
            waitingForLane[call.key.number] = nil
            fail(call, RPCError(.shuttingDown, "the host is ending"))
        }
    }

    /// Says in the log of each running task that it is about to be interrupted, before it is.
    private func recordIntent(then: @escaping () -> Void) {
        let commands = runner.active.values.filter { !$0.isFenced && !$0.isEndRecorded }.map { active in
            StoreCommand.append(
                active.session.id,
                [
                    EventDraft(
                        .warning, taskID: active.task.id, runID: active.machine.run.id,
                        data: ["message": "The host was told to end; the task will be interrupted."])
                ])
        }
        guard !commands.isEmpty else { return then() }
        store.commit(commands) { _ in then() }
    }

    /// Calls back after a while.
    func after(milliseconds: UInt64, _ then: @escaping () -> Void) {
        lastRequestDeadline += 1
        requestDeadlines[lastRequestDeadline] = then
        setDeadline(.request(lastRequestDeadline), milliseconds: milliseconds)
    }
}
