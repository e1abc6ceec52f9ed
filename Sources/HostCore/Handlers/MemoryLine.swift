import AgentModel
import HostProtocol
import JSON
import JSONRPC
import Store

/// A memory as a line of a file.
enum MemoryLine {
    /// What lines take that say nothing else.
    struct Defaults: Sendable {
        var scope: MemoryScope
        var namespace: String
    }

    /// Why a line cannot be taken.
    struct Fault: Error, Hashable, Sendable {
        var reason: String
        var message: String
        var path: String?
    }

    /// The line that a memory is written as: with the fields of the wire, without a text that follows from the value.
    static func encode(_ memory: Memory) -> [UInt8] {
        guard case .object(var object) = Wire.Memory(memory).json else { return [] }
        if memory.contentText == Memory.text(of: memory.value) { object["content_text"] = nil }
        return JSON.object(object).encoded() + [UInt8(ascii: "\n")]
    }

    /// What a line asks to be remembered.
    static func decode(_ bytes: [UInt8], _ defaults: Defaults) throws(Fault) -> MemoryDraft {
        let json: JSON
        do throws(JSONParseError) { json = try JSON.parse(bytes) } catch {
            throw Fault(reason: "parse_error", message: "the line is not JSON: \(error)")
        }
        guard var object = json.objectValue else {
            throw Fault(reason: "invalid_params", message: "line: expected an object", path: "line")
        }
        // Memories without any text are written with an empty one.
        if object["content_text"]?.stringValue == "" { object["content_text"] = nil }
        if object["namespace"] == nil { object["namespace"] = .string(defaults.namespace) }
        let params: Wire.MemoryRememberParams
        do throws(InvalidParams) { params = try Wire.MemoryRememberParams.decode(.object(object)).params } catch {
            throw Fault(reason: "invalid_params", message: inLine(error.message), path: inLine(error.path))
        }
        var createdAt: Timestamp?
        if let given = object["created_at"], !given.isNull {
            createdAt = given.stringValue.flatMap(Timestamp.init)
            guard createdAt != nil else {
                throw Fault(
                    reason: "invalid_params", message: "line.created_at: expected a time", path: "line.created_at")
            }
        }
        do throws(RPCError) {
            return try draft(params, givenID: object["id"]?.stringValue, createdAt, defaults)
        } catch {
            throw Fault(reason: error.reason, message: inLine(error.message), path: error.path.map(inLine))
        }
    }

    private static func draft(
        _ params: Wire.MemoryRememberParams, givenID: String?, _ createdAt: Timestamp?, _ defaults: Defaults
    ) throws(RPCError) -> MemoryDraft {
        let place = try MemoryPlace(
            session: params.sessionID, project: params.projectID, connection: params.dbConnectionID,
            scope: params.scope)
        guard let scope = place.isNamed ? place.plainScope : defaults.scope else {
            throw RPCError(
                .invalidParams, "params.scope: expected one level and what it names", path: "params.scope",
                expected: "one level and what it names")
        }
        let id = givenID.flatMap(MemoryID.init)
        let newID = params.key == nil ? contentID(params, scope) : HostClock().id()
        var draft = try MemoryDraft(params, id: id ?? newID, scope: scope)
        draft.createdAt = createdAt
        // A key that is the memory's id is none of its own.
        if let id, draft.key == id.description { draft.key = nil }
        return draft
    }

    /// The id of a memory without id and key: the same for the same content in the same place, so that reading a file
    /// twice makes no second memory. A UUID of version 8 (RFC 9562, section 5.8) from the hash.
    private static func contentID(_ params: Wire.MemoryRememberParams, _ scope: MemoryScope) -> MemoryID {
        let (session, project, connection) = scope.ids
        let content: JSON = [
            .string(session ?? project ?? connection ?? ""), .string(params.namespace), params.value,
            .string(params.contentText ?? ""),
        ]
        let hex = Array(SHA256.hex(of: content).utf8)
        func word(_ range: Range<Int>) -> UInt64 {
            UInt64(String(decoding: hex[range], as: UTF8.self), radix: 16) ?? 0
        }
        return MemoryID(
            UUID128(
                high: word(0..<16) & 0xffff_ffff_ffff_0fff | 0x8000,
                low: word(16..<32) & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000))
    }

    private static func inLine(_ path: String) -> String {
        path.hasPrefix("params") ? "line" + path.dropFirst("params".count) : path
    }
}
