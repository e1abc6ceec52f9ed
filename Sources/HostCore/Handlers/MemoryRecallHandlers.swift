package import AgentModel
package import HostProtocol
import JSONRPC
package import Store

/// Questions to memory.
extension Host {
    func recall(_ params: Wire.MemoryRecallParams, _ call: Call) throws(RPCError) {
        let place = try MemoryPlace(params)
        let started = clock.monotonicMilliseconds()
        recall(RecallQuery(params, at: clock.now()), place, call) { [self] result in
            recallMarks.add(result.hits.map(\.memory.id))
            reply(call, Wire.RecallResult(result, milliseconds: clock.monotonicMilliseconds() - started))
        }
    }

    func memoryContext(_ params: Wire.MemoryContextParams, _ call: Call) throws(RPCError) {
        let place = try MemoryPlace(
            session: params.sessionID, project: params.projectID, connection: params.dbConnectionID,
            scope: params.scope)
        var query = RecallQuery(text: RecallQuery.text(of: params.prompt), scopes: [], at: clock.now())
        query.namespaces = params.namespace.map { [$0] }
        query.limit = params.limit
        query.minScore = params.minScore
        recall(query, place, call) { [self] result in
            let context = MemoryContext(result.hits, budgetTokens: params.budgetTokens)
            if params.mark { recallMarks.add(context.hits.map(\.memory.id)) }
            reply(
                call,
                Wire.ContextResult(
                    text: context.text, memories: context.hits.map(Wire.RecallHit.init), tokens: context.tokens,
                    leftOut: context.leftOut, nothingKnown: result.hits.isEmpty))
        }
    }

    /// Asks by meaning too, where the host has vectors; a question without one is asked by its words alone.
    private func recall(
        _ query: RecallQuery, _ place: MemoryPlace, _ call: Call, then: @escaping (RecallResult) -> Void
    ) {
        guard let embedder else { return recallNow(query, place, call, then: then) }
        // By words first: they correct the question, and are the answer if its vector does not come.
        recallNow(query, place, call) { [self] byWords in
            call.cancel = { [unowned self, unowned call] in fail(call, .cancelled) }
            embedder.embed(byWords.correctedQuery ?? query.text) { [self] result in
                guard isOpen(call) else { return }
                switch result {
                case .success(let embedding):
                    var query = query
                    embedder.give(embedding, to: &query)
                    recallNow(query, place, call, then: then)
                case .failure(let failure):
                    call.warnings.append("asked by words alone: \(failure)")
                    then(byWords)
                }
            }
        }
    }

    private func recallNow(
        _ query: RecallQuery, _ place: MemoryPlace, _ call: Call, then: @escaping (RecallResult) -> Void
    ) {
        readChecked(call) { reader in
            try reader.recall(query, at: place)
        } then: { result in
            then(result)
        }
    }
}

extension Wire.MemoryRecallParams {
    /// The answer by words alone, for a process that asks the store without a host.
    ///
    /// - Parameter clock: monotonic, in milliseconds
    package func answer(
        from reader: any StoreReader, at now: Timestamp, clock: () -> UInt64
    ) throws -> Wire.RecallResult {
        let started = clock()
        let result = try reader.recall(RecallQuery(self, at: now), at: MemoryPlace(self))
        return Wire.RecallResult(result, milliseconds: clock() - started)
    }
}

extension StoreReader {
    fileprivate func recall(_ query: RecallQuery, at place: MemoryPlace) throws -> RecallResult {
        var query = query
        query.scopes = try place.levels(in: session(of: place))
        return try recall(query)
    }
}

extension MemoryPlace {
    fileprivate init(_ params: Wire.MemoryRecallParams) throws(RPCError) {
        try self.init(
            session: params.sessionID, project: params.projectID, connection: params.dbConnectionID,
            scope: params.scope)
    }
}

extension RecallQuery {
    /// Without the scopes, which the store is asked about.
    fileprivate init(_ params: Wire.MemoryRecallParams, at now: Timestamp) {
        self.init(text: params.query, scopes: [], at: now)
        namespaces = params.namespace.map { [$0] }
        limit = params.limit
        minScore = params.minScore
        explains = params.explain
    }

    /// What of a prompt is looked at: its beginning says what it is about.
    static func text(of prompt: String) -> String { String(prompt.prefix(10_000)) }
}

extension Wire.RecallResult {
    fileprivate init(_ result: RecallResult, milliseconds: UInt64) {
        self.init(
            memories: result.hits.map(Wire.RecallHit.init), nothingKnown: result.hits.isEmpty,
            correctedQuery: result.correctedQuery, searchTimeMilliseconds: Int(milliseconds))
    }
}

extension Wire.RecallHit {
    init(_ hit: RecallHit) {
        self.init(memory: .init(hit.memory), score: hit.score, explain: hit.explanation)
    }
}
