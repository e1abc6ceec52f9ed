import CSQLite
import JSON

/// One compiled statement, finalised when it goes away.
final class SQLiteStatement {
    private let handle: OpaquePointer
    private let database: OpaquePointer

    /// Compiles the only statement in `sql`. Comments, spaces and semicolons may surround it.
    /// Returns `nil` when there is none. On failure `code` tells SQLite's.
    init?(_ sql: String, in database: OpaquePointer) throws(SQLiteFailure) {
        let bytes = Array(sql.utf8) + [0]
        var first: OpaquePointer?
        var position = 0
        while first == nil && position < bytes.count - 1 {
            (first, position) = try Self.compile(bytes, from: position, in: database)
        }
        guard let first else { return nil }
        handle = first
        self.database = database
        while position < bytes.count - 1 {
            let next: OpaquePointer?
            (next, position) = try Self.compile(bytes, from: position, in: database)
            guard next == nil else {
                sqlite3_finalize(next)
                throw .secondStatement
            }
        }
    }

    deinit { sqlite3_finalize(handle) }

    private static func compile(
        _ bytes: [UInt8], from position: Int, in database: OpaquePointer
    ) throws(SQLiteFailure) -> (OpaquePointer?, Int) {
        var statement: OpaquePointer?
        var read = 0
        let code = bytes.withUnsafeBytes { buffer in
            let start = buffer.baseAddress?.advanced(by: position).assumingMemoryBound(to: CChar.self)
            var tail: UnsafePointer<CChar>?
            let code = sqlite3_prepare_v3(
                database, start, Int32(clamping: bytes.count - position), 0, &statement, &tail)
            if let start, let tail { read = tail - start }
            return code
        }
        guard code == SQLITE_OK else {
            let offset = sqlite3_error_offset(database)
            throw .code(code, String(cString: sqlite3_errmsg(database)), offset < 0 ? nil : position + Int(offset))
        }
        return (statement, position + max(read, 1))
    }

    var isReadOnly: Bool { sqlite3_stmt_readonly(handle) != 0 }

    var columns: [String] {
        (0..<sqlite3_column_count(handle)).map { index in
            sqlite3_column_name(handle, index).map { String(cString: $0) } ?? ""
        }
    }

    func bind(_ parameters: [JSON]) throws(SQLiteFailure) {
        let expected = Int(sqlite3_bind_parameter_count(handle))
        guard parameters.count == expected else {
            throw .parameters("the statement takes \(expected) parameters, got \(parameters.count)")
        }
        for (index, value) in zip(Int32(1)..., parameters) {
            let code: Int32
            switch value {
            case .null: code = sqlite3_bind_null(handle, index)
            case .bool(let value): code = sqlite3_bind_int64(handle, index, value ? 1 : 0)
            case .int(let value): code = sqlite3_bind_int64(handle, index, value)
            case .double(let value): code = sqlite3_bind_double(handle, index, value)
            case .string(let value): code = bind(value, at: index)
            case .array, .object:
                throw .parameters("parameter \(index) must be null, a boolean, a number or a string")
            }
            guard code == SQLITE_OK else { throw .code(code, String(cString: sqlite3_errmsg(database)), nil) }
        }
    }

    private func bind(_ value: String, at index: Int32) -> Int32 {
        let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        // The NUL keeps the buffer of an empty text from having no address, which would bind NULL.
        return (Array(value.utf8) + [0]).withUnsafeBytes { bytes in
            sqlite3_bind_text64(
                handle, index, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), UInt64(bytes.count - 1), copies,
                UInt8(SQLITE_UTF8))
        }
    }

    /// Goes to the next row; `false` at the end.
    func step() throws(SQLiteFailure) -> Bool {
        let code = sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw .code(code, String(cString: sqlite3_errmsg(database)), nil)
        }
    }

    /// Whether reading the row makes less than `bytes` of JSON, at a guess from below that costs no copy.
    func isRow(within bytes: Int) -> Bool {
        var total = 0
        for index in 0..<sqlite3_column_count(handle) where sqlite3_column_type(handle, index) == SQLITE_TEXT {
            total += Int(sqlite3_column_bytes(handle, index))
        }
        return total <= bytes
    }

    var row: [JSON] { (0..<sqlite3_column_count(handle)).map(value) }

    private func value(_ index: Int32) -> JSON {
        switch sqlite3_column_type(handle, index) {
        case SQLITE_INTEGER: .int(sqlite3_column_int64(handle, index))
        case SQLITE_FLOAT: JSON(number: sqlite3_column_double(handle, index))
        case SQLITE_TEXT: .string(text(index))
        case SQLITE_BLOB: .object(["blob_bytes": .int(Int64(sqlite3_column_bytes(handle, index)))])
        default: .null
        }
    }

    /// Bytes that are no UTF-8 become U+FFFD.
    private func text(_ index: Int32) -> String {
        guard let bytes = sqlite3_column_text(handle, index) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, index))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}
