import AgentEngine
import AgentModel
import Driver
import HostProtocol
import JSON
import JSONRPC
import Store

/// What is known of a task's prompt before it starts, and where its turns go.
struct TaskKnowledge: Sendable {
    /// What the agent is told.
    var context = MemoryContext([], budgetTokens: 0)
    /// Whether the memories that the agent is told of are marked as recalled.
    var isCounted = true
    /// What did not go well with memory, for the session's log.
    var warnings: [String] = []
    /// The place of the task's prompt in its session's conversation; `nil`: nothing is to be remembered of it.
    var turn: Int?
}

/// A session's learning: what its agents are told of what is known, and what its tasks teach.
extension TaskRunner {
    /// What of a prompt and of an answer is remembered.
    private static let turnBytesMax = 64 << 10

    /// What is known before memory is asked: the place of the next prompt in a session's conversation, if it learns.
    static func knowledge(of session: AgentSession, at now: Timestamp, _ reader: any StoreReader) -> TaskKnowledge {
        let learning = SessionLearning(session.learning)
        var knowledge = TaskKnowledge()
        guard learning.isEnabled else { return knowledge }
        var filter = MemoryFilter()
        filter.scopes = [.session(session.id)]
        filter.namespace = learning.sessionNamespace
        filter.includeInactive = true
        do {
            let last = try reader.memories(filter, at: now, PageRequest(limit: 1))
            knowledge.turn = (last.items.first?.source?.seq ?? 0) + 1
        } catch {
            knowledge.warnings.append("Nothing of the task will be remembered: \(Self.said(of: error)).")
        }
        return knowledge
    }

    /// What memory knew when the session of a driver's agent began that the next task goes on with.
    static func opening(
        of session: SessionID, driver: String, _ reader: any StoreReader
    ) throws -> [RecalledMemory] {
        var range = EventRange()
        range.limit = 500
        range.types = [.runStarted, .memoryInjected]
        range.beforeSeq = try reader.lastSeq(session) + 1
        let events = try reader.events(session, range)
        let first = events.last { event in
            event.type == .runStarted && event.data["driver"]?.stringValue == driver
                && event.data["driver_resumed"]?.boolValue == false
        }
        guard let first, first.data["forked_from"] == nil else { return [] }
        let told = events.first { $0.type == .memoryInjected && $0.taskID == first.taskID }
        let ids = told?.data["memories"]?.arrayValue?.compactMap { $0["memory_id"]?.stringValue.flatMap(MemoryID.init) }
        return try (ids ?? []).compactMap { try reader.memory($0, at: nil) }.map { RecalledMemory($0, score: 0) }
    }

    /// What an agent without a way to report findings is asked to do about them.
    static func guidance(of session: AgentSession) -> String? {
        let learning = SessionLearning(session.learning)
        let captures = Wire.Learning(session.learning).capture?.contains(.findings) ?? true
        return learning.isEnabled && !learning.capturesOnly && captures ? StatedFindings.instruction : nil
    }

    static func said(of error: any Error) -> String {
        (error as? StoreFailure).map { RPCError($0).message } ?? "\(error)"
    }

    /// What starts with the run: what its agent is told is said in the log and counted in the same transaction.
    static func commands(telling knowledge: TaskKnowledge, to run: Run) -> [StoreCommand] {
        var events = knowledge.warnings.map { message in
            EventDraft(.warning, taskID: run.taskID, runID: run.id, data: ["message": .string(message)])
        }
        let context = knowledge.context
        if !context.hits.isEmpty {
            let memories = context.hits.map { hit in
                Wire.InjectedMemory(
                    memoryID: "\(hit.memory.id)", namespace: hit.memory.namespace, key: hit.memory.key,
                    score: hit.score)
            }
            let data = Wire.MemoryInjectedData(memories: memories, tokens: context.tokens)
            events.append(
                EventDraft(.memoryInjected, taskID: run.taskID, runID: run.id, data: data.json.objectValue ?? [:]))
        }
        guard !events.isEmpty else { return [] }
        let told = StoreCommand.append(run.sessionID, events)
        guard !context.hits.isEmpty, knowledge.isCounted else { return [told] }
        return [told, .markRecalled(context.hits.map(\.memory.id))]
    }

    /// What a task that came to its end teaches, if its session learns: recorded before its end, in the same batch.
    func remember(_ active: ActiveTask, _ run: Run, _ result: TaskResult) {
        guard result.status == .completed || result.status == .failed, let turn = active.turn else { return }
        let capture = Wire.Learning(active.session.learning).capture ?? Wire.LearningCapture.allKnown
        var drafts: [MemoryDraft] = []
        if capture.contains(.turns) { drafts += turns(active, run, result, from: turn) }
        if capture.contains(.findings) {
            let findings = active.findings.isEmpty ? StatedFindings.of(result.output) : active.findings
            drafts += findings.compactMap { finding($0, active, run) }
        }
        guard !drafts.isEmpty else { return }
        for draft in drafts { active.outbox.add(.remember(draft)) }
        let memories = drafts.map { draft in
            Wire.CapturedMemory(
                memoryID: draft.key == nil ? "\(draft.id)" : nil, scope: draft.scope.level,
                namespace: draft.namespace, key: draft.key)
        }
        let data = Wire.MemoryCapturedData(memories: memories).json.objectValue ?? [:]
        active.outbox.add(
            [EventDraft(.memoryCaptured, taskID: active.task.id, runID: run.id, data: data)], active.session.id)
    }

    /// The prompt and the outcome, without one that says nothing.
    private func turns(_ active: ActiveTask, _ run: Run, _ result: TaskResult, from seq: Int) -> [MemoryDraft] {
        let namespace = SessionLearning(active.session.learning).sessionNamespace
        let said = [("user", active.task.prompt), ("assistant", Self.outcome(of: result))]
        return said.enumerated().compactMap { index, said in
            let whole = active.redactor.redacted(said.1)
            let text = RecordLimits.parts(whole, bytesMax: Self.turnBytesMax)[0].text
            guard text.contains(where: { !$0.isWhitespace }) else { return nil }
            var draft = MemoryDraft(
                id: parts.clock.id(), scope: .session(active.session.id), namespace: namespace, value: .string(text))
            draft.source = MemorySource(taskID: active.task.id, runID: run.id, role: said.0, seq: seq + index)
            draft.isCaptured = true
            return draft
        }
    }

    /// What was answered, and of a task that failed, why.
    private static func outcome(of result: TaskResult) -> String {
        guard result.status == .failed else { return result.output }
        let reason = result.error?.message ?? "its stop reason is \(result.stopReason.rawValue)."
        return [result.output, "The task failed: \(reason)"].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// What the agent found out; `nil` for what is larger than a memory may be.
    private func finding(_ finding: Finding, _ active: ActiveTask, _ run: Run) -> MemoryDraft? {
        var draft = MemoryDraft(
            id: parts.clock.id(), scope: active.session.findingsScope,
            namespace: SessionLearning(active.session.learning).sharedNamespace, key: finding.key,
            value: active.redactor.redacted(finding.value))
        draft.contentText = active.redactor.redacted(finding.text)
        draft.tags = Array(finding.tags.prefix(MemoryLimits.tagsMax))
        draft.source = MemorySource(taskID: active.task.id, runID: run.id)
        draft.isCaptured = true
        do throws(RPCError) { try draft.check() } catch { return nil }
        return draft
    }
}

extension RecalledMemory {
    init(_ hit: RecallHit) { self.init(hit.memory, score: hit.score) }

    init(_ memory: Memory, score: Double) {
        self.init(
            id: memory.id, namespace: memory.namespace, key: memory.key, text: memory.contentText,
            value: memory.value, score: score)
    }
}

extension MemoryPlace {
    /// All that a session sees.
    init(_ session: AgentSession) {
        self.session = session.id
        connection = session.connectionID
    }
}
