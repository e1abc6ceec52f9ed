import AgentEngine
import AgentModel
import HostProtocol
import JSON
import JSONRPC
import Store

extension Host {
    func opened(_ ask: PermissionAsk) -> Bool {
        let isAnswered = ask.kind == .permission ? clientCapabilities.permissions : clientCapabilities.questions
        guard isAnswered, !client.isBroken, !client.hasInputEnded else { return false }
        clientAsks.add(client.request("permission.request", Wire.PermissionRequest(ask).json), ask.id)
        return true
    }

    func closed(_ ask: PermissionID) {
        if let key = clientAsks.take(ask) { client.abandonOutgoing(key) }
    }

    /// The client's answer to a request of the host's.
    func clientAnswered(_ key: OutgoingTable.Key, _ outcome: Response.Outcome) {
        guard let id = clientAsks.take(key), let ask = runner.asks[id] else { return }
        var option: String?
        if case .result(let bytes) = outcome, let json = try? JSON.parse(bytes),
            let answer = try? Wire.PermissionAnswer(lenient: json)
        {
            option = answer.optionID.flatMap { chosen in ask.options.contains { $0.id == chosen } ? chosen : nil }
        }
        runner.decide(id, option: option, by: "client")
    }

    func listPermissions(_ params: Wire.PermissionListParams, _ call: Call) throws(RPCError) {
        let session = try params.sessionID.map { text throws(RPCError) in try sessionID(text) }
        let task = try params.taskID.map { text throws(RPCError) in try taskID(text) }
        read(call) { reader throws -> (asks: [PermissionAsk], isSessionKnown: Bool, isTaskKnown: Bool) in
            (
                try reader.openAsks(session), try session.map { try reader.session($0) != nil } ?? true,
                try task.map { try reader.task($0) != nil } ?? true
            )
        } then: { [self] asks, isSessionKnown, isTaskKnown in
            guard isSessionKnown else {
                return fail(call, .notFound(params.sessionID ?? "", path: "params.session_id"))
            }
            guard isTaskKnown else { return fail(call, .notFound(params.taskID ?? "", path: "params.task_id")) }
            let wanted = asks.filter { task == nil || $0.taskID == task }
            reply(call, Wire.PermissionPage(items: wanted.map(Wire.Permission.init)))
        }
    }

    func respondToPermission(_ params: Wire.PermissionRespondParams, _ call: Call) throws(RPCError) {
        guard let id = PermissionID(params.permissionID) else {
            throw .notFound(params.permissionID, path: "params.permission_id")
        }
        read(call) { reader throws -> (ask: PermissionAsk, hasEnded: Bool)? in
            guard let ask = try reader.ask(id) else { return nil }
            return (ask, try ask.taskID.map { try reader.task($0)?.status.isFinal ?? true } ?? false)
        } then: { [self] found in
            guard let (ask, hasEnded) = found else {
                return fail(call, .notFound("\(id)", path: "params.permission_id"))
            }
            if let option = params.optionID, !ask.options.contains(where: { $0.id == option }) {
                let known = ask.options.map { "\"\($0.id)\"" }.joined(separator: ", ")
                return fail(
                    call,
                    RPCError(
                        .invalidParams, "the ask has no option \(option)", path: "params.option_id",
                        expected: "one of \(known)"))
            }
            let lasting = hasEnded ? Self.grant(for: params.optionID, to: ask) : []
            runner.resolve(id, option: params.optionID, by: "client", with: lasting) { [self] result in
                switch result {
                case .success(let commit): replyResolved(commit.asks[id] ?? ask, call)
                case .failure(.superseded), .failure(.outdated):
                    fail(call, RPCError(.conflict, "the ask has its answer already", path: "params.permission_id"))
                case .failure(let failure): fail(call, failure)
                }
            }
        }
    }

    /// What stays of an answer to an agent that is gone: it is given when the task that is tried again asks the same.
    private static func grant(for option: String?, to ask: PermissionAsk) -> [StoreCommand] {
        guard let tool = ask.tool, let kind = ask.options.first(where: { $0.id == option })?.kind else { return [] }
        let question = PermissionRules.Question(tool: tool, paths: [], inputHash: SHA256.hex(of: ask.input))
        let decision: PermissionRules.Decision = kind.hasPrefix("allow") ? .allow : .deny
        return [.grant(ask.sessionID, PermissionRules.once(decision, question))]
    }

    private func replyResolved(_ ask: PermissionAsk, _ call: Call) {
        let option = ask.resolution?.option
        reply(
            call,
            Wire.PermissionResult(
                permissionID: "\(ask.id)", outcome: option == nil ? .cancelled : .answered, optionID: option))
    }
}
