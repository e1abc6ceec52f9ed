import AgentModel
import HostProtocol
import JSON
import Store

// The only place where the model's values become the wire's.

extension Wire.Session {
    init(_ session: AgentSession) {
        self.init(
            id: "\(session.id)", status: .init(rawValue: session.status.rawValue), temporary: session.temporary,
            dbConnectionID: session.connectionID?.description, projectID: session.projectID?.description,
            planID: session.planID?.description, milestoneID: session.milestoneID,
            parentSessionID: session.parentSessionID?.description, workingDirectory: session.workingDirectory,
            resultsDirectory: session.resultsDirectory, driver: session.driver, model: session.model,
            mode: .init(rawValue: session.mode.rawValue), persistence: .init(rawValue: session.persistence.rawValue),
            recursionLimit: session.recursionLimit, ttlSeconds: session.ttlSeconds,
            budget: session.budget.map(Wire.Budget.init),
            checkpoints: session.retention.map(Wire.CheckpointRetention.init),
            title: session.title,
            metadata: session.metadata, learning: .init(session.learning), agentNames: .init(of: session),
            permissions: .init(session.permissions),
            driverSessions: session.driverSessions, taskCount: session.taskCount, usage: .init(session.usage),
            createdAt: "\(session.createdAt)", updatedAt: "\(session.updatedAt)",
            lastUsedAt: "\(session.lastUsedAt)", endedAt: session.endedAt?.description)
    }
}

extension Wire.PermissionPolicy {
    /// Reads what the host itself has stored; what does not fit is left at its default.
    init(_ stored: JSONObject) {
        self = (try? Wire.PermissionPolicy(lenient: .object(stored))) ?? Wire.PermissionPolicy()
    }
}

extension Wire.AgentNames {
    /// `nil` for a session that does not learn.
    init?(of session: AgentSession) {
        guard SessionLearning(session.learning).isEnabled else { return nil }
        let names = session.agentNames
        self.init(session: names.session, shared: names.shared)
    }
}

extension Wire.SessionStats {
    init(_ stats: SessionStats) {
        let sessions = stats.sessionsByStatus.values.reduce(0, +)
        let tasks = stats.tasksByStatus.values.reduce(0, +)
        self.init(
            sessionsByStatus: Self.named(stats.sessionsByStatus), tasksByStatus: Self.named(stats.tasksByStatus),
            failuresByReason: Self.named(stats.failuresByReason), resumesTried: stats.resumesTried,
            resumesSucceeded: stats.resumesSucceeded,
            resumeSuccessRate: Self.ratio(stats.resumesSucceeded, stats.resumesTried),
            driverSessionsExpired: stats.driverSessionsExpired, tasksPerSession: Self.ratio(tasks, sessions),
            estimatedTokensSavedByResuming: stats.tokensSavedByResuming, events: stats.events)
    }

    private static func ratio(_ part: Int, _ whole: Int) -> Double? {
        whole == 0 ? nil : (Double(part) / Double(whole) * 1000).rounded() / 1000
    }

    private static func named<Key: RawRepresentable>(_ counts: [Key: Int]) -> [String: Int]
    where Key.RawValue == String {
        Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) })
    }
}

extension Wire.Learning {
    /// Reads what the host itself has stored; what does not fit is left at its default.
    init(_ stored: JSONObject) {
        self = (try? Wire.Learning(lenient: .object(stored))) ?? Wire.Learning()
    }
}

extension Wire.Usage {
    init(_ usage: Usage) {
        self.init(
            inputTokens: usage.inputTokens, outputTokens: usage.outputTokens, cacheReadTokens: usage.cacheReadTokens,
            cacheWriteTokens: usage.cacheWriteTokens, reasoningTokens: usage.reasoningTokens, turns: usage.turns,
            costUSD: usage.cost?.dollars, accuracy: .init(rawValue: usage.accuracy.rawValue))
    }
}

extension Wire.Task {
    init(_ task: AgentTask, _ ended: EndedTask? = nil, runs: [Run]? = nil) {
        self.init(
            id: "\(task.id)", sessionID: "\(task.sessionID)", status: .init(rawValue: task.status.rawValue),
            input: task.input, driver: task.driver, mode: .init(rawValue: task.mode.rawValue),
            persistence: .init(rawValue: task.persistence.rawValue), recursionLimit: task.recursionLimit,
            source: task.source, context: task.context, metadata: task.metadata, outputSchema: task.outputSchema,
            planOnly: task.planOnly, maxIterations: task.maxIterations, resumption: task.resumption,
            budget: task.budget.map(Wire.Budget.init), timeoutMilliseconds: task.timeoutMilliseconds,
            detached: task.detached, retryOf: task.retryOf?.description, createdAt: "\(task.createdAt)",
            startedAt: task.startedAt?.description, endedAt: task.endedAt?.description,
            result: ended.flatMap(Wire.TaskResult.init), runs: runs?.map(Wire.Run.init))
    }
}

extension Wire.Budget {
    init(_ budget: Budget) { self.init(costUSD: budget.cost?.dollars, tokens: budget.tokens) }
}

extension Wire.TaskResult {
    /// `nil` while the task has not ended.
    init?(_ ended: EndedTask) {
        let task = ended.task
        guard let result = task.result else { return nil }
        self.init(
            taskID: "\(task.id)", sessionID: "\(task.sessionID)", runID: result.runID?.description,
            status: .init(rawValue: result.status.rawValue), output: result.output,
            structuredOutput: result.structuredOutput, stopReason: .init(rawValue: result.stopReason.rawValue),
            driver: task.driver, driverSessionID: result.driverSessionID, driverResumed: result.driverResumed,
            fromCheckpointID: result.fromCheckpointID?.description, checkpointID: result.checkpointID?.description,
            usage: .init(result.usage), artifacts: ended.artifacts.map(Wire.Artifact.init),
            error: result.error.map(Wire.TaskError.init),
            lastSession: result.lastSession.map(Wire.LastSession.init),
            durationMilliseconds: result.durationMilliseconds)
    }
}

extension Wire.TaskError {
    init(_ error: TaskError) {
        self.init(
            code: error.code, message: error.message, reason: error.reason, retryable: error.retryable, raw: error.raw)
    }
}

extension Wire.Run {
    init(_ run: Run) {
        self.init(
            id: "\(run.id)", taskID: "\(run.taskID)", sessionID: "\(run.sessionID)", driver: run.driver,
            driverSessionID: run.driverSessionID, driverResumed: run.driverResumed, fallback: run.fallback,
            stopReason: run.stopReason.map { .init(rawValue: $0.rawValue) }, usage: .init(run.usage),
            stderrTail: run.stderrTail.isEmpty ? nil : run.stderrTail, startedAt: "\(run.startedAt)",
            endedAt: run.endedAt?.description)
    }
}

extension Wire.CheckpointRetention {
    init(_ retention: CheckpointRetention) {
        self.init(keepCount: retention.keepCount, keepSeconds: retention.keepSeconds)
    }
}

extension CheckpointRetention {
    init(_ wire: Wire.CheckpointRetention) { self.init(keepCount: wire.keepCount, keepSeconds: wire.keepSeconds) }
}

extension Wire.Checkpoint {
    init(_ checkpoint: Checkpoint, _ state: CheckpointState? = nil) {
        self.init(
            id: "\(checkpoint.id)", sessionID: "\(checkpoint.sessionID)",
            kind: .init(rawValue: checkpoint.kind.rawValue),
            parentID: checkpoint.parentID?.description, taskID: checkpoint.taskID?.description,
            runID: checkpoint.runID?.description, seq: checkpoint.seq, turn: checkpoint.turn, bytes: checkpoint.bytes,
            createdAt: "\(checkpoint.createdAt)", state: state.map { .init($0, through: checkpoint.seq) })
    }
}

extension Wire.CheckpointState {
    init(_ state: CheckpointState, through seq: Int) {
        let ranges = state.history.ranges(through: seq)
        self.init(
            driverSessions: state.driverSessions,
            history: ranges.map { [.int(Int64($0.lowerBound)), .int(Int64($0.upperBound))] }, driver: state.driver)
    }
}

extension Wire.Artifact {
    init(_ artifact: Artifact) {
        self.init(
            sessionID: "\(artifact.sessionID)", taskID: "\(artifact.taskID)", path: artifact.path,
            bytes: artifact.bytes, sha256: artifact.sha256, mediaType: artifact.mediaType,
            createdAt: "\(artifact.createdAt)")
    }
}

extension Wire.Event {
    init(_ event: Event) {
        self.init(
            sessionID: "\(event.sessionID)", taskID: event.taskID?.description, runID: event.runID?.description,
            seq: event.seq, at: "\(event.at)", type: .init(rawValue: event.type.rawValue), data: event.data)
    }
}

extension Wire.LiveEvent {
    init(_ event: Event, previous: Int? = nil) {
        self.init(
            sessionID: "\(event.sessionID)", taskID: event.taskID?.description, runID: event.runID?.description,
            seq: event.seq, prevSeq: previous, at: "\(event.at)", type: .init(rawValue: event.type.rawValue),
            data: event.data)
    }
}

extension Wire.Connection {
    init(_ connection: DatabaseConnection) {
        self.init(
            id: "\(connection.id)", name: connection.name, dialect: .init(rawValue: connection.dialect.rawValue),
            path: connection.path, url: connection.url, passwordEnv: connection.passwordEnv,
            readOnly: connection.readOnly, allowSuperuser: connection.allowSuperuser,
            createdAt: "\(connection.createdAt)", updatedAt: "\(connection.updatedAt)")
    }
}

extension Wire.Permission {
    init(_ ask: PermissionAsk) {
        self.init(
            id: "\(ask.id)", kind: .init(rawValue: ask.kind.rawValue), sessionID: "\(ask.sessionID)",
            taskID: ask.taskID?.description, runID: ask.runID?.description, tool: ask.tool, title: ask.title,
            input: ask.input,
            options: ask.options.map(Wire.AskOption.init), createdAt: "\(ask.createdAt)",
            deadlineAt: (ask.deadlineAt ?? ask.createdAt).description, default: ask.defaultOption)
    }
}

extension Wire.PermissionRequest {
    init(_ ask: PermissionAsk) {
        self.init(
            permissionID: "\(ask.id)", kind: .init(rawValue: ask.kind.rawValue), sessionID: "\(ask.sessionID)",
            taskID: ask.taskID?.description, tool: ask.tool, title: ask.title, input: ask.input,
            options: ask.options.map(Wire.AskOption.init), deadlineAt: (ask.deadlineAt ?? ask.createdAt).description,
            default: ask.defaultOption)
    }
}

extension Wire.AskOption {
    init(_ option: DriverAsk.Option) {
        self.init(id: option.id, title: option.title, kind: option.kind.map { .init(rawValue: $0) })
    }
}
