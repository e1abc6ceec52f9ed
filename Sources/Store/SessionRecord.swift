package import AgentModel
package import JSON

/// Something that a session owns, as it goes from one store to another.
package enum SessionRecord: Hashable, Sendable {
    /// Without its result, which its terminal event has. With the numbers of `task.queued` and of that event.
    case task(AgentTask, firstSeq: Int, lastSeq: Int)
    case run(Run)
    case checkpoint(CheckpointRecord)
    case ask(PermissionAsk)
    case reading(ReadingRecord)
    case artifact(Artifact)
    case memory(MemoryRecord)
    /// `task.queued` without data: its task has it all.
    case event(Event)
}

/// A checkpoint with what its state changes of the one before it in the session, parent or not.
package struct CheckpointRecord: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// A `StateChange` of the one before; `nil`: it is the same.
        case change(JSON?)
        case whole(JSON)
    }

    package var checkpoint: Checkpoint
    /// The session's last run by then.
    package var lastRunID: RunID?
    package var state: State

    package init(_ checkpoint: Checkpoint, lastRunID: RunID?, state: State) {
        self.checkpoint = checkpoint
        self.lastRunID = lastRunID
        self.state = state
    }
}

/// Where a driver session of the session's stands.
package struct ReadingRecord: Hashable, Sendable {
    package var driver: String
    package var driverSessionID: String
    package var reading: UsageReading

    package init(driver: String, driverSessionID: String, reading: UsageReading) {
        self.driver = driver
        self.driverSessionID = driverSessionID
        self.reading = reading
    }
}

/// A version of a memory of the session's own.
package struct MemoryRecord: Hashable, Sendable {
    package var memory: Memory
    /// An earlier version is none.
    package var isCurrent: Bool
    package var isCaptured: Bool

    package init(_ memory: Memory, isCurrent: Bool, isCaptured: Bool) {
        self.memory = memory
        self.isCurrent = isCurrent
        self.isCaptured = isCaptured
    }
}

/// Where a page of records ended. Records come kind by kind, in the order of the kinds.
package struct SessionRecordCursor: Hashable, Sendable {
    package enum Kind: Int, Sendable, CaseIterable {
        case task, run, checkpoint, ask, reading, artifact, earlierMemory, memory, event
    }

    package var kind: Kind
    /// In the order of its kind, as the store counts.
    package var after: Int64
    /// Of the last one, where that is its place in the order.
    package var afterID: PermissionID?

    package init(_ kind: Kind, after: Int64 = 0, afterID: PermissionID? = nil) {
        self.kind = kind
        self.after = after
        self.afterID = afterID
    }

    package static let start = SessionRecordCursor(.task)
}

package struct SessionRecordPage: Sendable {
    package var records: [SessionRecord] = []
    /// `nil`: there is nothing after it.
    package var next: SessionRecordCursor?

    package init() {}
}

/// What a session holds; two that are equal are of the same session at rest.
package struct SessionMark: Hashable, Sendable {
    package var session: AgentSession
    package var lastSeq: Int
    package var openTasks: Int
    /// Of its own scope.
    package var memories: Int
    /// The number of the last version of any of them.
    package var lastDocument: Int

    package init(_ session: AgentSession, lastSeq: Int, openTasks: Int, memories: Int, lastDocument: Int) {
        self.session = session
        self.lastSeq = lastSeq
        self.openTasks = openTasks
        self.memories = memories
        self.lastDocument = lastDocument
    }
}

/// A session that is made of what another store has written.
package struct SessionImport: Hashable, Sendable {
    /// As it is to be, with its id here.
    package var session: AgentSession
    /// Its id there.
    package var source: SessionID
    /// How its parts get other ids; `nil`: they keep theirs. Other ids make a copy: agents' own sessions stay the
    /// original's, and its own go off from them where `forkingDrivers` can.
    package var identities: IdentityMap?
    package var forkingDrivers: Set<String> = []

    package init(_ session: AgentSession, from source: SessionID, identities: IdentityMap?) {
        self.session = session
        self.source = source
        self.identities = identities
    }
}
