import AgentModel
import JSON
import Store

/// The memories of a random walk: what is done to them, and what there should be.
struct RandomMemories {
    private struct Known {
        var id: MemoryID
        var text: String
        var versions = 1
    }

    /// By their keys.
    private var known: [String: Known] = [:]
    private var lastWord = 0

    mutating func step(_ host: StoreHost, _ random: inout SeededRandom) throws {
        switch random.below(5) {
        case 0...2: try remember(host, "k\(random.below(12))")
        case 3: try update(host, &random)
        default: try forget(host, &random)
        }
    }

    /// A word that is no other's misspelling, nor a number.
    private mutating func text() -> String {
        lastWord += 1
        var rest = UInt64(lastWord) &* 0x9E37_79B9_7F4A_7C15
        var word = ""
        for _ in 0..<12 {
            word.unicodeScalars.append(Unicode.Scalar(UInt8(ascii: "a") + UInt8(rest % 25)))
            rest /= 25
        }
        return "about \(word)"
    }

    private mutating func remember(_ host: StoreHost, _ key: String) throws {
        let text = text()
        let draft = MemoryDraft(id: Fresh.id(), scope: .user, namespace: "walk", key: key, value: .string(text))
        let change = try host.write(.remember(draft)).memories.first
        try expect(change?.kind, known[key] == nil ? .created : .updated, "what remembering \(key) came to")
        try expect(change?.memory.id, known[key]?.id ?? draft.id, "the id of \(key)")
        known[key, default: Known(id: draft.id, text: "", versions: 0)].text = text
        known[key]?.versions += 1
    }

    private mutating func update(_ host: StoreHost, _ random: inout SeededRandom) throws {
        guard let key = random.pick(known.keys.sorted()), let memory = known[key] else { return }
        let text = text()
        var patch = MemoryPatch()
        patch.value = .string(text)
        let change = try host.write(.updateMemory(memory.id, patch)).memories.first
        try expect(change?.kind, .updated, "what updating \(key) came to")
        known[key]?.text = text
        known[key]?.versions += 1
    }

    private mutating func forget(_ host: StoreHost, _ random: inout SeededRandom) throws {
        guard let key = random.pick(known.keys.sorted()), let memory = known.removeValue(forKey: key) else { return }
        let forgotten = try host.write(.forgetMemories([memory.id])).forgotten
        try expect(forgotten.memories, 1, "memories forgotten")
        try expect(forgotten.versions, memory.versions - 1, "versions of \(key) forgotten")
        try expect(try host.read { try $0.memory(memory.id, at: nil) }, nil, "\(key), which was forgotten")
        try expect(try recalled(memory.text, host), [], "what is known of \(key), which was forgotten")
    }

    /// The same on every host: what is listed, and what is recalled.
    func compare(_ hosts: [StoreHost]) throws {
        var filter = MemoryFilter()
        filter.scopes = [.user]
        filter.namespace = "walk"
        for host in hosts {
            let listed = try host.read { [filter] in
                try $0.memories(filter, at: StoreHost.noon, PageRequest(limit: 100)).items
            }
            try expect(listed.map(\.key).sorted(), known.keys.sorted(), "the keys of the memories")
            for memory in listed {
                try expect(memory.contentText, known[memory.key]?.text, "the text of \(memory.key)")
            }
            let count = try host.read { [filter] in try $0.countMemories(filter, at: StoreHost.noon) }
            try expect(count, known.count, "the count of the memories")
            for memory in known.values { try expect(try recalled(memory.text, host), [memory.id], memory.text) }
        }
    }

    /// By the word that the text alone has.
    private func recalled(_ text: String, _ host: StoreHost) throws -> [MemoryID] {
        let word = String(text.dropFirst("about ".count))
        let query = RecallQuery(text: word, scopes: [RecallScope(.user)], at: StoreHost.noon)
        return try host.read { try $0.recall(query).hits.map(\.memory.id) }
    }
}
