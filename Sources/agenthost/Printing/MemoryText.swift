import HostProtocol
import JSON

/// Memories as people read them.
enum MemoryText {
    /// The name that somebody gave it, if one did.
    static func key(_ memory: Wire.Memory) -> String? { memory.key == memory.id ? nil : memory.key }

    /// `namespace/key`, or the namespace alone.
    static func name(_ memory: Wire.Memory) -> String {
        memory.namespace + (key(memory).map { "/\($0)" } ?? "")
    }

    /// Where it is visible, if not everywhere.
    static func place(_ memory: Wire.Memory) -> String? {
        switch memory.scope.rawValue {
        case "session": memory.sessionID.map { "session \(shortID($0))" }
        case "connection": memory.dbConnectionID.map { "database \(shortID($0))" }
        case "project": memory.projectID.map { "project \(shortID($0))" }
        default: nil
        }
    }

    /// What is worth knowing of it beside its text, e.g. `glossary/turnover · 3 days ago · database 7f3a91c2`.
    static func about(_ memory: Wire.Memory, now: Int64) -> String {
        let first = [shortID(memory.id), name(memory), Quantity.age(of: memory.updatedAt, now: now)]
        let parts = first + [place(memory)].compactMap { $0 } + memory.tags.map { "#\($0)" }
        return parts.map(TextLayout.oneLine).joined(separator: " · ")
    }
}
