import AgentModel
import HostProtocol
import JSONRPC
import Store

/// Memories by what they are, without a question.
extension Host {
    func listMemories(_ params: Wire.MemoryListParams, _ call: Call) throws(RPCError) {
        let place = try MemoryPlace(
            session: params.sessionID, project: params.projectID, connection: params.dbConnectionID,
            scope: params.scope)
        var filter = MemoryFilter()
        filter.namespace = params.namespace
        filter.keyPrefix = params.keyPrefix
        filter.tag = params.tag
        filter.expression = try params.filterBy.map(MemoryTest.expression)
        filter.includeInactive = params.includeInactive
        let page = PageRequest(limit: params.limit, cursor: params.cursor)
        let now = clock.now()
        readChecked(call) { [filter] reader in
            var filter = filter
            filter.scopes = try place.filter(in: reader.session(of: place))
            return try reader.memories(filter, at: now, page)
        } then: { [self] found in
            reply(call, Wire.MemoryPage(items: found.items.map(Wire.Memory.init), nextCursor: found.nextCursor))
        }
    }

    func countMemories(_ params: Wire.MemoryCountParams, _ call: Call) throws(RPCError) {
        let place = try MemoryPlace(
            session: params.sessionID, project: params.projectID, connection: params.dbConnectionID,
            scope: params.scope)
        var filter = MemoryFilter()
        filter.namespace = params.namespace
        filter.keyPrefix = params.keyPrefix
        filter.tag = params.tag
        filter.expression = try params.filterBy.map(MemoryTest.expression)
        filter.includeInactive = params.includeInactive
        let now = clock.now()
        readChecked(call) { [filter] reader in
            var filter = filter
            filter.scopes = try place.filter(in: reader.session(of: place))
            return try reader.countMemories(filter, at: now)
        } then: { [self] count in
            reply(call, Wire.MemoryCount(count: count))
        }
    }

    func listNamespaces(_ params: Wire.MemoryNamespacesParams, _ call: Call) throws(RPCError) {
        let place = try MemoryPlace(
            session: params.sessionID, project: params.projectID, connection: params.dbConnectionID,
            scope: params.scope)
        readChecked(call) { reader in
            try reader.namespaces(place.filter(in: reader.session(of: place)))
        } then: { [self] found in
            reply(call, Wire.NamespaceList(items: found.map(Wire.NamespaceInfo.init)))
        }
    }

    func memoryStats(_ params: Wire.MemoryStatsParams, _ call: Call) {
        read(call) {
            try $0.memoryStats()
        } then: { [self] stats in
            reply(call, Wire.MemoryStats(stats, embedder))
        }
    }
}
