import AgentEngine
import AgentModel
import Driver
import Store

/// One change of a plan on its way into the store, with all that begins with it.
struct PlanTurn {
    /// The machine after it.
    var next: PlanMachine
    let effects: [PlanMachine.Effect]
    /// Makes it, whatever the machine is by then.
    let change: PlanExecution.Change
    /// The plan's, as it is now.
    var session: AgentSession?
    /// By step that begins: where.
    var homes: [String: Home] = [:]
    var commands: [StoreCommand] = []
    var orders: [OrchestrationRunner.Order] = []
    var asks: [PermissionAsk] = []
    /// The working folder as it is before.
    var survey: FolderSurvey?

    /// Where a step has its task.
    struct Home {
        var session: AgentSession
        /// What shows the session, which was made for the step out of sight.
        var showing: [StoreCommand] = []
        /// Where the step's last task stopped, if it was interrupted there.
        var stopped: Stopped?
    }

    struct Stopped: Sendable {
        var task: TaskID
        var continuation: Continuation
    }

    var starts: [(id: String, place: StepPlace)] {
        effects.compactMap { effect in
            if case .startStep(let id, _, let place) = effect { (id, place) } else { nil }
        }
    }

    /// It makes something in the plan's session.
    var needsSession: Bool {
        effects.contains { effect in
            switch effect {
            case .startStep, .ask: true
            default: false
            }
        }
    }

    /// Sessions that were made for it and are not shown yet.
    var hiddenForks: [SessionID] { homes.values.filter { !$0.showing.isEmpty }.map(\.session.id) }

    /// Steps are to begin in a session that is paused.
    var isPaused: Bool {
        !starts.isEmpty && (session?.status == .paused || homes.values.contains { $0.session.status == .paused })
    }
}

extension PlanTurn.Home {
    /// Whether the agent goes on in a session of its own in which it was told already.
    func knowsPrompt(of driver: String?) -> Bool {
        guard let known = stopped?.continuation.driverSessionID else { return false }
        return session.driverSessions[driver ?? session.driver] == known
    }
}
