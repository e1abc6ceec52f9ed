import CSQLite
import MemorySearch
import Store

/// What SQLite answered, with its extended code.
struct SQLiteError: Error {
    let code: Int32
    let message: String

    init(code: Int32, message: String) {
        self.code = code
        self.message = message
    }

    init(_ database: OpaquePointer?) {
        code = sqlite3_extended_errcode(database)
        message = String(cString: sqlite3_errmsg(database))
    }

    static let interrupted = SQLiteError(code: SQLITE_INTERRUPT, message: "interrupted")

    var primary: Int32 { code & 0xff }

    /// Whether the file is no database, or no sound one.
    var isDamage: Bool { primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB }

    /// In the words of the contract.
    var failure: StoreFailure {
        switch primary {
        case SQLITE_BUSY, SQLITE_LOCKED: .overloaded("another process keeps the store busy")
        case SQLITE_INTERRUPT: .overloaded("the query took too long")
        case SQLITE_FULL: .broken(reason: "disk_full", detail: message)
        case SQLITE_CORRUPT, SQLITE_NOTADB: .broken(reason: "damaged", detail: message)
        case SQLITE_CONSTRAINT: .refused(message)
        case SQLITE_TOOBIG: .limit(message)
        default: .broken(reason: "io_error", detail: "\(message) (SQLite \(code))")
        }
    }
}

extension StoreFailure {
    /// Any error of a batch or a query in the words of the contract.
    init(of error: any Error) {
        switch error {
        case let failure as StoreFailure: self = failure
        case let error as SQLiteError: self = error.failure
        case let error as IndexError: self = .damaged("the index of memory: \(error)")
        default: self = .refused(String(describing: error))
        }
    }

    static func damaged(_ detail: String) -> StoreFailure { .broken(reason: "damaged", detail: detail) }
}
