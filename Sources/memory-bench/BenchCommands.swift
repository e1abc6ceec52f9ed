import AgentModel
import JSON
import StoreSQLite
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The commands of one process, on a store that the first of them opens.
struct BenchCommands {
    private let folder: String
    private var opened: BenchStore?

    /// How many memories a recall wants, as its peers do.
    static let limit = 10
    /// After how many microseconds a command stops early.
    private static let longest = 3_000_000.0
    private static let batch = 256
    /// Of what is remembered again and again.
    private static let keys = 400

    init(folder: String) { self.folder = folder }

    private mutating func store() throws -> BenchStore {
        if let opened { return opened }
        let store = try BenchStore(folder: folder)
        opened = store
        return store
    }

    func close() { opened?.close() }

    /// `none` for what is not measured here.
    mutating func answer(_ words: [String]) throws -> String {
        guard words.count > 1 else { return "none" }
        let file = words[1]
        let first = words.count > 2 ? Int(words[2]) ?? 0 : 0
        let count = words.count > 3 ? Int(words[3]) ?? 0 : 0
        switch words[0] {
        case "build": return try build(file)
        case "recall":
            let store = try store()
            return try times(of: BenchFile.lines(file, first, count)) { try store.recall($0).microseconds }
        case "first": return try self.first(BenchFile.lines(file, first, 1)[0])
        case "ask": return try ask(words[1], words.dropFirst(2).joined(separator: " "))
        case "agree": return try agree(file, words[2], count)
        case "insert":
            let store = try store()
            return try times(of: BenchFile.drafts(file, first, count)) { try store.remember([$0]) }
        case "hold": return try hold(file, first, count)
        case "die": return try die(file, first, count, words.dropFirst(4).joined(separator: " "))
        case "put":
            let store = try store()
            return try times(of: keyed(file, first, count)) { try store.remember([$0]) }
        case "get":
            let store = try store()
            try keyed(file, first, count).forEach { _ = try store.remember([$0]) }
            return try times(of: keyed(file, first, count)) { try store.get($0.namespace, $0.key ?? "") }
        case "list":
            let store = try store()
            return try times(of: BenchFile.drafts(file, first, count)) { try store.list($0.namespace) }
        default: return "none"
        }
    }

    /// The seconds it took and the bytes on the disk.
    private mutating func build(_ file: String) throws -> String {
        let store = try store()
        let begin = Clock.microseconds()
        let lines = try LineReader(file)
        while case let drafts = try lines.next(Self.batch).map(BenchFile.draft), !drafts.isEmpty {
            _ = try store.remember(drafts)
        }
        let seconds = (Clock.microseconds() - begin) / 1e6
        return "\(seconds) \(store.bytes)"
    }

    /// Remembers these lines one by one, and tells of commits, of steps of upkeep and of write-backs of the log: their
    /// longest hold of the store in microseconds, the most that a thread computed in one, how many there were, and how
    /// many were longer than 5 ms.
    private func hold(_ file: String, _ first: Int, _ count: Int) throws -> String {
        let report = HoldReport()
        let store = try BenchStore(folder: folder, report: { report.set($0) })
        for draft in try BenchFile.drafts(file, first, count) { _ = try store.remember([draft]) }
        store.close()
        let holds = report.get()
        return [holds.commits, holds.upkeep, holds.writeBacks]
            .map { "\($0.longest.wall) \($0.longest.own) \($0.count) \($0.overBound)" }.joined(separator: " ")
    }

    /// Remembers these lines, some in place of earlier ones, until upkeep of the index reaches a place for the second
    /// time, where the process kills itself. Answers only when it has not come to that.
    private func die(_ file: String, _ first: Int, _ count: Int, _ place: String) throws -> String {
        let passed = Mutex(0)
        let reached: @Sendable (String) -> Void = { now in
            guard now == place else { return }
            let times = passed.withLock { times in
                times += 1
                return times
            }
            if times == 2 { kill(getpid(), SIGKILL) }
        }
        let store = try BenchStore(folder: folder, upkeepReached: reached)
        for (index, draft) in try BenchFile.drafts(file, first, count).enumerated() {
            var draft = draft
            if index % 2 == 0 { draft.key = "m\(index % Self.keys)" }
            _ = try store.remember([draft])
        }
        store.close()
        return "none"
    }

    private func first(_ question: String) throws -> String {
        let begin = Clock.microseconds()
        let store = try BenchStore(folder: folder)
        _ = try store.recall(question)
        let time = Clock.microseconds() - begin
        store.close()
        return "\(time)"
    }

    /// Of what the lines of one file find, the share that the same lines of another find too.
    private mutating func agree(_ file: String, _ other: String, _ count: Int) throws -> String {
        let store = try store()
        var wanted = 0
        var found = 0
        for (right, wrong) in zip(try BenchFile.lines(file, 0, count), try BenchFile.lines(other, 0, count)) {
            let hits = Set(try store.recall(right).memories.map(\.id))
            wanted += hits.count
            found += hits.intersection(try store.recall(wrong).memories.map(\.id)).count
        }
        return "\(Double(found) / Double(max(wanted, 1)))"
    }

    /// The best for a question in one namespace, each by the `place` in its metadata.
    private mutating func ask(_ namespace: String, _ question: String) throws -> String {
        let memories = try store().recall(question, namespace: namespace).memories
        return memories.compactMap { $0.metadata?["place"]?.intValue }.map(String.init).joined(separator: " ")
    }

    private func keyed(_ file: String, _ first: Int, _ count: Int) throws -> [MemoryDraft] {
        try BenchFile.drafts(file, first, count).enumerated().map { index, draft in
            var draft = draft
            draft.key = "m\(first + index)"
            return draft
        }
    }

    private func times<Item>(of items: [Item], _ action: (Item) throws -> Double) rethrows -> String {
        var times: [String] = []
        let begin = Clock.microseconds()
        for item in items {
            times.append("\(try action(item))")
            if Clock.microseconds() - begin > Self.longest { break }
        }
        return times.joined(separator: " ")
    }
}

/// What a store tells when it is closed.
private final class HoldReport: Sendable {
    private let holds = Mutex(StoreHolds())

    func set(_ new: StoreHolds) { holds.withLock { $0 = new } }
    func get() -> StoreHolds { holds.withLock { $0 } }
}
