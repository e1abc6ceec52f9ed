import CSQLite

/// `title_contains(title, text)`: whether a title contains a text that is in lower case already, in any case of its
/// own. SQLite's `LIKE` folds ASCII only.
enum TitleSearch {
    static func install(on database: OpaquePointer) {
        sqlite3_create_function_v2(
            database, "title_contains", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nil,
            { context, _, values in
                guard let title = TitleSearch.text(values?[0]), let wanted = TitleSearch.text(values?[1]) else {
                    sqlite3_result_int(context, 0)
                    return
                }
                let found = TitleSearch.contains(Array(title.lowercased().utf8), Array(wanted.utf8))
                sqlite3_result_int(context, found ? 1 : 0)
            }, nil, nil, nil)
    }

    private static func text(_ value: OpaquePointer?) -> String? {
        guard let value, let start = sqlite3_value_text(value) else { return nil }
        let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func contains(_ text: [UInt8], _ wanted: [UInt8]) -> Bool {
        guard wanted.count <= text.count else { return false }
        return (0...text.count - wanted.count).contains { text[$0...].starts(with: wanted) }
    }
}
