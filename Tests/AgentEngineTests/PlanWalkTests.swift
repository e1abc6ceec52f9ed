import AgentEngine
import AgentModel
import JSON
import Testing

/// Random plans, random ends of their steps, answers, cancels and crashes at any point; what must always be true is
/// looked at after each of them.
@Suite struct PlanWalkTests {
    @Test(arguments: 0..<400 as Range<UInt64>)
    func whatMustBeTrueIsTrue(seed: UInt64) throws {
        var walk = PlanWalk(seed: seed)
        try walk.run()
    }

    /// Without these the walks would prove little.
    @Test func theWalksGoEverywhere() throws {
        var ends: Set<PlanStatus> = []
        var (crashes, forks, asks) = (0, 0, 0)
        for seed in 0..<400 as Range<UInt64> {
            var walk = PlanWalk(seed: seed)
            try walk.run()
            ends.formUnion(walk.ends)
            crashes += walk.crashes
            forks += walk.forks
            asks += walk.asks
        }
        #expect(ends == [.completed, .failed, .cancelled, .interrupted])
        #expect(crashes > 100 && forks > 100 && asks > 100)
    }
}

private struct Violation: Error, CustomStringConvertible {
    let description: String
}

private struct PlanWalk {
    private var random: WalkRandom
    private var plan: Plan
    private let limits: PlanMachine.Limits
    private var machine: PlanMachine
    /// What the store has: the state, and what became of tasks.
    private var stored: PlanState
    private var outcomes: [TaskID: StepOutcome] = [:]
    private var tasks: [String: TaskID] = [:]
    private var timers: Set<String> = []
    private var lastTask: UInt64 = 0
    private var completed: Set<String> = []
    private(set) var ends: Set<PlanStatus> = []
    private(set) var crashes = 0
    private(set) var forks = 0
    private(set) var asks = 0

    init(seed: UInt64) {
        var random = WalkRandom(seed: seed)
        var batches: [PlanBatch] = []
        var earlier: [String] = []
        for batch in 0..<(1 + random.below(3)) {
            var steps: [PlanStep] = []
            for number in 0..<(1 + random.below(4)) {
                var step = PlanStep(id: "\(batch).\(number)", description: "x")
                for id in earlier where random.below(3) == 0 { step.dependsOn.append(id) }
                earlier.append(step.id)
                steps.append(step)
            }
            batches.append(PlanBatch(steps.reversed(), risk: random.below(3) == 0 ? .high : .low))
        }
        plan = PlanMachineTests.plan(batches, continueOnFailure: random.below(2) == 0)
        var limits = PlanMachine.Limits()
        limits.forksMax = random.below(2) == 0 ? 1 : 3
        limits.unforkable = Set(earlier.filter { _ in random.below(5) == 0 })
        self.limits = limits
        machine = PlanMachine(plan, limits: limits)
        stored = machine.state
        self.random = random
    }

    mutating func run() throws {
        for _ in 0..<60 {
            if !machine.isRunning { try give(.start) } else { try step() }
            if machine.state.status == .completed { break }
        }
        _ = machine.handle(.start)
        try demand(machine.isRunning || machine.state.status == .completed, "it can be executed again")
    }

    private mutating func step() throws {
        switch random.below(12) {
        case 0: try crash()
        case 1 where random.below(4) == 0: try give(.cancel)
        case 2 where random.below(4) == 0: try give(.rest)
        case 3:
            // Late news of what is long over.
            if let id = completed.min() { try give(.stepEnded(id, makeID(lastTask &+ 7), StepOutcome(.interrupted))) }
        case 4 where !timers.isEmpty:
            if let id = random.pick(timers.sorted()) {
                timers.remove(id)
                try give(.retryDue(id))
            }
        default: try goOn()
        }
    }

    private mutating func goOn() throws {
        if let batch = machine.state.asking?.batch {
            return try give(.consent(batch: batch, isGiven: random.below(4) > 0))
        }
        if let id = random.pick(tasks.keys.sorted()), let task = tasks[id] {
            let outcome = outcome()
            outcomes[task] = outcome
            tasks[id] = nil
            // The end of a task is durable before the plan hears of it.
            if random.below(8) == 0 { return try crash() }
            return try give(.stepEnded(id, task, outcome))
        }
        if let id = random.pick(timers.sorted()) {
            timers.remove(id)
            return try give(.retryDue(id))
        }
    }

    private mutating func outcome() -> StepOutcome {
        switch random.below(10) {
        case 0: StepOutcome(.interrupted)
        case 1: StepOutcome(.cancelled)
        case 2, 3, 4: StepOutcome(.failed("broken", isFinal: random.below(3) == 0))
        default: StepOutcome(.completed)
        }
    }

    private mutating func give(_ input: PlanMachine.Input) throws {
        let old = machine
        let effects = machine.handle(input)
        try take(effects, before: old)
    }

    /// The host dies: what was not stored is forgotten, and every task has ended.
    private mutating func crash() throws {
        crashes += 1
        for task in tasks.values where outcomes[task] == nil { outcomes[task] = StepOutcome(.interrupted) }
        (tasks, timers) = ([:], [])
        plan.state = PlanState(json: stored.json, plan.batches)
        try demand(plan.state == stored, "a state comes back from its text")
        machine = PlanMachine(plan, limits: limits)
        let old = machine
        let ending: [PlanMachine.Input?] = [nil, nil, nil, nil, .cancel, .rest]
        try take(machine.restore(outcomes, ending: random.pick(ending) ?? nil), before: old)
    }

    private mutating func take(_ effects: [PlanMachine.Effect], before old: PlanMachine) throws {
        var finished: PlanStatus?
        for effect in effects {
            try demand(finished == nil, "nothing comes after the end")
            switch effect {
            case .startStep(let id, _, let place): try begun(id, place)
            case .setTimer(let id, _): timers.insert(id)
            case .ask: asks += 1
            case .finish(let status): finished = status
            case .stopTask(let task): try demand(tasks.values.contains(task), "only what runs is stopped")
            case .withdrawAsk: break
            }
        }
        try look(finished, old)
        if let finished { ends.insert(finished) }
        // Most changes reach the store; a crash before that forgets them and their tasks.
        if random.below(15) == 0, finished == nil {
            machine = old
            for (id, task) in tasks where old.state.steps[id]?.taskIDs.last != task { tasks[id] = nil }
            try crash()
        } else {
            stored = machine.state
            completed = Set(stored.steps.filter { $0.value.status == .completed }.map(\.key))
        }
    }

    private mutating func begun(_ id: String, _ place: StepPlace) throws {
        guard let index = plan.batches.firstIndex(where: { $0.steps.contains { $0.id == id } }),
            let step = plan.batches[index].steps.first(where: { $0.id == id })
        else { throw Violation(description: "an unknown step is begun") }
        let steps = machine.state.steps
        try demand(!completed.contains(id), "\(id) is not begun again")
        try demand(step.dependsOn.allSatisfy { steps[$0]?.status == .completed }, "\(id) has what it depends on")
        try demand(
            plan.batches[..<index].allSatisfy { $0.steps.allSatisfy { steps[$0.id]?.status.isFinal == true } },
            "the batches before \(id) are at their end")
        try demand(plan.batches[index].risk != .high || machine.state.permitted.contains(index), "\(id) is permitted")
        if place == .fork { forks += 1 }
        if place == .fork { try demand(!limits.unforkable.contains(id), "\(id) may be forked") }
        lastTask += 1
        let task: TaskID = makeID(lastTask)
        machine.assign(task, in: makeID(99), to: id)
        tasks[id] = task
    }

    private func look(_ finished: PlanStatus?, _ old: PlanMachine) throws {
        let steps = machine.state.steps
        let shared = steps.values.count { ($0.status == .running || $0.status == .waiting) && !$0.isForked }
        try demand(shared <= 1, "one step at a time has the plan's session")
        let forked = steps.values.count { ($0.status == .running || $0.status == .waiting) && $0.isForked }
        try demand(forked <= limits.forksMax && (forked == 0 || shared == 0), "no more forks than there may be")
        let orders = steps.values.filter { $0.status == .completed }.map(\.order)
        try demand(Set(orders) == Set(orders.indices.map { $0 + 1 }), "steps are completed one after the other")
        for (id, step) in steps where step.status == .blocked {
            let batch = plan.batches.firstIndex { $0.steps.contains { $0.id == id } } ?? 0
            if let root = step.blockedBy {
                let status = steps[root]?.status
                try demand([.failed, .blocked, .cancelled].contains(status), "\(root) blocks \(id)")
            } else {
                try demand(machine.state.denied.contains(batch), "\(id) is blocked for a reason")
            }
        }
        let isBusy = steps.values.contains { $0.status == .running || $0.status == .waiting }
        if machine.isRunning {
            try demand(finished == nil, "it runs on")
            try demand(isBusy || machine.state.asking != nil, "there is something to wait for")
            try demand(steps.filter { $0.value.status == .running }.allSatisfy { tasks[$0.key] != nil }, "tasks run")
        } else {
            try demand(!isBusy && machine.state.asking == nil, "nothing is left at the end")
            try demand(old.isRunning == (finished != nil) || finished != nil, "an end is told")
            let isGood = steps.values.allSatisfy { $0.status == .completed }
            try demand((machine.state.status == .completed) == isGood, "completed means every step")
        }
    }

    private func makeID<Kind>(_ number: UInt64) -> Identifier<Kind> { PlanMachineTests.id(number) }

    private func demand(_ holds: Bool, _ what: String) throws {
        guard holds else { throw Violation(description: what) }
    }
}
