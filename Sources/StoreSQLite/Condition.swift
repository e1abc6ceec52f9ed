import AgentModel
import Store

/// What a query asks of its rows, with the values in the order of their places.
struct Condition {
    private var terms: [String]
    private(set) var values: [SQLiteValue] = []

    init(_ first: String) { terms = [first] }

    var sql: String { "WHERE " + terms.joined(separator: " AND ") }

    mutating func and(_ term: String) { terms.append(term) }

    mutating func and(_ term: String, _ value: SQLiteValue) {
        terms.append(term)
        values.append(value)
    }

    mutating func and<Word: RawRepresentable<String>>(_ column: String, isIn words: Set<Word>) {
        guard !words.isEmpty else { return }
        terms.append("\(column) IN (\(words.map { _ in "?" }.joined(separator: ", ")))")
        values += words.map(\.rawValue).sorted().map { .text($0) }
    }

    mutating func and(_ column: String, isIn codes: [Int]) {
        guard !codes.isEmpty else { return }
        terms.append("\(column) IN (\(codes.map { _ in "?" }.joined(separator: ", ")))")
        values += codes.sorted().map { .int($0) }
    }

    /// What comes after a cursor, newest first.
    mutating func before<Kind>(
        _ cursor: String?, prefix: (String) -> Identifier<Kind>?, column: String
    ) throws(StoreFailure) {
        guard let cursor else { return }
        guard let id = prefix(cursor) else { throw .unknownCursor(cursor) }
        and("\(column) < ?", .id(id))
    }

    /// Over sessions as `s`.
    init(_ filter: SessionFilter) {
        self.init("s.hidden_at IS NULL")
        and("s.status", isIn: filter.statuses)
        if let project = filter.projectID { and("s.project_id = ?", .id(project)) }
        if let connection = filter.connectionID { and("s.connection_id = ?", .id(connection)) }
        if let driver = filter.driver { and("s.driver = ?", .text(driver)) }
        if let text = filter.titleContains { and("title_contains(s.title, ?)", .text(text.lowercased())) }
        if !filter.includeTemporary { terms.append("s.temporary = 0") }
    }

    /// Over tasks as `t` and their sessions as `s`.
    init(_ filter: TaskFilter) {
        self.init("s.hidden_at IS NULL")
        if let session = filter.sessionID { and("t.session = (SELECT n FROM session WHERE id = ?)", .id(session)) }
        and("t.status", isIn: filter.statuses)
        if let source = filter.source { and("t.source = ?", .text(source)) }
    }
}
