import AgentModel
import JSON
import Store

/// Ids of a session's own parts as they are here, wherever another store has written them. Ids of anything else stay.
extension RecordImporter {
    func own(_ id: TaskID) throws -> TaskID { try own(id, Self.task, number) }
    func own(_ id: RunID) throws -> RunID { try own(id, Self.run, number) }
    func own(_ id: MemoryID) throws -> MemoryID { try own(id, Self.memory, .integer(partition)) }

    private static let task = SQLiteQuery("SELECT 1 FROM task WHERE id = ? AND session = ?")
    private static let run = SQLiteQuery(
        "SELECT 1 FROM run r JOIN task t ON t.n = r.task WHERE r.id = ? AND t.session = ?")
    private static let checkpoint = SQLiteQuery("SELECT 1 FROM checkpoint WHERE id = ? AND session = ?")
    private static let ask = SQLiteQuery("SELECT 1 FROM ask WHERE id = ? AND session = ?")
    private static let memory = SQLiteQuery("SELECT 1 FROM memory WHERE id = ? AND partition = ?")

    private func own<Kind>(
        _ id: Identifier<Kind>, _ query: SQLiteQuery, _ owner: SQLiteValue
    ) throws -> Identifier<Kind> {
        guard let identities = made.identities else { return id }
        let new = identities(id)
        return try database.first(query, [.id(new), owner]) { _ in true } == true ? new : id
    }

    func own(_ json: JSON) throws -> JSON { made.identities == nil ? json : try changed(json) }

    func own(_ object: JSONObject) throws -> JSONObject { made.identities == nil ? object : try changed(object) }

    private func changed(_ json: JSON) throws -> JSON {
        switch json {
        case .string(let text): .string(try changed(text))
        case .array(let items): .array(try items.map(changed))
        case .object(let object): .object(try changed(object))
        case .null, .bool, .int, .double: json
        }
    }

    private func changed(_ object: JSONObject) throws -> JSONObject {
        JSONObject(try object.map { (try changed($0.key), try changed($0.value)) })
    }

    /// A text that is an id, and nothing else.
    private func changed(_ text: String) throws -> String {
        guard (40...41).contains(text.utf8.count) else { return text }
        if let id = TaskID(text) { return try own(id, Self.task, number).description }
        if let id = RunID(text) { return try own(id, Self.run, number).description }
        if let id = CheckpointID(text) { return try own(id, Self.checkpoint, number).description }
        if let id = MemoryID(text) { return try own(id, Self.memory, .integer(partition)).description }
        if let id = PermissionID(text) { return try own(id, Self.ask, number).description }
        if let id = SessionID(text), id == made.source { return made.session.id.description }
        return text
    }
}
