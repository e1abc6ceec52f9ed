package import AgentModel
package import JSON

/// A running task, from its start to its one result. It decides; its caller records, spawns, waits and tells.
///
/// ```
///              driverFinished (no cause yet) ------------------------> ended, process ended in the background
/// running ---< driverFinished, driver session lost, first time ------> running, in a new driver session
///              driverFinished, somebody has to accept it ----> judging, then ended, or running once more
///              stop(cause), timer, limit ---> stopping ---- gone ----> ended
/// ```
///
/// Invariants: exactly one `end` effect; the first cause decides status and stop reason; after `end` every input is
/// a no-op; every ask is answered or withdrawn by then.
package struct TaskMachine: Sendable {
    package struct Limits: Hashable, Sendable {
        package var stallMilliseconds = 600_000
        package var messageBytesMax = 1 << 20
        package var stateBytesMax = 4 << 20
        package var stateDepthMax = 200

        package init() {}
    }

    package enum Timer: Hashable, Sendable {
        case timeout
        case stall
    }

    package enum Input: Hashable, Sendable {
        case driver(DriverEvent)
        /// Something that the run does shows that it goes on, without the agent having said anything.
        case signOfLife
        case driverFinished(RunOutcome)
        /// Nothing of the run's processes is left.
        case gone
        case stop(StopCause)
        case timer(Timer)
        /// `nil`: cancelled.
        case answered(askID: String, optionID: String?)
        /// What came of `judge`: why the result is not accepted; `nil`: it is.
        case judged(String?)
        /// By others, of the purse that the session shares with them.
        case spentBeside(Usage)
    }

    package enum Effect: Hashable, Sendable {
        case record([EventDraft])
        case delta(OpenText.Delta)
        case setTimer(Timer, milliseconds: Int)
        case stopProcess(StopLadder.Pace)
        case openAsk(DriverAsk)
        /// The agent no longer waits for it.
        case withdrawAsk(askID: String)
        case answerDriver(askID: String, optionID: String?)
        /// The agent's own session is known by now: keep it with the run and the session.
        case keepDriverSession(Run)
        /// What the run has used by now, and where driver sessions stand: keep it, should the run die.
        case keepUsage(Run, [ReadingChange])
        /// Look at this file of the results folder and record it.
        case keepArtifact(path: String)
        /// Keep where the task stands after so many turns, and what the driver says of its own state.
        case saveCheckpoint(turn: Int, state: JSON)
        /// End the present run and begin another in a new driver session.
        case startFresh(ended: Run, reason: String)
        /// Find out whether the result is accepted: by the task's check, then by its caller.
        case judge(output: String)
        /// End the present run and begin another, whose agent is told why: at once if nothing of it is left, else when
        /// nothing is.
        case startAgain(ended: Run, feedback: String, isGone: Bool)
        case end(Run, TaskResult)
    }

    private enum Phase: Hashable { case running, judging, stopping(StopCause), ended }

    package let task: AgentTask
    package private(set) var run: Run
    /// As it was when the task started.
    private let session: AgentSession?
    private let limits: Limits
    private var phase = Phase.running
    private var outcome: RunOutcome?
    private var openText: OpenText
    private var lastMessage = ""
    private var openAsks: Set<String> = []
    private var turns = 0
    /// This is the run that follows one whose driver session was lost.
    private var isAfresh = false
    private var wasHeard = false
    /// Which of the runs that the task may take this is.
    private var iteration = 1
    /// The process was gone while the result was judged.
    private var isGone = false
    private var ledger: UsageLedger
    /// The driver session that the run goes on with, or goes off from.
    private var resumedID: String?
    /// What ended runs of this task have used.
    private var spentBefore = Usage.none
    /// By others, of the purse that the session shares with them.
    private var spentBeside: Usage?

    /// - Parameters:
    ///   - session: as it is at the start, for its budget.
    ///   - reading: where the driver session stood that the run resumes; `nil` when nobody has read it.
    ///   - turns: that were taken by what the run goes on from; they count against the limit.
    ///   - rejectedRuns: of the task that this one goes on with; they count as its own, but one is always left.
    package init(
        task: AgentTask, in session: AgentSession? = nil, run: Run, reading: UsageReading? = nil, turns: Int = 0,
        rejectedRuns: Int = 0, limits: Limits
    ) {
        self.turns = turns
        iteration = 1 + max(0, min(rejectedRuns, task.maxIterations - 1))
        self.task = task
        self.session = session
        self.run = run
        self.limits = limits
        ledger = UsageLedger(
            run.forkedFrom != nil ? .forked(reading) : run.driverResumed ? .resumed(reading) : .new)
        resumedID = run.forkedFrom ?? (run.driverResumed ? run.driverSessionID : nil)
        openText = OpenText(bytesMax: limits.messageBytesMax)
    }

    package var hasEnded: Bool { phase == .ended }
    /// No cause has come to end it.
    package var isRunning: Bool { phase == .running }

    /// The run has started; also for the run that follows `startFresh`.
    package mutating func start(_ run: Run? = nil) -> [Effect] {
        if let run {
            self.run = run
            isAfresh = true
            ledger = UsageLedger(.new)
            resumedID = nil
        }
        var effects = [Effect.setTimer(.stall, milliseconds: limits.stallMilliseconds)]
        if run == nil, let timeout = task.timeoutMilliseconds {
            effects.append(.setTimer(.timeout, milliseconds: timeout))
        }
        return effects
    }

    package mutating func handle(_ input: Input) -> [Effect] {
        if phase == .ended { return [] }
        switch input {
        case .driver(let event):
            wasHeard = true
            return handle(event)
        case .signOfLife:
            wasHeard = true
            return []
        case .driverFinished(let outcome): return finished(outcome)
        case .gone: return gone()
        case .stop(let cause): return stop(cause)
        case .timer(.timeout): return stop(.timedOut(milliseconds: task.timeoutMilliseconds ?? 0))
        case .timer(.stall): return stallDeadline()
        case .judged(let reason): return judged(reason)
        case .spentBeside(let usage):
            spentBeside = usage
            return phase == .running || phase == .judging ? checkBudget() : []
        case .answered(let askID, let optionID):
            guard openAsks.remove(askID) != nil else { return [] }
            return [.answerDriver(askID: askID, optionID: optionID)]
        }
    }

    private mutating func handle(_ event: DriverEvent) -> [Effect] {
        switch event {
        case .driverSession(let id, let resumed):
            run.driverSessionID = id
            run.driverResumed = resumed
            if !resumed, let resumedID, id != resumedID, run.forkedFrom == nil { beganAnew() }
            return [.keepDriverSession(run)]
        case .textDelta(let id, let text): return add(.text, id, text)
        case .thoughtDelta(let id, let text): return add(.thought, id, text)
        case .message(let id, let role, let text):
            openText.close(id: id)
            if role == "assistant" { lastMessage = text }
            return record(message: id, role, text)
        case .toolStarted(let id, let name, let title, let input):
            var data: JSONObject = ["tool_id": .string(id), "name": .string(name), "input": bounded(input)]
            data["title"] = title.map(JSON.string)
            return record(.toolStarted, data)
        case .toolUpdated(let id, let data):
            return record(.toolUpdated, ["tool_id": .string(id), "data": bounded(data)])
        case .toolFinished(let id, let isError, let output):
            return record(
                .toolFinished, ["tool_id": .string(id), "is_error": .bool(isError), "output": bounded(output)])
        case .planUpdated(let entries): return record(.agentPlanUpdated, ["entries": bounded(entries)])
        case .progress(let done, let total, let message):
            var data: JSONObject = ["done": .number(done)]
            data["total"] = total.map(JSON.number)
            data["message"] = message.map(JSON.string)
            return record(.progress, data)
        case .warning(let message): return record(.warning, ["message": .string(message)])
        case .turnEnded:
            turns += 1
            return turns > task.recursionLimit ? stop(.recursionLimit(task.recursionLimit)) : []
        case .checkpoint(let state): return checkpoint(state)
        case .usage(let usage):
            ledger.hear(usage: usage)
            return billed()
        case .usageTotal(let count):
            ledger.hear(total: count)
            return billed()
        case .usageBefore(let count):
            guard let found = ledger.hear(before: count),
                let change = change(resumedID, found.reading, rise: found.rise)
            else { return [] }
            return [.keepUsage(run, [change])]
        case .ask(let ask):
            guard phase == .running else { return [.answerDriver(askID: ask.id, optionID: nil)] }
            openAsks.insert(ask.id)
            return [.openAsk(ask)]
        case .askWithdrawn(let askID):
            return openAsks.remove(askID) == nil ? [] : [.withdrawAsk(askID: askID)]
        case .artifact(let path): return [.keepArtifact(path: path)]
        case .raw(let line): return record(.raw, ["line": bounded(line)])
        }
    }

    private mutating func add(_ type: OpenText.DeltaType, _ id: String, _ text: String) -> [Effect] {
        let added = openText.add(type, id: id, text)
        return [.delta(added.delta)] + (added.part.map { record($0.type, $0.data) } ?? [])
    }

    private func record(_ type: EventType, _ data: JSONObject) -> [Effect] {
        [.record([EventDraft(type, taskID: task.id, runID: run.id, data: data)])]
    }

    /// A state that cannot be kept is as good as none: the next one may fit.
    private func checkpoint(_ state: JSON) -> [Effect] {
        guard state.isWithin(depth: limits.stateDepthMax), state.encoded().count <= limits.stateBytesMax else {
            let message =
                "The agent's state after turn \(turns) is not kept: it takes more than \(limits.stateBytesMax) bytes, "
                + "or more than \(limits.stateDepthMax) arrays and objects inside each other."
            return record(.warning, ["message": .string(message)])
        }
        return [.saveCheckpoint(turn: turns, state: state)]
    }

    private func bounded(_ json: JSON) -> JSON { RecordLimits.bounded(json, bytesMax: limits.messageBytesMax) }

    /// A message is one record, or several in a row when it is longer than a record may be.
    private func record(message id: String, _ role: String, _ text: String) -> [Effect] {
        let parts = RecordLimits.parts(text, bytesMax: limits.messageBytesMax)
        let drafts = parts.map { part in
            var data: JSONObject = ["message_id": .string(id), "role": .string(role), "text": .string(part.text)]
            if parts.count > 1 {
                data["partial"] = true
                data["offset_bytes"] = .int(Int64(part.offsetBytes))
            }
            return EventDraft(.message, taskID: task.id, runID: run.id, data: data)
        }
        return [.record(drafts)]
    }

    /// The agent has begun another session than the one it was to go on with.
    private mutating func beganAnew() {
        ledger.beginsAnew()
        run.fallback = run.fallback ?? "The agent has begun another session."
    }

    /// The agent has said something of its usage: what the run has used by now is told, kept and held to the budget.
    private mutating func billed() -> [Effect] {
        guard ledger.usage != run.usage else { return [.keepUsage(run, readings)] }
        run.usage = ledger.usage
        return record(.usageUpdated, run.usage.json.objectValue ?? [:]) + [.keepUsage(run, readings)] + checkBudget()
    }

    /// Where the run's driver session stands, once both are known.
    private var readings: [ReadingChange] {
        guard let reading = ledger.reading, let change = change(run.driverSessionID, reading) else { return [] }
        return [change]
    }

    private func change(_ driverSession: String?, _ reading: UsageReading, rise: Usage = .none) -> ReadingChange? {
        guard let driverSession else { return nil }
        var change = ReadingChange(
            driver: run.driver, driverSessionID: driverSession, reading: reading, runID: run.id)
        change.rise = rise
        return change
    }

    private mutating func checkBudget() -> [Effect] {
        let total = used
        if let excess = task.budget?.excess(of: total) { return stop(.overBudget(excess)) }
        guard let budget = session?.purse?.budget ?? session?.budget, var spent = spentBeside ?? session?.usage else {
            return []
        }
        spent.add(total)
        return budget.excess(of: spent).map { stop(.sessionOverBudget($0)) } ?? []
    }

    /// What the task has used so far.
    package var used: Usage {
        var used = spentBefore
        used.add(run.usage)
        return used
    }

    private mutating func stallDeadline() -> [Effect] {
        guard phase == .running else { return [] }
        if wasHeard || !openAsks.isEmpty {
            wasHeard = false
            return [.setTimer(.stall, milliseconds: limits.stallMilliseconds)]
        }
        return stop(.stalled(milliseconds: limits.stallMilliseconds))
    }

    private mutating func stop(_ cause: StopCause) -> [Effect] {
        if phase == .judging, isGone {
            phase = .stopping(cause)
            return gone()
        }
        guard phase == .running || phase == .judging else {
            // A later cause changes nothing but how long the agent is waited for.
            return [.stopProcess(cause.pace)]
        }
        phase = .stopping(cause)
        return closeAsks() + [.stopProcess(cause.pace)]
    }

    private mutating func closeAsks() -> [Effect] {
        defer { openAsks = [] }
        return openAsks.sorted().flatMap {
            [Effect.withdrawAsk(askID: $0), .answerDriver(askID: $0, optionID: nil)]
        }
    }

    private mutating func finished(_ outcome: RunOutcome) -> [Effect] {
        guard self.outcome == nil else { return [] }
        if let id = outcome.driverSessionID { run.driverSessionID = id }
        if let usage = outcome.usage { ledger.hear(usage: usage) }
        if case .stopping = phase {
            self.outcome = outcome
            return []
        }
        if outcome.isResumeLost, !isAfresh { return startFresh(outcome) }
        let outcome = checked(outcome)
        self.outcome = outcome
        if outcome.stopReason == .schemaUnsatisfied, iteration < task.maxIterations {
            return again(outcome.error?.message ?? "It does not meet the schema.")
        }
        if Self.status(of: outcome) == .completed, outcome.stopReason != .refusal, task.isJudged {
            phase = .judging
            return [.judge(output: outcome.output.isEmpty ? lastMessage : outcome.output)]
        }
        return conclude(outcome)
    }

    private mutating func conclude(_ outcome: RunOutcome) -> [Effect] {
        end(status: Self.status(of: outcome), outcome.stopReason, error: outcome.error) + [.stopProcess(.finished)]
    }

    private mutating func judged(_ reason: String?) -> [Effect] {
        guard phase == .judging, var outcome else { return [] }
        phase = .running
        guard let reason else { return conclude(outcome) }
        guard iteration >= task.maxIterations else { return again(reason) }
        outcome.stopReason = .error
        outcome.error = TaskError(
            code: 1007, reason: "driver_failed",
            message: "The result was not accepted after \(iteration) run\(iteration == 1 ? "" : "s"): \(reason)",
            retryable: true)
        self.outcome = outcome
        return conclude(outcome)
    }

    /// Ends the run for another one.
    private mutating func again(_ reason: String) -> [Effect] {
        let effects = closeAsks() + openText.flush().flatMap { record($0.type, $0.data) } + settle()
        run.stopReason = outcome?.stopReason
        spentBefore.add(run.usage)
        let warning: JSONObject = [
            "message": .string("The result was not accepted: \(reason)"), "run": .int(Int64(iteration)),
        ]
        iteration += 1
        outcome = nil
        lastMessage = ""
        return effects + record(.warning, warning)
            + [.startAgain(ended: run, feedback: reason, isGone: isGone)]
    }

    /// The run that `startAgain` asked for begins.
    package mutating func startAgain(_ run: Run) -> [Effect] {
        let reading = ledger.reading
        self.run = run
        isGone = false
        ledger = UsageLedger(run.driverResumed ? .resumed(reading) : .new)
        resumedID = run.driverResumed ? run.driverSessionID : nil
        return [.setTimer(.stall, milliseconds: limits.stallMilliseconds)]
    }

    /// The outcome, failed where its answer does not meet the task's schema.
    private func checked(_ outcome: RunOutcome) -> RunOutcome {
        guard let schema = task.outputSchema, Self.status(of: outcome) == .completed, outcome.stopReason != .refusal
        else { return outcome }
        var outcome = outcome
        let text = outcome.output.isEmpty ? lastMessage : outcome.output
        switch StructuredAnswer.value(outcome.structuredOutput, text, meeting: schema) {
        case .success(let value): outcome.structuredOutput = value
        case .failure(let violation):
            outcome.stopReason = .schemaUnsatisfied
            outcome.error = .schemaUnsatisfied(violation)
        }
        return outcome
    }

    private mutating func startFresh(_ outcome: RunOutcome) -> [Effect] {
        var ended = run
        ended.stopReason = .error
        ended.driverResumed = false
        ended.usage = ledger.bill(isWhole: true)
        spentBefore.add(ended.usage)
        turns = 0
        let reason = outcome.error?.message ?? "The agent no longer knows the session."
        return [.startFresh(ended: ended, reason: reason)]
    }

    private mutating func gone() -> [Effect] {
        if phase == .judging {
            isGone = true
            return []
        }
        guard case .stopping(let cause) = phase else {
            let message = "The agent's process is gone without a result."
            return end(
                status: .failed, .noResult,
                error: TaskError(code: 1007, reason: "driver_failed", message: message, retryable: true))
        }
        return end(status: cause.status, cause.reason, error: cause.error)
    }

    private mutating func end(status: TaskStatus, _ reason: StopReason, error: TaskError?) -> [Effect] {
        let asks = closeAsks().filter { if case .withdrawAsk = $0 { true } else { false } }
        phase = .ended
        let left = openText.flush().flatMap { record($0.type, $0.data) }
        run.stopReason = reason
        let bill = settle()
        var result = TaskResult(status: status, stopReason: reason)
        result.output = outcome.map(\.output).flatMap { $0.isEmpty ? nil : $0 } ?? lastMessage
        result.structuredOutput = outcome?.structuredOutput
        result.runID = run.id
        result.driverSessionID = run.driverSessionID
        result.driverResumed = run.driverResumed
        result.usage = spentBefore
        result.usage.add(run.usage)
        result.error = error
        return asks + left + bill + [.end(run, result)]
    }

    /// The run's last bill. What its driver session used before and nobody was billed for comes to light with it.
    private mutating func settle() -> [Effect] {
        let isWhole = outcome.map { $0.stopReason != .noResult } ?? false
        run.usage = ledger.bill(isWhole: isWhole)
        var changes = readings
        if isWhole, !changes.isEmpty { changes[0].rise = ledger.riseBefore }
        return changes.isEmpty ? [] : [.keepUsage(run, changes)]
    }

    private static func status(of outcome: RunOutcome) -> TaskStatus {
        switch outcome.stopReason {
        case .endTurn, .maxTokens, .refusal: outcome.error == nil ? .completed : .failed
        case .cancelled: .cancelled
        default: .failed
        }
    }
}

extension AgentTask {
    fileprivate var isJudged: Bool { check != nil || asksToAccept }
}

extension JSON {
    fileprivate func isWithin(depth: Int) -> Bool {
        switch self {
        case .array(let items): depth > 0 && items.allSatisfy { $0.isWithin(depth: depth - 1) }
        case .object(let members): depth > 0 && members.allSatisfy { $0.value.isWithin(depth: depth - 1) }
        default: true
        }
    }

    /// A whole number as an integer, so that counts read as counts.
    fileprivate static func number(_ value: Double) -> JSON {
        Int64(exactly: value).map(JSON.int) ?? .double(value)
    }
}
