import HostProtocol
import JSON

/// Whose memories a command means, as people say it: `--db`, `--session`, or nothing for the user's own.
enum MemoryPlace {
    static let flags = [
        Flag("--db", "FILE|URL", "What belongs to this database."),
        Flag("--session", "ID", "What belongs to this session."),
        Flag("--scope", "LEVEL", "That level alone: session, connection, project or user.", standard: "the nearest"),
    ]

    /// Whether a command means any memories but the user's own.
    static func isNamed(_ arguments: Arguments) -> Bool {
        ["--db", "--session", "--scope"].contains { arguments[$0] != nil }
    }

    private enum Scope: String, CaseIterable { case session, connection, project, user }

    /// The members `session_id`, `db_connection_id` and `scope` of a request.
    ///
    /// - Parameter makesConnection: whether a database that the store does not know yet becomes a connection of its.
    static func members(
        _ arguments: Arguments, _ client: HostClient, makesConnection: Bool = false
    ) throws -> JSONObject {
        var members: JSONObject = [:]
        if let id = arguments["--session"] { members["session_id"] = .string(try client.session(id).id) }
        if let name = arguments["--db"] {
            let known =
                makesConnection
                ? try client.connection(to: name, passwordEnv: nil) : try client.knownConnection(to: name)
            guard let known else {
                throw CommandLineError("nothing is remembered of \(name): no session has used it", .dataError)
            }
            members["db_connection_id"] = .string(known.id)
        }
        members["scope"] = try arguments.word("--scope", Scope.self).map { .string($0.rawValue) }
        return members
    }
}

extension HostClient {
    /// The memory with this id, or with an id that ends so, as lists show them.
    func memory(_ text: String) throws -> JSON {
        if text.hasPrefix("mem_") { return try rawCall(.memoryGet, ["memory_id": .string(text), "history": true]) }
        guard text.count >= 4, text.allSatisfy({ $0.isHexDigit || $0 == "-" }) else {
            throw CommandLineError(
                "\(text) is no memory's id", advice: "agenthost memories lists those there are.", .dataError)
        }
        var found: [String] = []
        try eachMemory(["include_inactive": true]) { memory in
            if memory.id.hasSuffix(text.lowercased()) { found.append(memory.id) }
            return true
        }
        guard let first = found.first else {
            throw CommandLineError(
                "there is no memory \(text)", advice: "agenthost memories lists those there are.", .dataError)
        }
        guard found.count == 1 else {
            throw CommandLineError(
                "\(found.count) memories end with \(text): \(found.joined(separator: ", "))", .dataError)
        }
        return try memory(first)
    }

    /// Memories page by page, newest first, until `body` returns false.
    func eachMemory(_ filter: JSONObject, _ body: (Wire.Memory) throws -> Bool) throws {
        var params = filter
        params["limit"] = 1000
        while true {
            let page = try Wire.MemoryPage(lenient: try rawCall(.memoryList, .object(params)))
            for memory in page.items {
                guard try body(memory) else { return }
            }
            guard let cursor = page.nextCursor else { return }
            params["cursor"] = .string(cursor)
        }
    }
}
