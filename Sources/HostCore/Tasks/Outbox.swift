import AgentEngine
import AgentModel
import Store

/// What a task has to tell, in order: records, which wait for their commit, and deltas, which wait for the records
/// before them. One batch is under way at a time; what comes meanwhile gathers for the next.
struct Outbox {
    private enum Item {
        case command(StoreCommand)
        case delta(OpenText.Delta)
    }

    private var items: [Item] = []
    private(set) var isCommitting = false

    var count: Int { items.count }
    var isIdle: Bool { items.isEmpty && !isCommitting }

    mutating func add(_ command: StoreCommand) { items.append(.command(command)) }

    /// What a run has used by now, and where driver sessions stand. What waits of it from earlier is replaced, but for
    /// rises: each of these is billed.
    mutating func keep(_ run: Run, _ changes: [ReadingChange]) {
        items.removeAll { item in
            guard case .command(let command) = item else { return false }
            return switch command {
            case .updateRun(let earlier): earlier.id == run.id && earlier.endedAt == nil
            case .keepReading(let earlier): earlier.rise == .none && changes.contains { $0.replaces(earlier) }
            default: false
            }
        }
        add(.updateRun(run))
        for change in changes { add(.keepReading(change)) }
    }

    mutating func add(_ drafts: [EventDraft], _ session: SessionID) {
        if case .command(.append(session, let earlier)) = items.last {
            items[items.count - 1] = .command(.append(session, earlier + drafts))
        } else {
            items.append(.command(.append(session, drafts)))
        }
    }

    /// Deltas of one message that wait together become one.
    mutating func add(_ delta: OpenText.Delta) {
        if case .delta(var earlier) = items.last, earlier.messageID == delta.messageID, earlier.type == delta.type {
            earlier.text += delta.text
            items[items.count - 1] = .delta(earlier)
        } else {
            items.append(.delta(delta))
        }
    }

    /// The deltas that wait for no record any more.
    mutating func takeDeltas() -> [OpenText.Delta] {
        guard !isCommitting else { return [] }
        var deltas: [OpenText.Delta] = []
        for item in items {
            guard case .delta(let delta) = item else { break }
            deltas.append(delta)
        }
        items.removeFirst(deltas.count)
        return deltas
    }

    /// The records up to the next delta; empty while a batch is under way.
    mutating func takeBatch() -> [StoreCommand] {
        guard !isCommitting else { return [] }
        var commands: [StoreCommand] = []
        for item in items {
            guard case .command(let command) = item else { break }
            commands.append(command)
        }
        items.removeFirst(commands.count)
        isCommitting = !commands.isEmpty
        return commands
    }

    mutating func committed() { isCommitting = false }

    /// The batch changed nothing: its records come first again.
    mutating func failed(_ commands: [StoreCommand]) {
        isCommitting = false
        items.insert(contentsOf: commands.map(Item.command), at: 0)
    }

    /// Nothing more may be recorded.
    mutating func discard() {
        items = []
        isCommitting = false
    }
}

extension ReadingChange {
    fileprivate func replaces(_ earlier: ReadingChange) -> Bool {
        driver == earlier.driver && driverSessionID == earlier.driverSessionID
    }
}
