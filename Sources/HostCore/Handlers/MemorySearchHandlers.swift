import AgentModel
import HostProtocol
import JSON
import JSONRPC
import MemorySearch
import Store

/// Searches of memory in TypeSense's words.
extension Host {
    func searchMemories(_ params: Wire.MemorySearchParams, _ call: Call) throws(RPCError) {
        let place = try MemoryPlace(
            session: params.sessionID, project: params.projectID, connection: params.dbConnectionID,
            scope: params.scope)
        let given = call.params.objectValue ?? [:]
        var request: SearchRequest
        do throws(SearchError) {
            // What is not known has been told of by now.
            request = try SearchRequest(parameters: given, known: Set(given.keys))
        } catch {
            throw RPCError(error)
        }
        call.warnings += request.warnings
        request.warnings = []
        var query = SearchQuery(request, scopes: [], at: clock.now())
        query.namespace = params.namespace
        guard let vector = request.vectorQuery else { return search(query, place, call) }
        guard let embedder else {
            throw RPCError(
                .unsupported, "vector_query: this host gives memories no vectors",
                detail: "name a command or an endpoint for them in the configuration's memory.embeddings, as "
                    + "docs/embedding-commands.md tells",
                path: "params.vector_query")
        }
        query.embeddingModel = embedder.configuration.model
        guard vector.isOfWords else { return search(query, place, call) }
        call.cancel = { [unowned self, unowned call] in fail(call, .cancelled) }
        embedder.embed(request.text) { [self] result in
            guard isOpen(call) else { return }
            switch result {
            case .success(let embedding): query.request.vectorQuery?.vector = embedding.vector
            case .failure(let failure):
                query.request.vectorQuery = nil
                call.warnings.append("searched by words alone: \(failure)")
            }
            search(query, place, call)
        }
    }

    private func search(_ query: SearchQuery, _ place: MemoryPlace, _ call: Call) {
        let started = clock.monotonicMilliseconds()
        readChecked(call) { reader in
            var query = query
            query.scopes = try place.levels(in: reader.session(of: place))
            do { return try reader.search(query).reply } catch let error as SearchError { throw RPCError(error) }
        } then: { [self] reply in
            var reply = reply
            reply["search_time_ms"] = .int(Int64(clock.monotonicMilliseconds() - started))
            self.reply(call, reply)
        }
    }
}
