import AgentEngine
import AgentModel
import CSystem
import Driver
import HostProtocol
import JSON
import JSONRPC
import Store

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the client has said it answers.
struct ClientCapabilities {
    var permissions = false
    var questions = false
    /// Events that it does not want to be told of.
    var optedOut: Set<EventType> = []
    /// Also of these, which are not in the log.
    var optedOutOfDeltas: Set<String> = []
}

extension Host {
    static let protocolVersion = 1

    func initialize(_ params: Wire.HostInitializeParams, _ call: Call) throws(RPCError) {
        guard params.protocolVersion == Self.protocolVersion else {
            throw RPCError(
                .unsupported, "this host speaks version \(Self.protocolVersion)", path: "params.protocol_version",
                expected: "\(Self.protocolVersion)")
        }
        clientCapabilities.permissions = params.capabilities?.permissions ?? false
        clientCapabilities.questions = params.capabilities?.questions ?? false
        let words = (params.optOutEvents ?? []).map(\.rawValue)
        clientCapabilities.optedOut = Set(words.compactMap(EventType.init(rawValue:)))
        clientCapabilities.optedOutOfDeltas = Set(words)
        reply(
            call,
            Wire.InitializeResult(
                protocolVersion: Self.protocolVersion, host: hostInfo, drivers: options.drivers.map(info),
                limits: limits, store: storeInfo))
    }

    func ping(_ params: Wire.HostPingParams, _ call: Call) { reply(call, Wire.Pong(ok: true)) }

    func status(_ params: Wire.HostStatusParams, _ call: Call) {
        read(call) {
            try $0.sessionStats(.init())
        } then: { [self] stats in
            let now = clock.now()
            let methods = latencies.summaries.mapValues {
                Wire.MethodLatency(
                    count: $0.count, p50Microseconds: $0.p50, p90Microseconds: $0.p90, p99Microseconds: $0.p99,
                    maxMicroseconds: $0.max)
            }
            reply(
                call,
                Wire.HostStatus(
                    host: hostInfo, startedAt: startedAt.description,
                    uptimeMilliseconds: Int(max(0, now.milliseconds - startedAt.milliseconds)), memory: memoryInfo,
                    sessions: counts(stats.sessionsByStatus), tasks: counts(stats.tasksByStatus),
                    stats: Wire.SessionStats(stats), queues: queueInfo, warm: warmInfo, methods: methods,
                    store: storeInfo))
        }
    }

    func shutdown(_ params: Wire.HostShutdownParams, _ call: Call) {
        reply(call, Wire.ShutdownResult(mode: params.mode, runningTasks: runner.openTasks.count))
        if params.mode == .now { return shutDownNow(exitCode: 0) }
        shutdown.drain()
        runner.endsHeld = true
    }

    func discover(_ params: Wire.RpcDiscoverParams, _ call: Call) {
        let text = Wire.openRPCDocument.withUTF8Buffer { Array($0) }
        do throws(JSONParseError) {
            reply(call, try JSON.parse(text))
        } catch {
            fail(call, RPCError(.internalError, "the description of the protocol cannot be read", detail: "\(error)"))
        }
    }

    /// `rpc.cancel` sent as a request, by a client that wants an answer.
    func cancelRequest(_ call: Call) {
        guard let id = call.params["id"].flatMap(RequestID.init) else {
            let expected = "the id of a request: a string or an integer"
            return fail(
                call, RPCError(.invalidParams, "params.id: expected \(expected)", path: "params.id", expected: expected)
            )
        }
        cancel(id)
        reply(call, JSONObject())
    }

    // MARK: - Descriptions

    var hostInfo: Wire.HostInfo {
        Wire.HostInfo(name: "agenthost", version: options.version, hostID: "\(store.hostID)", pid: Int(getpid()))
    }

    var storeInfo: Wire.StoreInfo {
        let store = store.describe()
        return Wire.StoreInfo(
            engine: store.engine, path: store.path, bytes: store.bytes, schemaVersion: store.schemaVersion)
    }

    private var limits: Wire.Limits {
        Wire.Limits(
            lineBytesMax: client.limits.lineBytesMax, replyBytesMax: client.limits.lineBytesMax,
            nestingMax: client.limits.nestingMax, batchMax: client.limits.batchMax,
            requestsInFlightMax: client.limits.requestsMax, undeliveredOutputBytesMax: client.limits.outputBytesMax,
            waitingAnswersMax: client.limits.answersMax, queuedTasksMax: options.queuedTasksMax,
            messageBytesMax: options.messageBytesMax, stallTimeoutMilliseconds: options.stallMilliseconds,
            processesMax: options.runsMax)
    }

    private var memoryInfo: Wire.MemoryInfo {
        var usage = rusage()
        #if canImport(Glibc)
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            let peak = usage.ru_maxrss * 1024
        #else
            getrusage(RUSAGE_SELF, &usage)
            let peak = usage.ru_maxrss
        #endif
        let resident = Int(cs_resident_bytes())
        return Wire.MemoryInfo(residentBytes: resident, peakBytes: max(peak, resident))
    }

    private var warmInfo: Wire.WarmInfo {
        Wire.WarmInfo(
            processes: runner.warm.count, reused: runner.warm.counts.reused, ended: runner.warm.counts.ended)
    }

    private var queueInfo: Wire.QueueInfo {
        Wire.QueueInfo(
            requestsInFlight: client.inFlight.count, requestsWaiting: waitingForLane.count,
            inputBytes: client.inputBytesWaiting, outputBytes: client.outputBytesWaiting,
            subscriptions: subscriptions.count, runs: runner.runningCount)
    }

    func counts<Key: RawRepresentable>(_ values: [Key: Int]) -> [String: Int] where Key.RawValue == String {
        Dictionary(uniqueKeysWithValues: values.map { ($0.key.rawValue, $0.value) })
    }
}
