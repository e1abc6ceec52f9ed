import MemorySearch
import Store

/// The rows of `post` as one transaction sees them.
final class PostTable: IndexRows {
    private let database: SQLiteConnection

    private static let atOrBefore = SQLiteQuery("SELECT id, data FROM post WHERE id <= ? ORDER BY id DESC LIMIT 1")
    private static let atOrAfter = SQLiteQuery("SELECT id, data FROM post WHERE id >= ? ORDER BY id LIMIT 1")

    init(_ database: SQLiteConnection) { self.database = database }

    func row(atOrBefore key: PostKey, _ body: (PostKey, UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
        try row(Self.atOrBefore, key, body)
    }

    func row(atOrAfter key: PostKey, _ body: (PostKey, UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
        try row(Self.atOrAfter, key, body)
    }

    private func row(
        _ query: SQLiteQuery, _ key: PostKey, _ body: (PostKey, UnsafeRawBufferPointer) throws -> Void
    ) throws -> Bool {
        try database.first(query, [.integer(key.rawValue)]) { row in
            let found = PostKey(rawValue: row.int64())
            try body(found, row.bytes())
            return true
        } ?? false
    }

    func apply(_ change: SegmentEditor.Removal.Change) throws {
        switch change {
        case .replace(let row):
            try database.run(
                "UPDATE post SET data = ? WHERE id = ?", [.blob(row.bytes), .integer(row.key.rawValue)])
        case .delete(let key): try database.run("DELETE FROM post WHERE id = ?", [.integer(key.rawValue)])
        }
    }
}
