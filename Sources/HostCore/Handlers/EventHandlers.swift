import AgentModel
import HostProtocol
import JSONRPC
import Store

extension Host {
    func sessionEvents(_ params: Wire.SessionEventsParams, _ call: Call) throws(RPCError) {
        var range = EventRange()
        range.set(params.afterSeq, params.beforeSeq, params.limit, params.types)
        if let task = params.taskID { range.taskID = try taskID(task) }
        replyEvents(try sessionID(params.sessionID), range, call, path: "params.session_id")
    }

    func taskEvents(_ params: Wire.TaskEventsParams, _ call: Call) throws(RPCError) {
        let id = try taskID(params.taskID)
        var range = EventRange()
        range.set(params.afterSeq, params.beforeSeq, params.limit, params.types)
        range.taskID = id
        read(call) {
            try $0.task(id)
        } then: { [self] task in
            guard let task else { return fail(call, .notFound("\(id)", path: "params.task_id")) }
            replyEvents(task.sessionID, range, call, path: "params.task_id")
        }
    }

    private func replyEvents(_ session: SessionID, _ range: EventRange, _ call: Call, path: String) {
        read(call) { reader throws -> (events: [Event], last: Int, hasMore: Bool)? in
            guard try reader.session(session) != nil else { return nil }
            let events = try reader.events(session, range)
            // Whether another one lies beyond the page, in the direction that was asked for.
            var beyond = range
            beyond.limit = 1
            if range.beforeSeq != nil {
                beyond.beforeSeq = events.first?.seq
            } else {
                beyond.afterSeq = events.last?.seq ?? range.afterSeq
            }
            let hasMore = try !events.isEmpty && !reader.events(session, beyond).isEmpty
            return (events, try reader.lastSeq(session), hasMore)
        } then: { [self] found in
            guard let found else { return fail(call, .notFound("\(session)", path: path)) }
            reply(
                call,
                Wire.EventPage(items: found.events.map(Wire.Event.init), lastSeq: found.last, hasMore: found.hasMore))
        }
    }

    func subscribe(_ params: Wire.SessionSubscribeParams, _ call: Call) throws(RPCError) {
        let id = try sessionID(params.sessionID)
        let types = Set((params.types ?? []).compactMap { EventType(rawValue: $0.rawValue) })
        read(call) { reader throws -> Int? in
            try reader.session(id) == nil ? nil : try reader.lastSeq(id)
        } then: { [self] last in
            guard let last else { return fail(call, .notFound("\(id)", path: "params.session_id")) }
            let after = min(params.afterSeq ?? last, last)
            subscriptions[id] = Subscriptions.Subscription(
                cursor: after, toldSeq: after, types: types, wantsDeltas: params.deltas)
            watchOtherHosts()
            reply(call, Wire.Subscription(sessionID: "\(id)", afterSeq: after, lastSeq: last))
        }
    }

    func unsubscribe(_ params: Wire.SessionUnsubscribeParams, _ call: Call) throws(RPCError) {
        let id = try sessionID(params.sessionID)
        let was = subscriptions[id] != nil
        subscriptions[id] = nil
        reply(call, Wire.Unsubscribed(sessionID: "\(id)", wasSubscribed: was))
    }
}

extension EventRange {
    mutating func set(_ afterSeq: Int?, _ beforeSeq: Int?, _ limit: Int, _ types: [Wire.EventType]?) {
        self.afterSeq = afterSeq ?? 0
        self.beforeSeq = beforeSeq
        self.limit = limit
        self.types = Set((types ?? []).compactMap { EventType(rawValue: $0.rawValue) })
    }
}
