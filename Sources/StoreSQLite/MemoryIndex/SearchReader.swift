import CSystem
import MemorySearch
import Store

extension SQLiteReader {
    func search(_ query: SearchQuery) throws -> SearchAnswer {
        try requireMemory()
        let end = cs_monotonic_ms() + UInt64(clamping: query.cutoffMilliseconds)
        let isLate = { cs_monotonic_ms() >= end || database.isAbandoned }
        let source = try SQLiteSearchSource(query, database, memoryCache, isLate: isLate)
        var engine = MemorySearchEngine(source, query.request, isLate: isLate)
        let reply = try engine.run()
        return SearchAnswer(reply: reply, work: SearchAnswer.Work(engine.work))
    }
}

/// A read that may last longer than one transaction: it goes on with the state of the store as it is then, so that the
/// write-ahead log can be written back.
final class RenewedRead {
    private let database: SQLiteConnection
    private var began = cs_monotonic_ms()
    /// How long what runs may take without a look at the clock; `nil`: for ever.
    private let millisecondsMax: UInt64?
    private var looks = 0

    private static let millisecondsBetween: UInt64 = 50
    /// A look at the clock takes as long as some postings.
    private static let stepsBetweenLooks = 1024

    init(_ database: SQLiteConnection) {
        self.database = database
        millisecondsMax = database.deadline > began ? database.deadline - began : nil
    }

    /// To be called between statements.
    /// - Returns: whether another transaction has begun
    func renewIfDue() throws -> Bool {
        if database.isAbandoned { throw SQLiteError.interrupted }
        guard cs_monotonic_ms() - began >= Self.millisecondsBetween else { return false }
        // Also when the deadline has just passed, which ends a statement and not the transaction.
        database.deadline = 0
        try database.execute("COMMIT; BEGIN")
        began = cs_monotonic_ms()
        if let millisecondsMax { database.deadline = began + millisecondsMax }
        return true
    }

    /// To be called before what may take long without a look at the clock.
    func lookAtNextStep() { looks = Self.stepsBetweenLooks }

    /// To be called at each of many small steps.
    func renewIfDueByStep() throws -> Bool {
        looks += 1
        guard looks >= Self.stepsBetweenLooks else { return false }
        looks = 0
        return try renewIfDue()
    }
}
