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
        let started = clock.monotonicMilliseconds()
        readChecked(call) { [query] reader in
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
