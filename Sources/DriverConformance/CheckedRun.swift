package import AgentModel
package import Driver

/// A run whose every effect is held against the contract as it comes.
package struct CheckedRun {
    private var run: any DriverRun
    package private(set) var effects: [DriverEffect] = []
    package private(set) var outcome: RunOutcome?
    private var hasSpawned = false
    private var isKeptWarm = false
    private var openTools: Set<String> = []
    private var openAsks: Set<String> = []

    package init(_ run: any DriverRun) { self.run = run }

    package var events: [DriverEvent] {
        effects.compactMap { if case .emit(let event) = $0 { event } else { nil } }
    }

    /// - Returns: the effects of this input.
    @discardableResult
    package mutating func handle(_ input: DriverInput) throws(ConformanceFailure) -> [DriverEffect] {
        let more = run.handle(input)
        for effect in more {
            if outcome != nil { throw ConformanceFailure("an effect after the run finished: \(effect)") }
            try check(effect)
            effects.append(effect)
        }
        return more
    }

    private mutating func check(_ effect: DriverEffect) throws(ConformanceFailure) {
        if isKeptWarm, !effect.isFinish { throw ConformanceFailure("\(effect) after the process was kept warm") }
        if case .keepWarm = effect { isKeptWarm = true }
        switch effect {
        case .spawn:
            if hasSpawned { throw ConformanceFailure("a second process is spawned") }
            hasSpawned = true
        case .write, .closeInput, .serve, .keepWarm:
            if !hasSpawned { throw ConformanceFailure("\(effect) before a process is spawned") }
        case .emit(let event):
            try check(event)
        case .finish(let outcome):
            try check(outcome)
            self.outcome = outcome
        }
    }

    private mutating func check(_ event: DriverEvent) throws(ConformanceFailure) {
        let fits =
            switch event {
            case .driverSession(let id, _), .textDelta(let id, _), .thoughtDelta(let id, _), .message(let id, _, _),
                .artifact(let id):
                !id.isEmpty
            case .toolStarted(let id, _, _, _): openTools.insert(id).inserted
            case .toolUpdated(let id, _): openTools.contains(id)
            case .toolFinished(let id, _, _): openTools.remove(id) != nil
            case .ask(let ask): openAsks.insert(ask.id).inserted
            case .askWithdrawn(let id): openAsks.remove(id) != nil
            case .planUpdated, .progress, .warning, .turnEnded, .checkpoint, .usage, .usageBefore, .usageTotal, .raw:
                true
            }
        if !fits { throw ConformanceFailure("an event that makes no sense after those before: \(event)") }
    }

    private func check(_ outcome: RunOutcome) throws(ConformanceFailure) {
        switch outcome.stopReason {
        case .error, .noResult:
            if outcome.error == nil { throw ConformanceFailure("\(outcome.stopReason) without an error") }
        case .endTurn:
            if let error = outcome.error { throw ConformanceFailure("end_turn with an error: \(error.message)") }
        case .hostLost, .leaseLost, .stalled:
            throw ConformanceFailure("\(outcome.stopReason) is for the host to find, not for a driver")
        case .maxTokens, .recursionLimit, .budget, .timeout, .refusal, .cancelled, .schemaUnsatisfied:
            break
        }
        if let error = outcome.error, error.message.isEmpty || error.reason.isEmpty {
            throw ConformanceFailure("an error that says nothing")
        }
    }

    /// The host answers an ask: it is open no more.
    package mutating func answer(_ askID: String, _ optionID: String?) throws(ConformanceFailure) {
        openAsks.remove(askID)
        try handle(.answer(askID: askID, optionID: optionID))
    }

    package mutating func start() throws(ConformanceFailure) {
        try handle(.start)
        if outcome == nil, !hasSpawned { throw ConformanceFailure("started, and neither spawned nor finished") }
        try handle(.spawned)
    }

    /// The process ends: by now the run has to finish.
    @discardableResult
    package mutating func end(status: Int) throws(ConformanceFailure) -> RunOutcome {
        try handle(.outputEnded)
        try handle(.exited(status))
        guard let outcome else { throw ConformanceFailure("the process ended and the run did not finish") }
        for late in [DriverInput.output([0x7b, 0x7d, 10]), .outputEnded, .exited(1), .cancel, .start, .spawned] {
            try handle(late)
        }
        return outcome
    }
}

extension DriverEffect {
    fileprivate var isFinish: Bool { if case .finish = self { true } else { false } }
}
