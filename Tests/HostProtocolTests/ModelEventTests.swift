import AgentModel
import HostProtocol
import JSON
import Testing

/// What the model writes into the log is what the law says that its events carry.
@Suite struct ModelEventTests {
    static let uuid = UUID128(high: 0x0192_f0c1_7a2b_7c3d, low: 0x8e4f_5a6b_7c8d_0001)
    static let session = SessionID(uuid)
    static let task = TaskID(uuid)
    static let now = Timestamp(milliseconds: 1_772_000_000_000)

    static var usage: Usage {
        var usage = Usage()
        usage.inputTokens = 12
        usage.cost = Cost(nanoDollars: 41_873_001)
        return usage
    }

    static var run: Run {
        var run = Run(id: RunID(uuid), taskID: task, sessionID: session, driver: "analyst", at: now)
        run.driverSessionID = "d1"
        run.fromCheckpointID = CheckpointID(uuid)
        run.fallback = "The agent no longer knows the session."
        run.stopReason = .endTurn
        run.usage = usage
        return run
    }

    static var result: TaskResult {
        var result = TaskResult(status: .failed, stopReason: .error)
        result.output = "half"
        result.structuredOutput = ["a": 1]
        result.runID = run.id
        result.driverSessionID = "d1"
        result.fromCheckpointID = CheckpointID(uuid)
        result.checkpointID = CheckpointID(uuid)
        result.usage = usage
        result.error = TaskError(code: 1007, reason: "driver_failed", message: "It ended.", raw: ["exit_code": 1])
        return result
    }

    static var queued: AgentTask {
        var queued = AgentTask(
            id: task, sessionID: session, hostID: HostID(uuid), input: [["type": "text", "text": "count"]],
            driver: "analyst", mode: .query, persistence: .resume, recursionLimit: 5, at: now)
        queued.source = "chat_plan"
        queued.retryOf = task
        queued.planOnly = true
        queued.detached = true
        return queued
    }

    static var ask: PermissionAsk {
        var ask = PermissionAsk(
            id: PermissionID(uuid), sessionID: session, taskID: task, runID: nil, driverAskID: "a", kind: .permission,
            title: "Write notes.txt", at: now)
        ask.tool = "write_file"
        ask.options = [DriverAsk.Option(id: "no", title: "Refuse", kind: "reject_once")]
        ask.deadlineAt = now
        ask.defaultOption = "no"
        return ask
    }

    static var patch: SessionPatch {
        var patch = SessionPatch()
        patch.title = .set("Spring")
        patch.metadata = .clear
        patch.ttlSeconds = .set(60)
        patch.mode = .query
        patch.recursionLimit = 7
        patch.learning = ["enabled": true, "capture": ["findings"], "capture_only": false, "promote_after": 2]
        return patch
    }

    static var samples: [(EventType, JSONObject)] {
        let artifact = Artifact(
            sessionID: session, taskID: task, path: "report.md", bytes: 4, sha256: "ab", mediaType: "text/markdown",
            createdAt: now)
        let answered = PermissionAsk.Resolution(option: "no", by: "client", at: now)
        let withdrawn = PermissionAsk.Resolution(option: nil, by: "withdrawn", at: now)
        return [
            (.taskQueued, queued.queuedData), (.runStarted, run.startedData), (.runEnded, run.endedData),
            (.taskFailed, result.json),
            (.taskInterrupted, TaskResult(status: .interrupted, stopReason: .hostLost).json),
            (.artifactCreated, artifact.json), (.usageUpdated, usage.json.objectValue ?? [:]),
            (.permissionRequested, ask.json), (.permissionResolved, ask.resolvedData(answered)),
            (.questionAnswered, ask.resolvedData(withdrawn)), (.sessionUpdated, patch.changedData),
        ]
    }

    @Test(arguments: samples.indices) func nothingIsLostOnTheWire(index: Int) throws {
        let (type, data) = Self.samples[index]
        let wire = Wire.EventType(rawValue: type.rawValue)
        #expect(wire.isKnown)
        #expect(try wire.data(from: .object(data))?.json == .object(data), "\(type)")
    }

    @Test func aResultIsAReply() throws {
        var reply = Self.result.json
        reply["task_id"] = .string(Self.task.description)
        reply["session_id"] = .string(Self.session.description)
        reply["driver"] = "analyst"
        reply["artifacts"] = []
        #expect(try Wire.TaskResult(lenient: .object(reply)).json == .object(reply))
    }
}
