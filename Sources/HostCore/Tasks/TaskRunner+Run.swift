import AgentEngine
import AgentModel
import Driver
import JSON
import Store

/// A running task: what its driver and its machine ask for.
extension TaskRunner {
    /// Begins the machine's present run.
    func startDriver(_ active: ActiveTask) {
        active.generation += 1
        active.child = nil
        active.startsWhenGone = false
        active.services = nil
        active.reused = nil
        active.warmKey = nil
        var request = RunRequest(
            runID: active.machine.run.id, session: active.session, task: active.task, connection: active.connection)
        request.memories = active.memories
        request.guidance = Self.guidance(of: active.session)
        if active.machine.run.driverResumed { request.resumeID = active.machine.run.driverSessionID }
        if let origin = active.machine.run.forkedFrom { (request.resumeID, request.forks) = (origin, true) }
        if request.resumeID == nil {
            request.record = active.record
            request.task.context = active.background.map(JSON.string) ?? request.task.context
        } else {
            request.opening = active.opening
        }
        goOn(active, &request)
        tellFeedback(active, &request)
        if let schema = active.task.outputSchema, !active.driver.capabilities.structuredOutput {
            request.task.input.append(.text(StructuredAnswer.instruction(schema)))
        }
        if request.resumeID == nil || request.forks, active.driver.capabilities.acceptsSessionID {
            let isFirst =
                active.session.driverSessions.isEmpty && !active.hasForgotten && active.machine.run.fallback == nil
            request.offeredID = (isFirst ? active.session.id.uuid : parts.clock.uuid()).description
        }
        active.driverRun = active.driver.makeRun(request)
        feed(.start, active, active.generation)
    }

    /// A run that goes on where another stopped: from what the driver said of its own state, or in the agent's own
    /// session. One whose agent has lost that begins with the prompt.
    private func goOn(_ active: ActiveTask, _ request: inout RunRequest) {
        guard let continuation = active.continuation, active.machine.run.fallback == nil, active.feedback == nil else {
            return
        }
        if active.driver.capabilities.checkpoints, continuation.state != nil {
            request.continuation = continuation
            request.record = nil
        } else if let resumeID = request.resumeID {
            request.task.input = continuation.input(for: active.task.input, resumeID: resumeID)
        }
    }

    /// Gives the driver's machine something and does what it asks for.
    func feed(_ input: DriverInput, _ active: ActiveTask, _ generation: Int) {
        guard generation == active.generation, let effects = active.driverRun?.handle(input) else { return }
        for effect in effects {
            switch effect {
            case .spawn(let spec):
                active.redactor = Redactor(
                    parts.environment.variables.filter { spec.inherits.contains($0.key) },
                    secret: active.connection?.passwordEnv)
                active.services = services(active, spec)
                if !reuse(for: spec, active) { spawn(spec, active) }
            case .write(let bytes): if let child = active.child { parts.children.write(child, bytes) }
            case .closeInput: if let child = active.child { parts.children.closeInput(child) }
            case .serve(let id, let service): serve(id, service, active, generation)
            case .keepWarm(let key): active.warmKey = key
            case .emit(let event): perform(active.machine.handle(.driver(event)), active)
            case .finish(let outcome):
                active.services?.end()
                active.findings = outcome.findings
                perform(active.machine.handle(.driverFinished(outcome)), active)
            }
        }
        // What the run wanted to say first has been said.
        guard let torn = active.reused?.torn else { return }
        active.reused?.torn = nil
        feed(.reused, active, generation)
        if !torn.isEmpty { feed(.output(torn), active, generation) }
    }

    /// Nothing has come to end its run.
    private func isRunning(_ active: ActiveTask) -> Bool { active.machine.isRunning && !active.isFenced }

    private func spawn(_ spec: ProcessSpec, _ active: ActiveTask) {
        let generation = active.generation
        guard let executable = parts.environment.executable(spec.executable) else {
            return feed(.spawnFailed("\(spec.executable) is not there or cannot be run"), active, generation)
        }
        var child = ChildSpec(
            executable: executable, arguments: spec.arguments,
            environment: parts.environment.assignments(inheriting: spec.inherits, adding: spec.environment)
                + [RunToken.assignment(parts.store.hostID)],
            workingDirectory: spec.workingDirectory, token: RunToken.assignment(active.machine.run.id))
        child.memoryBytesMax = spec.memoryBytesMax
        child.processorSecondsMax = spec.processorSecondsMax
        child.fileBytesMax = spec.fileBytesMax
        active.child = parts.children.spawn(child) { [weak self, weak active] in
            guard let self, let active else { return }
            feed(.cancel, active, generation)
        } tell: { [weak self] event in
            self?.heard(event, active, generation)
        }
    }

    func heard(_ event: ChildEvent, _ active: ActiveTask, _ generation: Int) {
        switch event {
        case .spawned: feed(.spawned, active, generation)
        case .spawnFailed(let why): feed(.spawnFailed(why), active, generation)
        case .output(let bytes):
            active.reused?.wasHeard = true
            active.chunk = bytes
            feed(.output(bytes), active, generation)
            active.chunk = []
            flush(active)
        case .exited where generation == active.generation && active.reused?.wasHeard == false && isRunning(active):
            // It had died before it heard of the task.
            startDriver(active)
        case .outputEnded: feed(.outputEnded, active, generation)
        case .exited(let status):
            let errors = stderrTail(active)
            if !errors.isEmpty { feed(.errorOutput(errors), active, generation) }
            feed(.exited(status), active, generation)
        case .gone:
            guard generation == active.generation else { return }
            if active.startsWhenGone, active.machine.isRunning, !active.isFenced { return startDriver(active) }
            perform(active.machine.handle(.gone), active)
        }
        if case .output = event {} else { flush(active) }
    }

    /// Does what the task's machine asks for.
    func perform(_ effects: [TaskMachine.Effect], _ active: ActiveTask) {
        for effect in effects { perform(effect, active) }
        flush(active)
    }

    private func perform(_ effect: TaskMachine.Effect, _ active: ActiveTask) {
        switch effect {
        case .record(let drafts):
            let isPlain = active.redactor.isEmpty
            active.outbox.add(isPlain ? drafts : drafts.map(active.redactor.redacted), active.session.id)
        case .delta(var delta):
            if !active.redactor.isEmpty { delta.text = active.redactor.redacted(delta.text) }
            active.outbox.add(delta)
        case .setTimer(let timer, let milliseconds):
            parts.setDeadline(.task(active.task.id, timer), UInt64(max(0, milliseconds)))
        case .stopProcess(let pace): stopProcess(active, pace)
        case .openAsk(let ask): open(ask, active)
        case .withdrawAsk(let askID): withdraw(askID, active)
        case .answerDriver(let askID, let optionID):
            feed(.answer(askID: askID, optionID: optionID), active, active.generation)
        case .keepDriverSession(let run): keepDriverSession(run, active)
        case .keepUsage(let run, let changes):
            active.outbox.keep(run, changes)
            tellSpending(of: active)
        case .keepArtifact(let path): keep(path, active)
        case .saveCheckpoint(let turn, let state):
            let draft = CheckpointDraft(
                id: parts.clock.id(), runID: active.machine.run.id, taskID: active.task.id, turn: turn,
                driver: active.redactor.isEmpty ? state : active.redactor.redacted(state))
            active.outbox.add(.saveCheckpoint(active.session.id, draft))
        case .startFresh(let ended, let reason): startFresh(ended, reason, active)
        case .judge(let output): judge(output, active)
        case .startAgain(let ended, let feedback, let isGone): startAgain(ended, feedback, isGone: isGone, active)
        case .end(let run, let result):
            tellSpending(of: active)
            end(run, result, active)
        }
    }

    /// Others that spend of the same purse have so much less.
    private func tellSpending(of active: ActiveTask) {
        for (task, spent) in spending.heard(active.machine.used, of: active.task.id) {
            guard let other = self.active[task] else { continue }
            perform(other.machine.handle(.spentBeside(spent)), other)
        }
    }

    private func stopProcess(_ active: ActiveTask, _ pace: StopLadder.Pace) {
        if active.machine.hasEnded, park(active) { return }
        if let child = active.child {
            parts.children.stop(child, pace)
        } else if !active.machine.hasEnded {
            // There is no process: nothing of the run is left.
            perform(active.machine.handle(.gone), active)
        }
    }

    private func keepDriverSession(_ run: Run, _ active: ActiveTask) {
        handOn(run, active)
        active.outbox.add(.updateRun(run))
    }

    /// Keeps the agent's own session for the tasks to come, unless this task alone was to start afresh.
    private func handOn(_ run: Run, _ active: ActiveTask) {
        let known = active.session.driverSessions[run.driver]
        guard let id = run.driverSessionID, id != known, active.task.resumption || known == nil else { return }
        active.outbox.add(.setDriverSession(active.session.id, driver: run.driver, id: id))
    }

    /// The agent no longer knows its session: one more run, in a new one.
    private func startFresh(_ ended: Run, _ reason: String, _ active: ActiveTask) {
        var old = ended
        old.endedAt = parts.clock.now()
        old.stderrTail = stderrTail(active)
        var run = Run(
            id: parts.clock.id(), taskID: active.task.id, sessionID: active.session.id, driver: ended.driver,
            at: parts.clock.now())
        run.fallback = reason
        active.outbox.add(.updateRun(old))
        active.outbox.add(.insertRun(run))
        if let child = active.child { parts.children.stop(child, .finished) }
        // The lost run's process is heard no more.
        active.generation += 1
        active.child = nil
        active.driverRun = nil
        perform(active.machine.start(run), active)
        startWithRecord(active)
    }

    // MARK: - Files

    /// Looks at a file that the agent says it wrote, and records it.
    private func keep(_ path: String, _ active: ActiveTask) {
        guard active.announced.insert(path).inserted else { return }
        active.artifactsPending += 1
        let folder = active.folder
        parts.files.perform { () -> Result<Folder.Facts, Folder.Failure> in
            do throws(Folder.Failure) { return .success(try folder.facts(path)) } catch { return .failure(error) }
        } then: { [self] result in
            active.artifactsPending -= 1
            switch result {
            case .success(let facts): record(facts, active)
            case .failure:
                let message = "The agent told of a file that is not in the results folder: \(path)"
                active.outbox.add(
                    [
                        EventDraft(
                            .warning, taskID: active.task.id, runID: active.machine.run.id,
                            data: ["message": .string(message)])
                    ], active.session.id)
            }
            finishEnding(active)
            flush(active)
        }
    }

    private func record(_ facts: Folder.Facts, _ active: ActiveTask) {
        active.outbox.add(
            .insertArtifact(
                Artifact(
                    sessionID: active.session.id, taskID: active.task.id, path: facts.path, bytes: facts.bytes,
                    sha256: facts.sha256, mediaType: MediaType.of(facts.path), createdAt: parts.clock.now())))
    }

    // MARK: - End

    private func end(_ run: Run, _ result: TaskResult, _ active: ActiveTask) {
        parts.clearDeadline(.task(active.task.id, .timeout))
        parts.clearDeadline(.task(active.task.id, .stall))
        for ask in asks.values where ask.taskID == active.task.id { forget(ask.id) }
        active.ending = (run, result)
        guard !active.isFenced else { return leave(active) }
        let longOutput = shorten(active)
        // Files that nobody told of are found by what the folder held before.
        active.artifactsPending += 1
        let (folder, before, announced) = (active.folder, active.stampsBefore, active.announced)
        parts.files.perform { () -> [Folder.Facts] in
            if let longOutput { try? folder.write(longOutput.name, longOutput.text) }
            let new = folder.stamps().filter { before[$0.key] != $0.value && !announced.contains($0.key) }
            return new.keys.sorted().prefix(1000).compactMap { try? folder.facts($0) }
        } then: { [self] found in
            active.artifactsPending -= 1
            for facts in found { record(facts, active) }
            finishEnding(active)
            flush(active)
        }
    }

    /// An answer that is too long for a line becomes a file; the result keeps its beginning and names it.
    private func shorten(_ active: ActiveTask) -> (name: String, text: String)? {
        guard let output = active.ending?.result.output, output.utf8.count > Self.outputBytesMax else { return nil }
        let name = "output-\(active.task.id.short).txt"
        let head = RecordLimits.parts(output, bytesMax: Self.outputHeadBytes)[0].text
        active.ending?.result.output = head + "\n[... \(output.utf8.count) bytes in all: see the artifact \(name)]"
        return (name, active.redactor.redacted(output))
    }

    private static let outputBytesMax = 4 << 20
    private static let outputHeadBytes = 64 << 10

    /// Records the end once nothing is left that belongs before it.
    private func finishEnding(_ active: ActiveTask) {
        guard active.artifactsPending == 0, !active.isEndRecorded, let ending = active.ending else { return }
        active.isEndRecorded = true
        var (run, result) = ending
        run.endedAt = parts.clock.now()
        run.stderrTail = stderrTail(active)
        result.durationMilliseconds = Int(parts.clock.monotonicMilliseconds() - active.startedAtMilliseconds)
        handOn(run, active)
        active.outbox.add(.updateRun(run))
        remember(active, run, result)
        if active.session.projectID != nil, !active.driver.capabilities.resumes {
            // Its agent keeps no session: the host's is the one to go on in.
            active.outbox.add(.useInProject(active.session.id, driver: run.driver, source: active.task.source))
        }
        active.outbox.add(.endTask(active.task.id, active.redactor.redacted(result)))
    }

    func stderrTail(_ active: ActiveTask) -> String {
        active.redactor.redacted(active.child.map(parts.children.stderrTail) ?? active.keptErrors ?? "")
    }
}
