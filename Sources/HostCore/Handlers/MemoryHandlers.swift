import AgentModel
import HostProtocol
import JSON
import JSONRPC
import Store

/// One memory at a time.
extension Host {
    func remember(_ params: Wire.MemoryRememberParams, _ call: Call) throws(RPCError) {
        let place = try MemoryPlace(
            session: params.sessionID, project: params.projectID, connection: params.dbConnectionID,
            scope: params.scope)
        let draft = try MemoryDraft(params, id: clock.id(), scope: place.plainScope ?? .user)
        if place.plainScope != nil { return remember(draft, params, call) }
        readChecked(call) {
            try $0.scope(place)
        } then: { [self] scope in
            var placed = draft
            placed.scope = scope
            remember(placed, params, call)
        }
    }

    private func remember(_ draft: MemoryDraft, _ params: Wire.MemoryRememberParams, _ call: Call) {
        var commands: [StoreCommand] = []
        if let claim = claim(call, params.idempotencyKey, scope: params.sessionID ?? "", target: "\(draft.id)") {
            commands.append(.claimKey(claim))
        }
        commit(call, commands + [.remember(draft)]) { [self] result in
            switch result {
            case .success(let commit): replyChange(commit, call)
            case .failure(.replayed(let target)): replayRemember(draft, target, call)
            case .failure(let failure): failMemory(call, failure)
            }
        }
    }

    func replyChange(_ commit: StoreCommit, _ call: Call) {
        guard let change = commit.memories.last else {
            return fail(call, RPCError(.internalError, "the store did not say what became of the memory"))
        }
        reply(call, Wire.MemoryChange(change))
    }

    /// The key has been used: the memory that it made or changed then is the answer.
    private func replayRemember(_ draft: MemoryDraft, _ target: String, _ call: Call) {
        read(call) { reader -> Memory? in
            if let key = draft.key {
                return try reader.memory(draft.scope, namespace: draft.namespace, key: key, at: nil)
            }
            return try MemoryID(target).flatMap { try reader.memory($0, at: nil) }
        } then: { [self] memory in
            guard let memory else { return fail(call, .notFound(target, path: "params.idempotency_key")) }
            reply(call, Wire.MemoryChange(memory: .init(memory), outcome: .unchanged))
        }
    }

    func getMemory(_ params: Wire.MemoryGetParams, _ call: Call) throws(RPCError) {
        let place = try MemoryPlace(
            session: params.sessionID, project: params.projectID, connection: params.dbConnectionID,
            scope: params.scope)
        let at = params.at.flatMap(Timestamp.init)
        let target = params.memoryID ?? params.key ?? ""
        let path = params.memoryID == nil ? "params.key" : "params.memory_id"
        readChecked(call) { reader -> (Memory, versions: [Memory]?) in
            let scope = place.isNamed || params.memoryID == nil ? try reader.scope(place) : nil
            var found: Memory?
            if let id = params.memoryID.flatMap(MemoryID.init) {
                found = try reader.memory(id, at: at)
                // A place beside an id narrows what is found.
                if let scope, found?.scope != scope { found = nil }
            } else if let scope, let key = params.key {
                found = try reader.memory(scope, namespace: params.namespace, key: key, at: at)
            }
            guard let found else { throw RPCError.notFound(target, path: path) }
            return (found, params.history ? try reader.memoryVersions(found.id) : nil)
        } then: { [self] found, versions in
            var wire = Wire.Memory(found)
            wire.versions = versions?.map(Wire.Memory.init)
            reply(call, wire)
        }
    }

    func updateMemory(_ params: Wire.MemoryUpdateParams, _ call: Call) throws(RPCError) {
        let place = try MemoryPlace(
            session: params.sessionID, project: params.projectID, connection: params.dbConnectionID,
            scope: params.scope)
        guard let id = MemoryID(params.memoryID) else { throw .notFound(params.memoryID, path: "params.memory_id") }
        let patch = try MemoryPatch(params)
        guard place.isNamed else { return update(id, patch, call) }
        readChecked(call) { reader -> MemoryScope in
            guard let memory = try reader.memory(id, at: nil) else {
                throw RPCError.notFound("\(id)", path: "params.memory_id")
            }
            return try reader.scope(place.completed(from: memory.scope))
        } then: { [self] scope in
            var placed = patch
            placed.scope = scope
            update(id, placed, call)
        }
    }

    private func update(_ id: MemoryID, _ patch: MemoryPatch, _ call: Call) {
        commit(call, [.updateMemory(id, patch)]) { [self] result in
            switch result {
            case .success(let commit): replyChange(commit, call)
            case .failure(.notFound("\(id)")): fail(call, .notFound("\(id)", path: "params.memory_id"))
            case .failure(let failure): failMemory(call, failure)
            }
        }
    }

    func failMemory(_ call: Call, _ failure: StoreFailure) {
        guard case .notFound(let id) = failure else { return fail(call, failure) }
        fail(call, .missing(id, else: "superseded_by"))
    }

    /// Reads for a request where the query itself may refuse it.
    func readChecked<Answer: Sendable>(
        _ call: Call, _ query: @escaping @Sendable (any StoreReader) throws -> Answer, then: @escaping (Answer) -> Void
    ) {
        read(call) { reader -> Result<Answer, RPCError> in
            do { return .success(try query(reader)) } catch let error as RPCError { return .failure(error) }
        } then: { [self] result in
            switch result {
            case .success(let answer): then(answer)
            case .failure(let error): fail(call, error)
            }
        }
    }
}

extension MemoryPlace {
    /// Where a memory is to be lifted to: a wider level of the session that it is of needs no other name.
    func completed(from scope: MemoryScope) -> MemoryPlace {
        guard case .session(let own) = scope, session == nil, connection == nil else { return self }
        var place = self
        place.session = own
        return place
    }
}
