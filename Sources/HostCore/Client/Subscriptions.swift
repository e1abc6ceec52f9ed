import AgentModel

/// The client's subscriptions: each a place in one session's log. An event that is committed here and comes next is
/// told at once; whatever else it has missed is read from the log when the client takes it.
struct Subscriptions {
    struct Subscription {
        /// The last event that it has been past.
        var cursor: Int
        /// The last one that it was told of.
        var toldSeq: Int
        /// Empty: all.
        var types: Set<EventType>
        var wantsDeltas: Bool
        /// Events may be in the log behind the cursor.
        var isBehind = true
        var isReading = false

        func wants(_ event: Event) -> Bool { types.isEmpty || types.contains(event.type) }
        var isFiltered: Bool { !types.isEmpty }
    }

    private var bySession: [SessionID: Subscription] = [:]

    var count: Int { bySession.count }
    var sessions: [SessionID] { Array(bySession.keys) }

    subscript(session: SessionID) -> Subscription? {
        get { bySession[session] }
        set { bySession[session] = newValue }
    }

    /// Sessions whose log is to be read on.
    var behind: [SessionID] {
        guard !bySession.isEmpty else { return [] }
        return bySession.filter { $0.value.isBehind && !$0.value.isReading }.map(\.key)
    }

    /// What other hosts wrote may concern any of them.
    mutating func markAllBehind() { for session in bySession.keys { bySession[session]?.isBehind = true } }

    /// What to do with an event of a commit.
    enum Verdict {
        /// Nobody subscribed to it.
        case none
        /// Tell it now; with a filter, `previous` is what was told before it.
        case tell(previous: Int?)
        /// Its turn comes when the log is read.
        case later
        /// It has been told, or the filter leaves it out.
        case leftOut
    }

    mutating func take(_ event: Event, canTell: Bool) -> Verdict {
        guard var subscription = bySession[event.sessionID] else { return .none }
        guard event.seq > subscription.cursor else { return .leftOut }
        guard canTell, !subscription.isReading, event.seq == subscription.cursor + 1 else {
            bySession[event.sessionID]?.isBehind = true
            return .later
        }
        subscription.cursor = event.seq
        let previous = subscription.toldSeq
        let isWanted = subscription.wants(event)
        if isWanted { subscription.toldSeq = event.seq }
        bySession[event.sessionID] = subscription
        return isWanted ? .tell(previous: subscription.isFiltered ? previous : nil) : .leftOut
    }
}
