import AgentModel
import CSystem
import Store

/// Keeps the index in shape beside the commits of one process: looks where this process has remembered something, once
/// where another one has left something half done, and everywhere when it is told to. See `IndexPlan` for what is done
/// when.
final class IndexUpkeep {
    private let writer: IndexWriter
    private let lex: LexUpkeep
    private let plan: IndexPlan
    private var places: [MemoryScope: Int64] = [:]
    /// Partitions that may have work, with how many rows their tails have at least.
    private var tails: [Int64: Int] = [:]
    private var waiting: [Int64] = []
    private var hasLooked = false
    private var isBroken = false

    private static let foldsInARow = 32
    /// Steps that a commit waits for when they press.
    private static let stepsInARow = 16

    /// What is being done, as `StoreOptions.upkeepReached` is told.
    private var workName = ""

    init(_ database: SQLiteConnection, version: Int, _ limits: IndexLimits) {
        writer = IndexWriter(database, version: version)
        lex = LexUpkeep(database)
        plan = IndexPlan(limits: limits)
    }

    var holds: LockHolds { writer.holds }
    /// See `IndexWriter.Point`.
    var reached: (IndexWriter.Point) throws -> Void {
        get { writer.reached }
        set { writer.reached = newValue }
    }

    /// Tells each place that is reached as the work and the point: `fold putPosts`.
    func tell(_ body: @escaping @Sendable (String) -> Void) {
        writer.reached = { [unowned self] point in body("\(workName) \(point.name)") }
    }

    /// What a commit has remembered.
    /// - Parameter word: the last one that it has made, if any
    func note(_ changes: [MemoryChange], word: Int) {
        guard !changes.isEmpty, !isBroken else { return }
        lookForWhatWasLeft()
        lex.note(word: word)
        for change in changes where change.kind != .unchanged {
            guard let partition = partition(of: change.memory.scope) else { continue }
            // Of a tail that this process has not seen yet, anything can be.
            let rows = tails[partition].map { $0 + 1 } ?? plan.limits.fold
            tails[partition] = rows
            if rows >= plan.limits.fold { want(partition) }
        }
    }

    /// Looks at every partition.
    func noteAll() {
        lex.look()
        let all = try? writer.database.rows("SELECT id FROM partition") { $0.int64() }
        let known = Set(waiting)
        waiting += (all ?? []).filter { !known.contains($0) }
    }

    /// Folds before a commit adds to a tail that is too long by now.
    func makeRoom(wrote: () -> Void) {
        guard !isBroken, tails.contains(where: { $0.value >= plan.limits.tailMax }) else { return }
        for partition in tails.filter({ $0.value >= plan.limits.tailMax }).keys {
            for _ in 0..<Self.foldsInARow where (tails[partition] ?? 0) >= plan.limits.tailMax {
                guard step(partition, onlyFolds: true) == .done else { break }
                wrote()
            }
        }
    }

    /// Works until nothing is due, or it is to stop.
    ///
    /// - Parameters:
    ///   - isToStop: is told whether the work presses
    ///   - wrote: called after each step
    func work(until isToStop: (Bool) -> Bool, wrote: () -> Void) {
        var steps = 0
        while !isBroken {
            var outcome = Outcome.nothing
            if lex.isDue {
                workName = "words"
                outcome = tried { try lex.step(writer) }
            } else if let partition = waiting.first {
                outcome = step(partition, onlyFolds: false)
                if outcome == .nothing { waiting.removeFirst() }
            } else {
                return
            }
            switch outcome {
            case .done:
                wrote()
                steps += 1
            case .nothing: break
            // Whoever was quicker goes on; this process looks again after its next commit.
            case .lost: return
            }
            if isToStop(isPressing && steps < Self.stepsInARow) { return }
        }
    }

    private enum Outcome { case done, nothing, lost }

    private var isPressing = false

    private func step(_ partition: Int64, onlyFolds: Bool) -> Outcome {
        tried {
            let limits = plan.limits
            let step = try writer.read { () throws -> IndexStep? in
                let state = try PartitionState.read(partition, tailMax: limits.tailMax, writer.database)
                tails[partition] = state?.tail
                isPressing = state?.isPressing(plan) ?? false
                guard let state, let work = state.due(plan), !onlyFolds || work == .fold else { return nil }
                workName = work.name
                return try IndexPlanner(database: writer.database, limits: limits, bytesMax: writer.budget.bytes)
                    .step(work, of: state)
            }
            guard let step else { return false }
            try writer.write(step)
            return true
        }
    }

    /// Upkeep that fails leaves everything as it was, and whoever remembers does not hear of it. `store check` tells of
    /// rows that cannot be read.
    private func tried(_ body: () throws -> Bool) -> Outcome {
        do {
            return try body() ? .done : .nothing
        } catch is IndexOutdated {
            return .lost
        } catch let error as SQLiteError where error.failure.isPassing {
            return .lost
        } catch {
            isBroken = true
            return .lost
        }
    }

    private func want(_ partition: Int64) {
        if !waiting.contains(partition) { waiting.append(partition) }
    }

    private func partition(of scope: MemoryScope) -> Int64? {
        if let known = places[scope] { return known }
        let found = try? MemoryPartition.find(scope, in: writer.database)
        places[scope] = found
        return found
    }

    private func lookForWhatWasLeft() {
        guard !hasLooked else { return }
        hasLooked = true
        lex.look()
        let left = try? writer.database.rows(
            "SELECT DISTINCT partition FROM segment WHERE state <> 1 OR cursor IS NOT NULL"
        ) { $0.int64() }
        for partition in left ?? [] { want(partition) }
    }
}

extension StoreFailure {
    /// Whether the same may go well a little later.
    fileprivate var isPassing: Bool { if case .overloaded = self { true } else { false } }
}
