/// What kind of statement a text is, by its first key word. The server decides for itself; this decides which way the
/// text goes to it, and refuses kinds that no connection of an agent has a use for.
struct PostgresStatement {
    /// A query, which a cursor can be declared for. In a `WITH` of a writing connection something may be written, which
    /// a cursor cannot.
    let usesCursor: Bool
    /// The names that a parenthesis follows, in lower case unless quoted.
    let functions: Set<String>

    init(_ sql: String, isReadOnly: Bool) throws(DatabaseError) {
        guard !sql.utf8.contains(0) else { throw DatabaseError(.syntax, "the statement contains a NUL character") }
        let tokens = PostgresLexer.tokens(sql)
        guard !tokens.contains(.escapedIdentifier) else {
            throw DatabaseError(.notAllowed, "identifiers with Unicode escapes (U&\"...\") are not allowed")
        }
        let first = tokens.first { $0 != .symbol(UInt8(ascii: "(")) && $0 != .symbol(UInt8(ascii: ";")) }
        guard case .word(let verb)? = first else { throw DatabaseError(.syntax, "expected a statement") }
        functions = Self.names(in: tokens)
        let isQuery = Self.queries.contains(verb) || verb == "with" && isReadOnly
        usesCursor = isQuery
        if verb == "explain" && isReadOnly { try Self.refuseExplainedWrite(tokens) }
        if isQuery || Self.tellers.contains(verb) || !isReadOnly && Self.writers.contains(verb) { return }
        if Self.writers.contains(verb) { throw DatabaseError(.readOnly, "the connection is read-only") }
        throw DatabaseError(.notAllowed, "\(verb.uppercased()) is not allowed")
    }

    private static let queries: Set<String> = ["select", "values", "table"]
    private static let tellers: Set<String> = ["explain", "show"]
    private static let writers: Set<String> = [
        "with", "insert", "update", "delete", "merge", "create", "alter", "drop", "truncate", "comment", "analyze",
        "refresh", "grant", "revoke", "reindex", "import",
    ]

    /// `EXPLAIN ANALYZE CREATE TABLE AS` and `SELECT INTO` make their table even in a read-only transaction.
    private static func refuseExplainedWrite(_ tokens: [PostgresLexer.Token]) throws(DatabaseError) {
        let open = PostgresLexer.Token.symbol(UInt8(ascii: "("))
        let close = PostgresLexer.Token.symbol(UInt8(ascii: ")"))
        var rest = tokens.drop { $0 != .word("explain") }.dropFirst()
        rest = rest.drop { [.word("analyze"), .word("analyse"), .word("verbose")].contains($0) }
        func startsQuery(_ tokens: ArraySlice<PostgresLexer.Token>) -> Bool {
            guard case .word(let verb)? = tokens.first(where: { $0 != open }) else { return false }
            return queries.contains(verb) || verb == "with"
        }
        // Options, in parentheses as a query may be.
        if rest.first == open && !startsQuery(rest) { rest = rest.drop { $0 != close }.dropFirst() }
        guard startsQuery(rest), !rest.contains(.word("into")) else {
            throw DatabaseError(.readOnly, "the connection is read-only: only queries can be explained")
        }
    }

    private static func names(in tokens: [PostgresLexer.Token]) -> Set<String> {
        var names: Set<String> = []
        for (token, next) in zip(tokens, tokens.dropFirst()) where next == .symbol(UInt8(ascii: "(")) {
            switch token {
            case .word(let name), .quoted(let name): names.insert(name)
            default: break
            }
        }
        return names
    }
}
