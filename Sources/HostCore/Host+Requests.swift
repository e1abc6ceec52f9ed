import AgentEngine
import AgentModel
import HostProtocol
import JSON
import JSONRPC
import Store

/// What serves one method, once its request's lane is free.
typealias MethodHandler = (Call) -> Void

/// A request's way from its line to its one answer.
extension Host {
    func take(_ delivery: InFlightTable.Delivery) {
        switch delivery {
        case .request(let key, let request): take(request, key)
        case .notification(let notification): take(notification)
        case .response(let response): take(response)
        case .unanswerable(let error): options.log("ignored what a client sent: \(error.message)")
        }
    }

    private func take(_ request: Request, _ key: RequestKey) {
        let now = clock.monotonicNanoseconds()
        guard let method = Wire.Method(rawValue: request.method) else {
            return client.finish(
                key, .error(RPCError(.methodNotFound, "there is no method \(request.method)", path: "method")))
        }
        if method == .hostPing, request.params.count == 2 {
            client.finish(key, .encoded(Self.pong))
            latencies.add(method.rawValue, nanoseconds: clock.monotonicNanoseconds() &- now)
            return
        }
        if let refusal = refusal(of: method) { return client.finish(key, .error(refusal)) }
        let params: JSON
        var warnings = request.warnings
        do throws(JSONParseError) {
            let parsed = try JSON.parseWithNotes(request.params, limits: JSONLimits(depth: client.limits.nestingMax))
            params = parsed.value
            warnings += parsed.notes.map { "params: \($0)" }
        } catch {
            return client.finish(key, .error(RPCError(.parseError, "the params are not JSON", detail: "\(error)")))
        }
        let call = Call(key: key, request, params: params, warnings: warnings, now: now)
        calls[key] = call
        if lanes.admit(key.number, access(method, params)) {
            serve(call, method)
        } else {
            waitingForLane[key.number] = (call, { [unowned self] in serve($0, method) })
        }
    }

    private static let pong = Array(#"{"ok":true}"#.utf8)

    /// Why nothing is to be taken in now, if so. What ends or looks is always taken.
    private func refusal(of method: Wire.Method) -> RPCError? {
        if method.lane.access == .overtake { return nil }
        if shutdown.phase != .serving { return RPCError(.shuttingDown, "the host is ending") }
        if client.isFull {
            return RPCError(
                .overloaded, "the client has not read \(client.outputBytesWaiting) bytes of output", retryAfterMS: 100)
        }
        return nil
    }

    private func access(_ method: Wire.Method, _ params: JSON) -> LaneScheduler.Access {
        let lane = method.lane
        let key = lane.key(in: params.objectValue ?? [:]).map { key -> LaneScheduler.Lane in
            switch key.kind {
            case .session: .session(key.id)
            case .project: .project(key.id)
            case .connection: .connection(key.id)
            }
        }
        switch lane.access {
        case .overtake: return .overtake
        case .write: return .write(key ?? .store)
        case .read: return key.map(LaneScheduler.Access.read) ?? .readAll
        }
    }

    // MARK: - Serving

    /// Checks the params and hands them to their handler; what either throws is the answer.
    func serve<Params: WireParams>(
        _ call: Call, _ handler: (Params, Call) throws(RPCError) -> Void
    ) {
        do throws(InvalidParams) {
            let decoded = try Params.decode(call.params)
            call.warnings += decoded.warnings
            do throws(RPCError) { try handler(decoded.params, call) } catch { fail(call, error) }
        } catch {
            fail(call, RPCError(.invalidParams, error.message, path: error.path, expected: error.expected))
        }
    }

    func reply(_ call: Call, _ result: some WireValue) {
        var json = result.json
        if !call.warnings.isEmpty, case .object(var object) = json {
            object["_meta"] = ["warnings": .array(call.warnings.map(JSON.string))]
            json = .object(object)
        }
        finish(call, .result(json))
    }

    func fail(_ call: Call, _ error: RPCError) {
        var error = error
        if error.taskID == nil { error.taskID = call.task?.description }
        finish(call, .error(error))
    }

    func fail(_ call: Call, _ failure: StoreFailure) { fail(call, RPCError(failure)) }

    private func finish(_ call: Call, _ reply: Reply) {
        guard calls.removeValue(forKey: call.key) != nil else { return }
        call.cancel = nil
        if let reading = call.reading { store.abandonRead(reading) }
        client.finish(call.key, reply)
        latencies.add(call.method, nanoseconds: clock.monotonicNanoseconds() &- call.receivedAtNanoseconds)
        goOn(lanes.ended(call.key.number))
    }

    func isOpen(_ call: Call) -> Bool { calls[call.key] != nil }

    /// Serves the requests whose lane has become free.
    private func goOn(_ keys: [UInt64]) {
        for key in keys {
            guard let (call, handler) = waitingForLane.removeValue(forKey: key) else { continue }
            handler(call)
        }
    }

    /// Makes a request's change. Its lane goes on as soon as the change is on its way.
    func commit(_ call: Call, _ commands: [StoreCommand], then: @escaping (StoreCommit) -> Void) {
        commit(call, commands) { [self] result in
            switch result {
            case .success(let commit): then(commit)
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    func commit(_ call: Call, _ commands: [StoreCommand], result: @escaping (StoreClient.CommitResult) -> Void) {
        call.cancel = nil
        store.commit(commands + recallMarks.take()) { [self] answer in
            result(answer)
            goOn(lanes.ended(call.key.number))
        }
        goOn(lanes.submitted(call.key.number))
    }

    /// The request no longer holds up its lane, although it has no answer yet.
    func releaseLane(_ call: Call) { goOn(lanes.ended(call.key.number)) }

    /// A path as an absolute one: relative ones start in the host's working folder.
    func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(options.workingDirectory)/\(path)"
    }

    /// Reads for a request; it can be cancelled meanwhile.
    func read<Answer: Sendable>(
        _ call: Call, _ query: @escaping @Sendable (any StoreReader) throws -> Answer, then: @escaping (Answer) -> Void
    ) {
        call.cancel = { [unowned self, unowned call] in fail(call, .cancelled) }
        call.reading = store.read(query) { [self] result in
            call.reading = nil
            guard isOpen(call) else { return }
            switch result {
            case .success(let answer): then(answer)
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    // MARK: - Notifications and responses

    private func take(_ notification: Notification) {
        guard notification.method == Wire.Method.rpcCancel.rawValue,
            let params = try? JSON.parse(notification.params), let id = params["id"].flatMap(RequestID.init)
        else { return options.log("ignored a notification \(notification.method)") }
        cancel(id)
    }

    /// Cancels a request in flight, if it still can be.
    func cancel(_ id: RequestID) {
        guard let key = client.inFlight.key(of: id), let call = calls[key] else { return }
        if waitingForLane.removeValue(forKey: key.number) != nil {
            fail(call, .cancelled)
        } else {
            call.isCancelled = true
            call.cancel?()
        }
    }

    private func take(_ response: Response) {
        guard let key = client.finishOutgoing(response.id) else { return }
        clientAnswered(key, response.outcome)
    }
}

extension RPCError {
    static var cancelled: RPCError { RPCError(.cancelled, "the request was cancelled") }

    static func notFound(_ id: String, path: String) -> RPCError {
        RPCError(.notFound, "there is nothing with the id \(id)", path: path)
    }

    /// What a request names is not there: its kind says by which parameter.
    /// - Parameter field: the parameter that may name something of another kind.
    static func missing(_ id: String, else field: String) -> RPCError {
        let fields = [
            (SessionKind.prefix, "session_id"), (ConnectionKind.prefix, "db_connection_id"),
            (ProjectKind.prefix, "project_id"), (PlanKind.prefix, "plan_id"),
        ]
        return notFound(id, path: "params.\(fields.first { id.hasPrefix($0.0) }?.1 ?? field)")
    }
}
