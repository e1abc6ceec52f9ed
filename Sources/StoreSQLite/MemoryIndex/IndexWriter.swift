import Store

/// Writes steps of upkeep, each transaction short and its hold of the store measured.
final class IndexWriter {
    /// Where a test ends the process.
    enum Point: Hashable, Sendable {
        case began
        case changed(IndexChange)
        case committed
    }

    let database: SQLiteConnection
    private let version: Int
    private(set) var holds = LockHolds()
    private(set) var budget = StepBudget()
    var reached: (Point) throws -> Void = { _ in }

    /// - Parameter version: of the schema; a store that has another one by now is left alone
    init(_ database: SQLiteConnection, version: Int) {
        self.database = database
        self.version = version
    }

    /// Runs the queries on one consistent state, without keeping anybody from writing.
    func read<Value>(_ body: () throws -> Value) throws -> Value {
        try database.run("BEGIN")
        defer { _ = try? database.run("COMMIT") }
        return try body()
    }

    /// Throws `IndexOutdated` when what the step was planned from is no longer so; what it had committed by then does
    /// no harm. A lost commit is made again: nothing waits for the disk.
    func write(_ step: IndexStep) throws {
        // Rows of the index are numbers, which say nothing without the words: what is freed need not be overwritten.
        try database.execute("PRAGMA synchronous=NORMAL; PRAGMA secure_delete=OFF")
        defer { try? database.execute("PRAGMA synchronous=FULL; PRAGMA secure_delete=ON") }
        for (number, changes) in step.transactions.enumerated() {
            try write { [generation = step.generation + min(number, 1)] in
                let now = try database.integer(
                    "SELECT generation FROM partition WHERE id = ?", [.integer(step.partition)])
                guard now == generation else { throw IndexOutdated() }
                for change in changes {
                    try change.apply(to: database)
                    try reached(.changed(change))
                }
            }
        }
    }

    func write(_ body: () throws -> Void) throws {
        try database.run("BEGIN IMMEDIATE")
        let clock = HoldClock()
        do {
            try reached(.began)
            guard try database.integer("PRAGMA user_version") == version else { throw IndexOutdated() }
            try body()
            try database.run("COMMIT")
        } catch {
            if database.isInTransaction { _ = try? database.run("ROLLBACK") }
            throw error
        }
        let hold = clock.hold
        holds.add(hold)
        budget.adapt(to: hold)
        try reached(.committed)
    }
}

extension IndexWriter.Point {
    /// `began`, `committed`, or the kind of change: `putPosts`.
    var name: String {
        switch self {
        case .began: "began"
        case .committed: "committed"
        case .changed(let change): Mirror(reflecting: change).children.first?.label ?? "changed"
        }
    }
}
