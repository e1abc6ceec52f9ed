import AgentEngine
import AgentModel
import Driver
import JSON
import Store

/// Whether a run's result is accepted, and the run that follows one whose result is not.
extension TaskRunner {
    private static let checkMilliseconds = 600_000
    private static let checkOutputBytesMax = 16 << 10
    private static let shownBytesMax = 64 << 10

    /// Asks the task's check, then its caller.
    func judge(_ output: String, _ active: ActiveTask) {
        active.judgedOutput = output
        let tell: (String?) -> Void = { [self] in perform(active.machine.handle(.judged($0)), active) }
        check(active) { [self] reason in
            guard reason == nil, active.task.asksToAccept else { return tell(reason) }
            askToAccept(output, active, then: tell)
        }
    }

    private func check(_ active: ActiveTask, then: @escaping (String?) -> Void) {
        guard let command = active.task.check else { return then(nil) }
        let order = HostPrograms.Order(
            program: "/bin/sh", arguments: ["-c", command],
            folder: active.session.workingDirectory ?? active.session.resultsDirectory,
            milliseconds: Self.checkMilliseconds, outputBytesMax: Self.checkOutputBytesMax, joinsErrors: true)
        parts.programs.run(order) { outcome in
            guard outcome.status != 0 else { return then(nil) }
            let output = String(decoding: outcome.output, as: UTF8.self)
            let end = outcome.failure ?? "It ended with \(outcome.status ?? 0)."
            let cut = outcome.isCut ? "\n[... cut]" : ""
            then("The check \(command) failed. \(end)\n\(active.redactor.redacted(output))\(cut)")
        }
    }

    private func askToAccept(_ output: String, _ active: ActiveTask, then: @escaping (String?) -> Void) {
        let now = parts.clock.now()
        let id: PermissionID = parts.clock.id()
        var ask = PermissionAsk(
            id: id, sessionID: active.session.id, taskID: active.task.id, runID: active.machine.run.id,
            driverAskID: "\(id)", kind: .permission, title: "Is the result of the task accepted?", at: now)
        ask.tool = "task.result"
        let shown = RecordLimits.parts(output, bytesMax: Self.shownBytesMax)[0].text
        ask.input = ["output": .string(active.redactor.redacted(shown))]
        ask.options = [
            DriverAsk.Option(id: "accept", title: "Accept", kind: "allow_once"),
            DriverAsk.Option(id: "reject", title: "Reject", kind: "reject_once"),
        ]
        let policy = AskPolicy(active.permissions)
        ask.deadlineAt = now.adding(milliseconds: Int64(policy.deadlineMilliseconds))
        ask.defaultOption = "reject"
        asks[id] = ask
        sessionAsks[id] = { then($0.option == "accept" ? nil : "The caller did not accept it.") }
        active.outbox.add(.insertAsk(ask))
        flush(active)
    }

    /// One more run of the same task, in the same driver session where the agent keeps one.
    func startAgain(_ ended: Run, _ feedback: String, isGone: Bool, _ active: ActiveTask) {
        var old = ended
        old.endedAt = parts.clock.now()
        old.stderrTail = stderrTail(active)
        var run = Run(
            id: parts.clock.id(), taskID: active.task.id, sessionID: active.session.id, driver: ended.driver,
            at: parts.clock.now())
        if active.driver.capabilities.resumes {
            run.driverSessionID = ended.driverSessionID
            run.driverResumed = run.driverSessionID != nil
        }
        active.outbox.add(.updateRun(old))
        active.outbox.add(.insertRun(run))
        active.services?.end()
        active.driverRun = nil
        active.feedback = (feedback, active.judgedOutput)
        perform(active.machine.startAgain(run), active)
        guard let child = active.child, !isGone else { return startDriver(active) }
        active.startsWhenGone = true
        parts.children.stop(child, .finished)
    }

    /// What the agent of a further run is asked: in its own session, what is wrong; else all of it.
    func tellFeedback(_ active: ActiveTask, _ request: inout RunRequest) {
        guard let (reason, output) = active.feedback else { return }
        let asked = "Your result was not accepted:\n\(reason)\nCorrect that, and give the whole result again."
        guard request.resumeID == nil else { return request.task.input = [.text(asked)] }
        let before = output.isEmpty ? "" : "An earlier answer was:\n\(output)\n\n"
        request.task.input.append(.text(before + asked))
    }
}
