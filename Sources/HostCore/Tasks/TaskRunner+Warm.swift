import AgentEngine
import AgentModel
import Driver

/// Processes that outlive their run, to serve the next one of their driver session.
extension TaskRunner {
    /// Keeps the process of a run that has completed, if it said that it can go on.
    /// - Returns: whether it is kept; else it is to be ended.
    func park(_ active: ActiveTask) -> Bool {
        guard let key = active.warmKey, let child = active.child, warm.takesAny, !isUnattended, !active.isFenced,
            active.ending?.result.status == .completed, parts.children.isAlive(child)
        else { return false }
        active.keptErrors = stderrTail(active)
        active.child = nil
        parts.children.setPaused(child, false)
        parts.children.adopt(child) {
        } tell: { [weak self] event in
            self?.heardWarm(child, event)
        }
        let torn = active.chunk.lastIndex(of: UInt8(ascii: "\n")).map { Array(active.chunk[($0 + 1)...]) } ?? []
        endWarm(
            warm.park(
                child, key, servedLast: active.machine.run.id, torn: torn, at: parts.clock.monotonicMilliseconds()))
        return true
    }

    /// Has a process that waits serve a run, if there is one that would have been started the same.
    func reuse(for spec: ProcessSpec, _ active: ActiveTask) -> Bool {
        guard let key = spec.warmKey else { return false }
        let (found, ended) = warm.take(key, lastRun: active.previousRun)
        endWarm(ended)
        guard let found, parts.children.isAlive(found.child) else { return false }
        let generation = active.generation
        parts.children.adopt(found.child) { [weak self, weak active] in
            guard let self, let active else { return }
            feed(.cancel, active, generation)
        } tell: { [weak self] event in
            self?.heard(event, active, generation)
        }
        active.child = found.child
        active.reused = ActiveTask.Reused(torn: found.torn)
        return true
    }

    private func heardWarm(_ child: ChildID, _ event: ChildEvent) {
        switch event {
        case .output(let bytes): endWarm(warm.heard(child, bytes))
        case .outputEnded, .exited:
            warm.exited(child)
            parts.children.stop(child, .finished)
        case .spawned, .spawnFailed, .gone: break
        }
    }

    private func endWarm(_ children: [ChildID]) {
        for child in children { parts.children.stop(child, .finished) }
        guard let due = warm.nextDue else { return parts.clearDeadline(.warm) }
        let now = parts.clock.monotonicMilliseconds()
        parts.setDeadline(.warm, due > now ? due - now : 0)
    }

    func warmDeadline() { endWarm(warm.due(at: parts.clock.monotonicMilliseconds())) }

    /// Ends all that wait: the host is about to end.
    func endWarmProcesses() { if warm.count > 0 { endWarm(warm.drain()) } }
}
