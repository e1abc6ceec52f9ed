import AgentModel
import HostProtocol
import JSONRPC
import Store

/// Named sets of words that searches use.
extension Host {
    func setSynonyms(_ params: Wire.MemorySynonymSetParams, _ call: Call) throws(RPCError) {
        try checkWords(params.synonyms, "synonyms")
        let set = SynonymSet(name: params.name, root: params.root, synonyms: params.synonyms)
        commit(call, [.setSynonyms(set)]) { [self] (_: StoreCommit) in
            reply(call, Wire.SynonymSet(set))
        }
    }

    func listSynonyms(_ params: Wire.MemorySynonymListParams, _ call: Call) {
        read(call) {
            try $0.synonymSets()
        } then: { [self] sets in
            let page = Self.page(sets, limit: params.limit, after: params.cursor, by: \.name)
            reply(
                call, Wire.SynonymSetPage(items: page.items.map(Wire.SynonymSet.init), nextCursor: page.nextCursor))
        }
    }

    func deleteSynonyms(_ params: Wire.MemorySynonymDeleteParams, _ call: Call) {
        deleteSet(params.name, .deleteSynonyms(params.name), call)
    }

    func setStopwords(_ params: Wire.MemoryStopwordSetParams, _ call: Call) throws(RPCError) {
        try checkWords(params.words, "words")
        let set = StopwordSet(name: params.name, locale: params.locale, words: params.words)
        commit(call, [.setStopwords(set)]) { [self] (_: StoreCommit) in
            reply(call, Wire.StopwordSet(set))
        }
    }

    func listStopwords(_ params: Wire.MemoryStopwordListParams, _ call: Call) {
        read(call) {
            try $0.stopwordSets()
        } then: { [self] sets in
            let page = Self.page(sets, limit: params.limit, after: params.cursor, by: \.name)
            reply(
                call, Wire.StopwordSetPage(items: page.items.map(Wire.StopwordSet.init), nextCursor: page.nextCursor))
        }
    }

    func deleteStopwords(_ params: Wire.MemoryStopwordDeleteParams, _ call: Call) {
        deleteSet(params.name, .deleteStopwords(params.name), call)
    }

    private func deleteSet(_ name: String, _ command: StoreCommand, _ call: Call) {
        commit(call, [command]) { [self] result in
            switch result {
            case .success: reply(call, Wire.WordSetDeleted(name: name))
            case .failure(.notFound): fail(call, .notFound(name, path: "params.name"))
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    private func checkWords(_ words: [String], _ field: String) throws(RPCError) {
        for (index, word) in words.enumerated() where !(1...200).contains(word.utf8.count) {
            let path = "params.\(field)[\(index)]"
            throw RPCError(
                .invalidParams, "\(path): expected a string of 1 to 200 bytes", path: path,
                expected: "a string of 1 to 200 bytes")
        }
    }

    /// A page of what is sorted by name already; its cursor is the last name.
    private static func page<Item: Sendable>(
        _ items: [Item], limit: Int, after cursor: String?, by name: (Item) -> String
    ) -> Page<Item> {
        let rest = cursor.map { cursor in items.drop { name($0) <= cursor } } ?? items[...]
        let page = Array(rest.prefix(limit))
        return Page(items: page, nextCursor: rest.count > limit ? page.last.map(name) : nil)
    }
}

extension Wire.SynonymSet {
    init(_ set: SynonymSet) { self.init(name: set.name, root: set.root, synonyms: set.synonyms) }
}

extension Wire.StopwordSet {
    init(_ set: StopwordSet) { self.init(name: set.name, locale: set.locale, words: set.words) }
}
