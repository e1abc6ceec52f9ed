import CSQLite

/// What a statement may do, as a list of what is allowed: whatever is not named here is refused, in this version of
/// SQLite and in later ones. Asked by SQLite while it compiles (sqlite3_set_authorizer).
struct SQLitePolicy {
    struct Refusal: Equatable {
        var reason: DatabaseError.Reason
        var message: String
    }

    let isReadOnly: Bool
    /// The functions that the engine itself calls harmless, from `pragma_function_list`.
    var functions: Set<String> = []

    /// `nil` when the action may be done. The arguments mean what the action code says they mean.
    func refusal(_ action: Int32, _ first: String?, _ second: String?, _ database: String?) -> Refusal? {
        switch action {
        case SQLITE_SELECT, SQLITE_READ, SQLITE_RECURSIVE:
            return nil
        case SQLITE_FUNCTION:
            return functionRefusal(second ?? "")
        case SQLITE_PRAGMA:
            return pragmaRefusal(first ?? "", value: second)
        case SQLITE_ATTACH, SQLITE_DETACH:
            return Refusal(reason: .notAllowed, message: "ATTACH, DETACH and VACUUM are not allowed")
        case SQLITE_TRANSACTION, SQLITE_SAVEPOINT:
            return Refusal(reason: .notAllowed, message: "each statement is a transaction of its own")
        case SQLITE_UPDATE where Self.schemaTables.contains(first ?? ""):
            // Asked when a built-in virtual table is used for the first time, and by ALTER TABLE. That an UPDATE in
            // someone's SQL reaches these tables, the engine itself refuses while `writable_schema` is off.
            return nil
        default:
            return writeRefusal(action, first, second, database)
        }
    }

    private static let schemaTables: Set<String> = [
        "sqlite_master", "sqlite_schema", "sqlite_temp_master", "sqlite_temp_schema",
    ]

    private func writeRefusal(_ action: Int32, _ first: String?, _ second: String?, _ database: String?) -> Refusal? {
        guard !isReadOnly else {
            return Refusal(reason: .readOnly, message: "the connection is read-only")
        }
        switch action {
        case SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE, SQLITE_ANALYZE, SQLITE_REINDEX,
            SQLITE_CREATE_TABLE, SQLITE_CREATE_INDEX, SQLITE_CREATE_VIEW, SQLITE_CREATE_TRIGGER,
            SQLITE_DROP_TABLE, SQLITE_DROP_INDEX, SQLITE_DROP_VIEW, SQLITE_DROP_TRIGGER:
            return mainOnly(database)
        case SQLITE_ALTER_TABLE:
            return mainOnly(first)
        case SQLITE_CREATE_VTABLE, SQLITE_DROP_VTABLE:
            return Self.modules.contains((second ?? "").lowercased())
                ? mainOnly(database)
                : Refusal(reason: .notAllowed, message: "virtual tables of \(second ?? "this kind") are not allowed")
        default:
            return Refusal(reason: .notAllowed, message: "temporary tables and the like are not allowed")
        }
    }

    private func mainOnly(_ database: String?) -> Refusal? {
        database == "main" || database == nil
            ? nil : Refusal(reason: .notAllowed, message: "only the database of the connection may be written")
    }

    private func functionRefusal(_ name: String) -> Refusal? {
        let name = name.lowercased()
        if functions.contains(name) || Self.moreFunctions.contains(name) { return nil }
        // What ALTER TABLE calls; the engine refuses them in SQL of a user's own.
        if !isReadOnly && Self.alterFunctions.contains(name) { return nil }
        return Refusal(reason: .notAllowed, message: "the function \(name) is not allowed")
    }

    private func pragmaRefusal(_ name: String, value: String?) -> Refusal? {
        let name = name.lowercased()
        if Self.introspection.contains(name) { return nil }
        if value == nil && Self.readableSettings.contains(name) { return nil }
        if !isReadOnly && Self.writableSettings.contains(name) { return nil }
        let what = value == nil ? "" : " with a value"
        return Refusal(reason: .notAllowed, message: "PRAGMA \(name)\(what) is not allowed")
    }

    /// Pragmas that tell about the schema; an argument says of what.
    static let introspection: Set<String> = [
        "table_info", "table_xinfo", "table_list", "foreign_key_list", "index_list", "index_info", "index_xinfo",
        "database_list", "collation_list", "function_list", "module_list", "pragma_list", "compile_options",
        "foreign_key_check", "integrity_check", "quick_check",
    ]

    /// Pragmas that without a value tell a setting.
    static let readableSettings: Set<String> = [
        "schema_version", "user_version", "application_id", "page_count", "page_size", "freelist_count", "encoding",
        "data_version", "foreign_keys", "auto_vacuum", "max_page_count", "query_only",
    ]

    static let writableSettings: Set<String> = ["user_version", "application_id"]

    static let modules: Set<String> = ["fts3", "fts4", "fts5", "rtree", "rtree_i32", "geopoly"]

    /// Harmless functions that some versions do not mark so: JSON, and those that belong to virtual tables.
    static let moreFunctions: Set<String> = [
        "json", "jsonb", "->", "->>", "json_array", "jsonb_array", "json_array_length", "json_error_position",
        "json_extract", "jsonb_extract", "json_group_array", "jsonb_group_array", "json_group_object",
        "jsonb_group_object", "json_insert", "jsonb_insert", "json_object", "jsonb_object", "json_patch", "jsonb_patch",
        "json_pretty", "json_quote", "json_remove", "jsonb_remove", "json_replace", "jsonb_replace", "json_set",
        "jsonb_set", "json_type", "json_valid", "match", "bm25", "highlight", "snippet", "offsets", "matchinfo",
        "rtreenode", "rtreedepth", "rtreecheck", "fts5_source_id",
    ]

    static let alterFunctions: Set<String> = [
        "sqlite_rename_column", "sqlite_rename_table", "sqlite_rename_test", "sqlite_rename_quotefix",
        "sqlite_drop_column", "sqlite_add_constraint", "sqlite_find_constraint", "sqlite_fail",
    ]
}
