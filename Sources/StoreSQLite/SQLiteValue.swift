import AgentModel
import CSQLite
import JSON
import Store

/// A value on its way into a statement.
enum SQLiteValue {
    case null
    case integer(Int64)
    case text(String)
    case json([UInt8])
    case blob([UInt8])
    case double(Double)
    case id(UUID128)

    /// SQLite copies what it is given.
    private static let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        switch self {
        case .null: return sqlite3_bind_null(statement, index)
        case .integer(let value): return sqlite3_bind_int64(statement, index, value)
        case .text(var text):
            return text.withUTF8 { Self.bindText(UnsafeRawBufferPointer($0), to: statement, at: index) }
        case .json(let bytes):
            return bytes.withUnsafeBytes { Self.bindText($0, to: statement, at: index) }
        case .blob(let bytes):
            // A pointer to nothing would bind NULL.
            if bytes.isEmpty { return sqlite3_bind_zeroblob(statement, index, 0) }
            return bytes.withUnsafeBytes {
                sqlite3_bind_blob64(statement, index, $0.baseAddress, UInt64($0.count), Self.copies)
            }
        case .double(let value): return sqlite3_bind_double(statement, index, value)
        case .id(let uuid):
            var words = (uuid.high.bigEndian, uuid.low.bigEndian)
            return withUnsafeBytes(of: &words) { sqlite3_bind_blob(statement, index, $0.baseAddress, 16, Self.copies) }
        }
    }

    private static func bindText(_ bytes: UnsafeRawBufferPointer, to statement: OpaquePointer, at index: Int32) -> Int32
    {
        guard let start = bytes.baseAddress, !bytes.isEmpty else {
            return sqlite3_bind_text(statement, index, "", 0, copies)
        }
        let text = start.assumingMemoryBound(to: CChar.self)
        return sqlite3_bind_text64(statement, index, text, UInt64(bytes.count), copies, UInt8(SQLITE_UTF8))
    }
}

extension SQLiteValue {
    static func int(_ value: Int?) -> SQLiteValue { value.map { .integer(Int64($0)) } ?? .null }
    static func bool(_ value: Bool) -> SQLiteValue { .integer(value ? 1 : 0) }
    static func string(_ value: String?) -> SQLiteValue { value.map { .text($0) } ?? .null }
    static func word<Word: RawRepresentable<String>>(_ value: Word?) -> SQLiteValue { string(value?.rawValue) }
    static func time(_ value: Timestamp?) -> SQLiteValue { value.map { .integer($0.milliseconds) } ?? .null }
    static func id<Kind>(_ value: Identifier<Kind>?) -> SQLiteValue { value.map { .id($0.uuid) } ?? .null }
    static func json(_ value: JSON?) -> SQLiteValue { value.map { .json($0.encoded()) } ?? .null }
    static func object(_ value: JSONObject?) -> SQLiteValue { value.map { .json(JSON.object($0).encoded()) } ?? .null }
}

/// A row of a running statement, its columns read from left to right.
struct SQLiteRow {
    private let statement: OpaquePointer
    private var column: Int32 = 0

    init(_ statement: OpaquePointer) { self.statement = statement }

    private mutating func next() -> Int32 {
        defer { column += 1 }
        return column
    }

    private mutating func optional<Value>(_ read: (inout SQLiteRow) throws -> Value) rethrows -> Value? {
        guard sqlite3_column_type(statement, column) != SQLITE_NULL else {
            column += 1
            return nil
        }
        return try read(&self)
    }

    /// Bytes of the value that comes next.
    var size: Int { Int(sqlite3_column_bytes(statement, column)) }

    /// Bytes of all its texts and blobs.
    var totalSize: Int {
        (0..<sqlite3_column_count(statement)).reduce(0) { sum, column in
            switch sqlite3_column_type(statement, column) {
            case SQLITE_TEXT, SQLITE_BLOB: sum + Int(sqlite3_column_bytes(statement, column))
            default: sum
            }
        }
    }

    mutating func skip() { column += 1 }
    mutating func int64() -> Int64 { sqlite3_column_int64(statement, next()) }
    mutating func int() -> Int { Int(int64()) }
    mutating func bool() -> Bool { int64() != 0 }
    mutating func double() -> Double { sqlite3_column_double(statement, next()) }
    mutating func blob() -> [UInt8] { Array(bytes()) }
    mutating func time() -> Timestamp { Timestamp(milliseconds: int64()) }
    mutating func optionalInt() -> Int? { optional { $0.int() } }
    mutating func optionalDouble() -> Double? { optional { $0.double() } }
    mutating func optionalInt64() -> Int64? { optional { $0.int64() } }
    mutating func optionalTime() -> Timestamp? { optional { $0.time() } }
    mutating func optionalText() -> String? { optional { $0.text() } }

    mutating func text() -> String { String(decoding: bytes(), as: UTF8.self) }

    /// Text or a blob as it is stored; valid until the statement goes on.
    mutating func bytes() -> UnsafeRawBufferPointer {
        let column = next()
        let start = sqlite3_column_blob(statement, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
    }

    mutating func word<Word: RawRepresentable<String>>() throws -> Word {
        let text = text()
        guard let word = Word(rawValue: text) else { throw StoreFailure.damaged("unknown \(Word.self): \(text)") }
        return word
    }

    mutating func optionalWord<Word: RawRepresentable<String>>() throws -> Word? { try optional { try $0.word() } }

    mutating func uuid() throws -> UUID128 {
        let bytes = bytes()
        guard bytes.count == 16 else { throw StoreFailure.damaged("an id of \(bytes.count) bytes") }
        return UUID128(
            high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }

    mutating func id<Kind>() throws -> Identifier<Kind> { Identifier(try uuid()) }
    mutating func optionalID<Kind>() throws -> Identifier<Kind>? { try optional { try $0.id() } }

    mutating func json() throws -> JSON {
        do { return try JSON.parse(bytes()) } catch { throw StoreFailure.damaged("stored JSON: \(error)") }
    }

    mutating func optionalJSON() throws -> JSON? { try optional { try $0.json() } }
    mutating func optionalObject() throws -> JSONObject? { try optionalJSON()?.objectValue }
}
