package import JSON

/// What a session remembers of its tasks, as `learning` of the protocol says; what that leaves out has its default.
package struct SessionLearning: Hashable, Sendable {
    package var isEnabled = false
    /// Its agents are told nothing.
    package var capturesOnly = false
    /// The group of prompts and answers, in the session's own scope.
    package var sessionNamespace = "conversation"
    /// The group of what it shares with others.
    package var sharedNamespace = "findings"
    /// The groups that its agents are told of; `nil`: all.
    package var recalledNamespaces: [String]?
    package var agentName: String?
    /// How often a memory of its own has to be recalled to go on without it when it ends; `nil`: none does.
    package var promotesAfter: Int?

    package init(_ stored: JSONObject) {
        isEnabled = stored["enabled"]?.boolValue ?? false
        capturesOnly = stored["capture_only"]?.boolValue ?? false
        let namespaces = stored["namespaces"]?.objectValue ?? [:]
        sessionNamespace = namespaces["session"]?.stringValue ?? sessionNamespace
        sharedNamespace = namespaces["shared"]?.stringValue ?? sharedNamespace
        recalledNamespaces = namespaces["recall"]?.arrayValue?.compactMap(\.stringValue)
        agentName = stored["agent_name"]?.stringValue
        promotesAfter = stored["promote_after"]?.intValue.map { Int(clamping: max($0, 1)) }
    }
}

extension AgentSession {
    /// The scope that it shares with others: that of its database, else of its project, else the user's own.
    package var sharedScope: MemoryScope {
        connectionID.map(MemoryScope.connection) ?? projectID.map(MemoryScope.project) ?? .user
    }

    /// Where what its agents find out is remembered: nothing of it is everybody's unasked.
    package var findingsScope: MemoryScope { sharedScope == .user ? .session(id) : sharedScope }

    /// The names under which an outside memory system would know its agents.
    package var agentNames: (session: String, shared: String) {
        let scope =
            switch sharedScope {
            case .connection(let id): id.description
            case .project(let id): id.description
            case .user, .session: "user"
            }
        let shared = AgentName.sanitised(SessionLearning(learning).agentName ?? scope)
        return ("\(shared)_\(id.short)", shared)
    }
}

package enum AgentName {
    private static let bytesMax = 64

    /// Letters, digits, `_` and `-` of ASCII as they are, each run of others as one `_`, none of these at the ends; cut
    /// to 64 bytes. `agent` when nothing is left.
    package static func sanitised(_ text: String) -> String {
        var kept: [UInt8] = []
        var isGap = false
        for byte in text.utf8 {
            let letter = byte | 0x20
            let isKept =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "-")
            guard isKept else {
                isGap = true
                continue
            }
            if isGap, !kept.isEmpty { kept.append(UInt8(ascii: "_")) }
            isGap = false
            kept.append(byte)
            if kept.count >= bytesMax { break }
        }
        return kept.isEmpty ? "agent" : String(decoding: kept.prefix(bytesMax), as: UTF8.self)
    }
}
