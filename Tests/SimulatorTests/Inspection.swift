import AgentModel
import Foundation
import JSON
import Store

@testable import HostCore
@testable import StoreSQLite

/// What must be true of a store when all is over, from what it holds alone.
struct Inspection {
    let folder: String
    let time: SimulatedTime
    let promises: Promises
    let agents: AgentWorld
    let projects: ProjectBook
    /// That clients asked for, and no plan or workflow.
    let requested: Set<TaskID>

    struct Found: Sendable {
        var sessions: [AgentSession] = []
        var tasks: [TaskID: AgentTask] = [:]
        var events: [SessionID: [Event]] = [:]
        var runs: [TaskID: [Run]] = [:]
        var plans: [Plan] = []
        var workflows: [Workflow] = []
        var projects: [Project] = []
        /// Oldest first, with their states.
        var checkpoints: [SessionID: [(saved: Checkpoint, state: CheckpointState?)]] = [:]
        var memories: Set<MemoryID> = []
        var hidden = 0
        var dead = 0
        var holders: [SessionID] = []
        var broken: String?
    }

    func run(_ client: SimulatedClient) throws {
        let clock = HostClock(source: time)
        let store = try SimulatedStore(folder: folder, host: clock.id(), at: clock.now()) { _ in }
        let found = try store.look { [promises] in try Self.read($0, promises) }
        store.close()
        if let broken = found.broken { throw Violation("a client was told what does not hold: \(broken)") }
        try demand(found.hidden == 0, "\(found.hidden) sessions are hidden")
        try demand(found.holders.isEmpty, "leases are left on \(found.holders)")
        for task in found.tasks.values.sorted(by: { $0.id < $1.id }) { try look(task, found) }
        for plan in found.plans { try look(plan, found, client.deleted) }
        for workflow in found.workflows { try look(workflow, found, client.deleted) }
        for session in found.sessions { try look(session, found) }
        for id in client.continuing.sorted() { try lookForRepetition(id, found) }
        projects.compare(found.projects)
        try demand(projects.violations.isEmpty, projects.violations.first ?? "")
        try lookForOrphans(found)
        let report = try StoreMaintenance(folder: folder).check()
        try demand(report.problems.isEmpty, "store check: \(report.problems)")
    }

    private static func read(_ reader: any StoreReader, _ promises: Promises) throws -> Found {
        var found = Found()
        found.broken = try promises.broken(reader)
        found.sessions = try reader.sessions(SessionFilter(), PageRequest(limit: 1000)).items
        for task in try reader.tasks(TaskFilter(), PageRequest(limit: 1000)).items {
            found.tasks[task.id] = task
            found.runs[task.id] = try reader.runs(task.id)
        }
        for session in found.sessions {
            var range = EventRange()
            range.limit = 1000
            range.bytesLimit = 64 << 20
            while true {
                let page = try reader.events(session.id, range)
                guard let last = page.last else { break }
                found.events[session.id, default: []] += page
                range.afterSeq = last.seq
            }
            if try reader.leaseHolder(session.id) != nil { found.holders.append(session.id) }
        }
        found.plans = try reader.plans(PlanFilter(), PageRequest(limit: 1000)).items
        found.workflows = try reader.workflows(WorkflowFilter(), PageRequest(limit: 1000)).items
        found.projects = try reader.projects(PageRequest(limit: 1000)).items
        for session in found.sessions {
            let saved = try reader.checkpoints(session.id, PageRequest(limit: 1000)).items.reversed()
            found.checkpoints[session.id] = try saved.map { ($0, try reader.checkpointState($0.id)) }
        }
        var memories = MemoryFilter()
        memories.includeInactive = true
        found.memories = Set(
            try reader.memories(memories, at: Timestamp(milliseconds: 0), PageRequest(limit: 1000)).items.map(\.id))
        found.hidden = try reader.hiddenSessions().count
        found.dead = try reader.deadHosts().count
        return found
    }

    func demand(_ holds: Bool, _ what: @autoclosure () -> String) throws {
        guard holds else { throw Violation(what()) }
    }

    // MARK: - Tasks

    private func look(_ task: AgentTask, _ found: Found) throws {
        try demand(task.status.isFinal, "\(task.id) is left \(task.status.rawValue)")
        let log = found.events[task.sessionID] ?? []
        let own = log.filter { $0.taskID == task.id }
        try demand(own.count { $0.type.isTerminal } == 1, "\(task.id) has not one terminal event")
        // What an interrupted task asked may still be answered: for the one that is tried after it. And a session that
        // is taken back to a checkpoint of it says so.
        let answers: Set<EventType> = task.status == .interrupted ? [.permissionResolved, .questionAnswered] : []
        let last = own.last { !answers.contains($0.type) && $0.type != .sessionRestored }?.type
        try demand(last?.isTerminal == true, "\(task.id) goes on after its end: \(last?.rawValue ?? "")")
        var sum = Usage.none
        for run in found.runs[task.id] ?? [] {
            try demand(run.endedAt != nil, "\(run.id) of \(task.id) has no end")
            sum.add(run.usage)
        }
        try demand(same(task.result?.usage ?? .none, sum), "\(task.id) has used something else than its runs")
    }

    private func same(_ left: Usage, _ right: Usage) -> Bool {
        left.inputTokens == right.inputTokens && left.outputTokens == right.outputTokens && left.turns == right.turns
    }

    /// Whether it has done what it was to do.
    private func isDone(_ task: AgentTask?) -> Bool {
        task?.status == .completed && task?.result?.stopReason != .refusal
    }

    // MARK: - Plans

    private func look(_ plan: Plan, _ found: Found, _ deleted: Set<SessionID>) throws {
        try demand(plan.status != .running, "\(plan.id) is left running")
        for (id, step) in plan.state.steps.sorted(by: { $0.key < $1.key }) {
            let name = "step \(id) of \(plan.id)"
            try demand(step.status.isFinal || plan.status != .completed, "\(name) is \(step.status.rawValue)")
            if step.status == .blocked {
                try demand(step.blockedBy != nil || !plan.state.denied.isEmpty, "\(name) is blocked by nothing")
            }
            guard deleted.isEmpty else { continue }
            let tasks = step.taskIDs.map { found.tasks[$0] }
            try demand(!tasks.contains { $0 == nil }, "\(name) names a task that is not there")
            try demand(Set(step.taskIDs).count == step.taskIDs.count, "\(name) names a task twice")
            let done = tasks.count { isDone($0) }
            try demand(done <= 1, "\(name) was completed \(done) times")
            try demand((done == 1) == (step.status == .completed), "\(name) is \(step.status.rawValue), done \(done)")
            var sum = Usage.none
            for task in tasks { sum.add(task?.result?.usage ?? .none) }
            try demand(same(sum, step.usage), "\(name) has used \(step.usage), its tasks \(sum)")
        }
        let named = Set(plan.state.steps.values.flatMap(\.taskIDs))
        for task in found.tasks.values where task.metadata?["plan_id"]?.stringValue == "\(plan.id)" {
            guard !requested.contains(task.id) else { continue }
            try demand(named.contains(task.id), "\(task.id) is of \(plan.id), which does not know it")
        }
    }

    private func look(_ workflow: Workflow, _ found: Found, _ deleted: Set<SessionID>) throws {
        try demand(!workflow.status.isRunning, "\(workflow.id) is left \(workflow.status.rawValue)")
        try demand(!workflow.state.nodes.contains { $0.status == .running }, "a node of \(workflow.id) is left running")
        guard deleted.isEmpty else { return }
        let named = Set(workflow.state.nodes.compactMap(\.taskID))
        var sum = Usage.none
        for task in found.tasks.values where task.metadata?["workflow_id"]?.stringValue == "\(workflow.id)" {
            guard !requested.contains(task.id) else { continue }
            try demand(named.contains(task.id), "\(task.id) is of \(workflow.id), which does not know it")
            sum.add(task.result?.usage ?? .none)
        }
        for id in Set(workflow.state.nodes.compactMap(\.planID)) {
            let plan = found.plans.first { $0.id == id }
            try demand(plan != nil, "\(workflow.id) names \(id), which is not there")
            sum.add(plan?.state.usage ?? .none)
        }
        try demand(
            same(sum, workflow.state.usage), "\(workflow.id) has used \(workflow.state.usage), what it ran \(sum)")
    }

    // MARK: - What belongs to nothing

    private func lookForOrphans(_ found: Found) throws {
        for session in found.sessions where session.parentSessionID == nil {
            if let id = session.planID {
                let plan = found.plans.first { $0.id == id }
                let isKnown =
                    plan?.sessionID == session.id
                    || plan?.state.steps.values.contains { $0.sessionID == session.id } == true
                try demand(isKnown || session.taskCount > 0, "\(session.id) was made for \(id), which does not know it")
            }
            if let id = session.metadata?["workflow_id"]?.stringValue {
                let workflow = found.workflows.first { "\($0.id)" == id }
                let isKnown = workflow?.state.nodes.contains { $0.sessionID == session.id }
                try demand(isKnown == true, "\(session.id) was made for \(id), which does not know it")
            }
        }
    }
}
