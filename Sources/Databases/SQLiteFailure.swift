import CSQLite

/// What SQLite or the code around it objects to, before it is put into the words of `DatabaseError`.
enum SQLiteFailure: Error {
    /// A result code (extended), SQLite's message, and the byte of the SQL it points at.
    case code(Int32, String, Int?)
    case secondStatement
    case parameters(String)

    /// `isCompiling` tells whether it came while compiling: then a plain error is the statement's own fault.
    func error(_ refusal: SQLitePolicy.Refusal?, isCompiling: Bool) -> DatabaseError {
        switch self {
        case .secondStatement: DatabaseError(.syntax, "expected one statement, got several")
        case .parameters(let message): DatabaseError(.syntax, message)
        case .code(let code, let message, let position):
            if let refusal, [SQLITE_AUTH, SQLITE_ERROR].contains(code & 0xff) {
                DatabaseError(refusal.reason, refusal.message, position: position)
            } else {
                DatabaseError(Self.reason(code, isCompiling), message, position: position)
            }
        }
    }

    private static func reason(_ code: Int32, _ isCompiling: Bool) -> DatabaseError.Reason {
        switch code & 0xff {
        case SQLITE_ERROR: isCompiling ? .syntax : .failed
        case SQLITE_AUTH, SQLITE_PERM: .notAllowed
        case SQLITE_READONLY: .readOnly
        case SQLITE_INTERRUPT: .timedOut
        case SQLITE_TOOBIG, SQLITE_NOMEM, SQLITE_FULL: .limit
        case SQLITE_CONSTRAINT: .constraint
        case SQLITE_NOTADB: .notADatabase
        case SQLITE_CANTOPEN: .cannotOpen
        default: .failed
        }
    }

    /// The words for a file that could not be opened.
    func openError(_ file: DatabaseFile) -> DatabaseError {
        var error = error(nil, isCompiling: false)
        if error.reason == .notADatabase {
            error.message = "\(file.path) is not a SQLite database, or it is encrypted"
        } else {
            error.message = "cannot open \(file.path): \(error.message)"
        }
        return error
    }

    /// The file is in a state (WAL mode, a journal left by a crash) that a reader must write something beside it for,
    /// and it could not.
    var needsToWriteBeside: Bool {
        guard case .code(let code, _, _) = self else { return false }
        return code & 0xff == SQLITE_READONLY || code & 0xff == SQLITE_CANTOPEN
    }
}
