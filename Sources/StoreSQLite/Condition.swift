import AgentModel
import Store

/// What a query asks of its rows, with the values in the order of their places.
struct Condition {
    private var terms: [String]
    private(set) var values: [SQLiteValue] = []

    init(_ first: String) { terms = [first] }

    var sql: String { "WHERE " + test }
    /// As a value of a row: whether it meets the condition.
    var test: String { terms.joined(separator: " AND ") }

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

    /// Of memories as `m`: neither expired, nor not yet or no longer valid, nor superseded.
    mutating func andActive(at now: Timestamp) {
        and("(m.expires_at IS NULL OR m.expires_at > ?)", .time(now))
        and("(m.valid_from IS NULL OR m.valid_from <= ?)", .time(now))
        and("(m.valid_to IS NULL OR m.valid_to > ?)", .time(now))
        and("m.superseded_by IS NULL")
    }

    /// Nothing meets it without texts.
    mutating func and(_ expression: String, isAnyOf texts: [String]) {
        terms.append("\(expression) IN (\(Self.places(texts.count)))")
        values += texts.map { .text($0) }
    }

    /// Of memories as `m`: one of their tags is one of these.
    mutating func andTag(isAnyOf texts: [String]) {
        terms.append("EXISTS(SELECT 1 FROM json_each(m.tags) WHERE value IN (\(Self.places(texts.count))))")
        values += texts.map { .text($0) }
    }

    private static func places(_ count: Int) -> String {
        Array(repeating: "?", count: count).joined(separator: ", ")
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
        if let session = filter.sessionID { and("s.id = ?", .id(session)) }
        and("s.status", isIn: filter.statuses)
        if let project = filter.projectID { and("s.project_id = ?", .id(project)) }
        if let milestone = filter.milestoneID { and("s.milestone_id = ?", .text(milestone)) }
        if let connection = filter.connectionID { and("s.connection_id = ?", .id(connection)) }
        if let driver = filter.driver { and("s.driver = ?", .text(driver)) }
        if let text = filter.titleContains { and("title_contains(s.title, ?)", .text(text.lowercased())) }
        if !filter.includeTemporary { terms.append("s.temporary = 0") }
    }

    /// Over tasks as `t` and their sessions as `s`.
    init(_ filter: TaskFilter) {
        self.init("s.hidden_at IS NULL")
        if let session = filter.sessionID { and("t.session = (SELECT n FROM session WHERE id = ?)", .id(session)) }
        if let milestone = filter.milestoneID { and("s.milestone_id = ?", .text(milestone)) }
        and("t.status", isIn: filter.statuses)
        if let source = filter.source { and("t.source = ?", .text(source)) }
    }
}
