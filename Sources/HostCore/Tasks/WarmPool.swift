import AgentModel
import Driver

/// Processes that have served a run and wait for the next one of their driver session. It decides; its caller reads,
/// tells and ends.
///
/// | what happens | the process |
/// |---|---|
/// | a run that completed parks it | waits; the one that has waited longest is ended when there are too many |
/// | a run would have started the same, and nobody has worked with the driver session since | serves it |
/// | a run of that driver session needs another, or somebody has worked with it since | is ended |
/// | it writes | whole lines are nobody's; the torn rest is kept for the next run, up to a limit, else it is ended |
/// | it exits | is forgotten |
/// | it has waited for its time | is ended |
struct WarmPool {
    struct Process: Hashable {
        var child: ChildID
        var key: WarmKey
        /// The last run that it served.
        var run: RunID
        /// When it has waited long enough, in the clock's milliseconds.
        var until: UInt64
        /// The beginning of a line that it has not ended.
        var torn: [UInt8] = []
    }

    /// How the pool has fared since the host began.
    struct Counts: Hashable {
        /// Runs that a waiting process has served.
        var reused = 0
        /// Processes that were ended while they waited.
        var ended = 0
    }

    private let processesMax: Int
    private let idleMilliseconds: UInt64
    private let tornBytesMax: Int
    /// The one that has waited longest first.
    private var processes: [Process] = []
    private(set) var counts = Counts()

    /// - Parameter processesMax: 0 keeps none.
    init(processesMax: Int, idleMilliseconds: Int, tornBytesMax: Int) {
        self.processesMax = max(0, processesMax)
        self.idleMilliseconds = UInt64(max(0, idleMilliseconds))
        self.tornBytesMax = tornBytesMax
    }

    var count: Int { processes.count }
    var takesAny: Bool { processesMax > 0 }
    /// When `due` has something to end next.
    var nextDue: UInt64? { processes.map(\.until).min() }

    /// - Parameter torn: what of the process's output comes after its last newline.
    /// - Returns: whom to end.
    mutating func park(
        _ child: ChildID, _ key: WarmKey, servedLast run: RunID, torn: [UInt8], at now: UInt64
    ) -> [ChildID] {
        let others = remove { $0.key.isSameConversation(as: key) }
        processes.append(Process(child: child, key: key, run: run, until: now &+ idleMilliseconds, torn: torn))
        let excess = processes.prefix(max(0, processes.count - processesMax)).map(\.child)
        return others + remove { excess.contains($0.child) }
    }

    /// A process for a run that would start one with this key.
    /// - Parameter lastRun: the store's last run of the driver session before this one.
    mutating func take(_ key: WarmKey, lastRun: RunID?) -> (process: Process?, ended: [ChildID]) {
        let found = processes.first { $0.key == key && $0.run == lastRun }
        if let found {
            processes.removeAll { $0.child == found.child }
            counts.reused += 1
        }
        return (found, remove { $0.key.isSameConversation(as: key) })
    }

    /// - Returns: whom to end.
    mutating func heard(_ child: ChildID, _ bytes: [UInt8]) -> [ChildID] {
        guard let index = processes.firstIndex(where: { $0.child == child }) else { return [] }
        if let newline = bytes.lastIndex(of: UInt8(ascii: "\n")) {
            processes[index].torn = Array(bytes[(newline + 1)...])
        } else {
            processes[index].torn += bytes
        }
        return processes[index].torn.count > tornBytesMax ? remove { $0.child == child } : []
    }

    mutating func exited(_ child: ChildID) { processes.removeAll { $0.child == child } }

    /// - Returns: whom to end.
    mutating func due(at now: UInt64) -> [ChildID] { remove { $0.until <= now } }

    /// - Returns: whom to end: all.
    mutating func drain() -> [ChildID] { remove { _ in true } }

    private mutating func remove(_ isMeant: (Process) -> Bool) -> [ChildID] {
        let meant = processes.filter(isMeant).map(\.child)
        processes.removeAll { meant.contains($0.child) }
        counts.ended += meant.count
        return meant
    }
}

extension WarmKey {
    fileprivate func isSameConversation(as other: WarmKey) -> Bool {
        driver == other.driver && driverSessionID == other.driverSessionID
    }
}
