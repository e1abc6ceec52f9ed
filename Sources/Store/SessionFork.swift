package import AgentModel

/// A session that is to go on from where another one stood.
package struct SessionFork: Hashable, Sendable {
    /// The new one.
    package var session: AgentSession
    package var source: SessionID
    /// Of the source; `nil`: it had none when the copying of its conversation began, and no agent of it can be gone off
    /// from, whatever it has done since.
    package var checkpoint: CheckpointID?
    /// The drivers whose agents can go off from a session of theirs.
    package var forkingDrivers: Set<String>

    package init(
        _ session: AgentSession, from source: SessionID, at checkpoint: CheckpointID?, forkingDrivers: Set<String>
    ) {
        self.session = session
        self.source = source
        self.checkpoint = checkpoint
        self.forkingDrivers = forkingDrivers
    }
}

/// A step of copying a conversation.
package struct HistoryCopy: Hashable, Sendable {
    package var source: SessionID
    package var target: SessionID
    /// Parts of the source's log.
    package var ranges: [ClosedRange<Int>]
    /// Only what comes after this number.
    package var afterSeq = 0
    package var limit = 200

    package init(from source: SessionID, to target: SessionID, ranges: [ClosedRange<Int>]) {
        self.source = source
        self.target = target
        self.ranges = ranges
    }
}

/// A step of copying what a session has remembered.
package struct MemoryCopy: Hashable, Sendable {
    package var source: SessionID
    package var target: SessionID
    /// Only what comes after it, as the store counts.
    package var afterDocument = 0
    package var limit = 100

    package init(from source: SessionID, to target: SessionID) {
        self.source = source
        self.target = target
    }
}
