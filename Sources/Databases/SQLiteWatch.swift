import CSQLite
import CSystem

/// What SQLite asks while it compiles and runs: whether it may, and whether there is time left.
/// Its callbacks reach it through a plain pointer, which the database keeps alive as long as its handle.
final class SQLiteWatch {
    var policy: SQLitePolicy
    /// The last refusal since the statement began: SQLite itself only says "not authorized".
    var refusal: SQLitePolicy.Refusal?
    var deadline: UInt64 = .max

    init(_ policy: SQLitePolicy) { self.policy = policy }

    func begin(milliseconds: Int) {
        refusal = nil
        deadline = cs_monotonic_ms() + UInt64(clamping: milliseconds)
    }

    var isTooLate: Bool { cs_monotonic_ms() >= deadline }

    func install(in handle: OpaquePointer) {
        let pointer = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_progress_handler(handle, 1000, { Unmanaged<SQLiteWatch>.of($0)?.isTooLate == true ? 1 : 0 }, pointer)
        sqlite3_set_authorizer(
            handle,
            { pointer, action, first, second, database, _ in
                guard let watch = Unmanaged<SQLiteWatch>.of(pointer) else { return SQLITE_DENY }
                return watch.decide(action, text(first), text(second), text(database))
            }, pointer)
    }

    private func decide(_ action: Int32, _ first: String?, _ second: String?, _ database: String?) -> Int32 {
        guard let refusal = policy.refusal(action, first, second, database) else { return SQLITE_OK }
        if self.refusal == nil { self.refusal = refusal }
        return SQLITE_DENY
    }
}

private func text(_ bytes: UnsafePointer<CChar>?) -> String? { bytes.map { String(cString: $0) } }

extension Unmanaged where Instance == SQLiteWatch {
    fileprivate static func of(_ pointer: UnsafeMutableRawPointer?) -> SQLiteWatch? {
        pointer.map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
    }
}
