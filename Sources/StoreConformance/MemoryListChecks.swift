import AgentModel
import JSON
import Store

extension StoreCheck {
    static let memoryLists = [
        StoreCheck(name: "memories are listed, filtered and counted", run: lists),
        StoreCheck(name: "what is not to be found is left out unless asked for", run: inactive),
        StoreCheck(name: "namespaces are counted by scope", run: namespaces),
        StoreCheck(name: "word sets are kept by name", run: wordSets),
        StoreCheck(name: "an embedding belongs to a version", run: embeddings),
    ]

    static let forgetting = [
        StoreCheck(name: "what is forgotten is gone with its history", run: forgetting),
        StoreCheck(name: "words go with the last memory that has them", run: words),
        StoreCheck(name: "a session's memories go with it", run: purgeOfMemories),
        StoreCheck(name: "a connection's memories go with it, if they are few", run: connections),
        StoreCheck(name: "a fork has copies", run: copies),
    ]

    private static func lists(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let scopes: [MemoryScope] = [.user, .session(session.id)]
        var made: [MemoryID] = []
        for number in 0..<6 {
            let draft = draft(scopes[number % 2], key: "key/\(number)", ["n": .int(Int64(number))]) {
                $0.namespace = number < 3 ? "a" : "b"; $0.tags = number == 4 ? ["x", "y"] : ["x"]
            }
            made.append(try host.write(.remember(draft)).memories[0].memory.id)
        }
        func found(_ limit: Int = 100, _ change: @escaping @Sendable (inout MemoryFilter) -> Void) throws -> [Int] {
            var ids: [MemoryID] = []
            var cursor: String?
            var filter = MemoryFilter()
            change(&filter)
            let wanted = filter
            repeat {
                let request = PageRequest(limit: limit, cursor: cursor)
                let page = try host.read { try $0.memories(wanted, at: StoreHost.noon, request) }
                ids += page.items.map(\.id)
                cursor = page.nextCursor
            } while cursor != nil
            let count = try host.read { try $0.countMemories(wanted, at: StoreHost.noon) }
            try expect(count, ids.count, "their count")
            return ids.compactMap(made.firstIndex)
        }
        try expect(try found { _ in }, [5, 4, 3, 2, 1, 0], "all")
        try expect(try found(2) { _ in }, [5, 4, 3, 2, 1, 0], "in pages")
        try expect(try found { $0.scopes = [.user] }, [4, 2, 0], "by scope")
        try expect(try found { $0.scopes = scopes }, [5, 4, 3, 2, 1, 0], "by scopes")
        try expect(try found { $0.scopes = [] }, [], "by no scope")
        try expect(try found { $0.namespace = "a" }, [2, 1, 0], "by namespace")
        try expect(try found { $0.tag = "y" }, [4], "by tag")
        try expect(try found { $0.keyPrefix = "key/3" }, [3], "by key")
        try expect(try found { $0.keyPrefix = "%" }, [], "by key, to the letter")
        try expect(
            try found {
                $0.namespace = "b"; $0.scopes = [.session(session.id)]
            }, [5, 3], "by both")
        try host.write(.remember(draft(.user, key: "key/0", "new") { $0.namespace = "a" }))
        try expect(try found { $0.scopes = [.user] }, [0, 4, 2], "the newest version first")
        try host.write(.hideSession(session.id, force: false))
        try expect(try found { _ in }, [0, 4, 2], "without a hidden session's")
        try expectFailure("a cursor of nobody's", { $0 == .unknownCursor("strange") }) {
            let request = PageRequest(cursor: "strange")
            _ = try host.read { try $0.memories(MemoryFilter(), at: StoreHost.noon, request).items }
        }
    }

    private static func inactive(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        @Sendable func time(_ milliseconds: Int64) -> Timestamp { StoreHost.noon.adding(milliseconds: milliseconds) }
        let ids = try host.write(
            .remember(draft("always")), .remember(draft("expires") { $0.expiresAt = time(1) }),
            .remember(draft("begins") { $0.validFrom = time(1) }), .remember(draft("ends") { $0.validTo = time(1) }),
            .remember(draft("replaced"))
        ).memories.map(\.memory.id)
        var patch = MemoryPatch()
        patch.supersededBy = .set(ids[0])
        try host.write(.updateMemory(ids[4], patch))
        func found(at time: Timestamp, all: Bool = false) throws -> [JSON] {
            try host.read { reader in
                var filter = MemoryFilter()
                filter.includeInactive = all
                return try reader.memories(filter, at: time, PageRequest()).items.map(\.value)
            }
        }
        try expect(try found(at: time(0)), ["ends", "expires", "always"], "before")
        try expect(try found(at: time(1)), ["begins", "always"], "after")
        try expect(try found(at: time(1), all: true).count, 5, "all")
    }

    private static func namespaces(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let project = MemoryScope.project(try host.makeProject().id)
        let later = StoreHost.noon.adding(milliseconds: 1)
        try host.write(
            .remember(draft(key: "a")), .remember(draft { $0.namespace = "b" }), .remember(draft(project)))
        try host.write(.remember(draft(key: "a", "again")), .remember(draft()), at: later)
        let user = [
            NamespaceCount(scope: .user, namespace: "b", memories: 1, updatedAt: StoreHost.noon),
            NamespaceCount(scope: .user, namespace: "facts", memories: 2, updatedAt: later),
        ]
        let projects = [NamespaceCount(scope: project, namespace: "facts", memories: 1, updatedAt: StoreHost.noon)]
        try expect(try host.read { try $0.namespaces([project, .user]) }, projects + user, "of these")
        try expect(try host.read { try $0.namespaces(nil) }, user + projects, "of all")
        let stats = try host.read { try $0.memoryStats() }
        try expect([stats.memories, stats.versions], [4, 1], "statistics")
        try expect(stats.words > 3, true, "words")
    }

    private static func wordSets(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let one = SynonymSet(name: "b", root: "blazer", synonyms: ["coat", "jacket"])
        let two = SynonymSet(name: "a", synonyms: ["car", "Auto"])
        try host.write(.setSynonyms(SynonymSet(name: "b", synonyms: [])), .setSynonyms(one), .setSynonyms(two))
        try expect(try host.read { try $0.synonymSets() }, [two, one], "synonyms")
        try host.write(.deleteSynonyms("a"))
        try expect(try host.read { try $0.synonymSets() }, [one], "after a deletion")
        try expectFailure("deleting none", \.isNotFound) { try host.write(.deleteSynonyms("a")) }
        let stop = StopwordSet(name: "de", locale: "de", words: ["der", "die"])
        try host.write(.setStopwords(stop))
        try expect(try host.read { try $0.stopwordSets() }, [stop], "stop words")
        try host.write(.deleteStopwords("de"))
        try expect(try host.read { try $0.stopwordSets() }, [], "after their deletion")
        try expectFailure("deleting none again", \.isNotFound) { try host.write(.deleteStopwords("de")) }
    }

    private static func embeddings(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let made = try host.write(.remember(draft(key: "k")), .remember(draft("b"))).memories
        let id = made[0].memory.id
        let vector: [Float] = [1, -0.5, 0, 0.25]
        let keep = StoreCommand.keepEmbedding(
            id, document: made[0].document, RecallEmbedding(model: "m", vector: vector))
        try host.write(keep)
        let found = try host.read { try $0.embedding(id) }
        try expect(found?.model, "m", "the model")
        let distance = zip(found?.vector ?? [], vector).reduce(0) { max($0, abs($1.0 - $1.1)) }
        try expect(found?.vector.count, 4, "the dimension")
        try expect(distance < 0.01, true, "the vector, about")
        try expect(try host.read { try $0.memory(id, at: nil) }?.embeddingModel, "m", "what the memory says")
        func missing(_ model: String, after: Int = 0) throws -> [Int] {
            try host.read { try $0.memoriesToEmbed(model: model, after: after, limit: 9) }.documents.map(\.document)
        }
        try expect(try missing("m"), [made[1].document], "who has none")
        try expect(try missing("n"), made.map(\.document), "who has none by another model")
        try expect(try missing("n", after: made[0].document), [made[1].document], "of the later ones")
        try expectFailure("a vector without length", \.isRefused) {
            try host.write(
                .keepEmbedding(id, document: made[0].document, RecallEmbedding(model: "m", vector: [0, 0])))
        }
        let next = try host.write(.remember(draft(key: "k", "new"))).memories[0]
        try expect(next.memory.embeddingModel, nil, "a new version has none")
        try host.write(keep)
        try expect(try host.read { try $0.embedding(id) }, nil, "one for an old version")
        try expect(try host.read { try $0.memoryStats() }.embeddings, 0, "all of them")
    }

    private static func forgetting(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let ids = try host.write(
            .remember(draft(key: "a", "one")), .remember(draft(key: "b", "two")), .remember(draft(key: "c", "three"))
        ).memories.map(\.memory.id)
        try host.write(.remember(draft(key: "a", "newer")), .remember(draft(key: "a", "newest")))
        let newest = try host.write(.remember(draft("last"))).memories[0]
        let commit = try host.write(
            .forgetMemories([ids[0], Fresh.id(), ids[2], ids[0], newest.memory.id]), .eraseTraces)
        try expect(commit.forgotten.memories, 3, "memories")
        try expect(commit.forgotten.versions, 2, "versions")
        for id in [ids[0], ids[2]] {
            try expect(try host.read { try $0.memory(id, at: nil) }, nil, "one that is gone")
            try expect(try host.read { try $0.memory(id, at: StoreHost.noon) }, nil, "as it was")
            try expect(try host.read { try $0.memoryVersions(id) }, [], "its versions")
        }
        try expect(try host.read { try $0.memory(ids[1], at: nil) }?.value, "two", "the other one")
        try expect(try host.write(.forgetMemories(ids)).forgotten.memories, 1, "what was left of them")
        let next = try host.write(.remember(draft(key: "a", "one")))
        try expect(next.memories.map(\.kind), [.created], "remembered once more")
        try expect(next.memories[0].document > newest.document, true, "the numbers of documents are not used again")
    }

    private static func words(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        func count() throws -> Int { try host.read { try $0.memoryStats() }.words }
        var ids: [MemoryID] = []
        for number in 0..<12 {
            let text = number == 0 ? "shared solitary" : "shared"
            ids += try host.write(.remember(draft(.string(text)))).memories.map(\.memory.id)
        }
        try expect(try count(), 2, "words")
        try expect(try host.write(.forgetMemories([ids[0]])).forgotten.words > 0, true, "one goes")
        try expect(try count(), 1, "words then")
        try host.write(.forgetMemories(Array(ids[1...10])))
        try expect(try count(), 1, "while one memory has it")
        try host.write(.forgetMemories([ids[11]]))
        try expect(try count(), 0, "in the end")
    }

    private static func purgeOfMemories(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let scope = MemoryScope.session(session.id)
        let kept = try host.write(.remember(draft("kept"))).memories[0].memory.id
        let lifted = try host.write(.remember(draft(scope, key: "l", "lifted"))).memories[0].memory.id
        var patch = MemoryPatch()
        patch.scope = .user
        try host.write(.updateMemory(lifted, patch))
        for number in 0..<20 {
            try host.write(.remember(draft(scope, key: "k\(number)")), .remember(draft(scope, key: "k\(number)", "b")))
        }
        try host.write(.hideSession(session.id, force: false))
        try expect(try host.read { try $0.namespaces(nil) }.map(\.memories), [2], "what is left")
        try expect(
            try host.read { try $0.memory(scope, namespace: "facts", key: "k1", at: nil) }, nil, "one that is not")
        var purged = 0
        var steps = 0
        var isMoreLeft = true
        while isMoreLeft, steps < 100 {
            let commit = try host.write(.purgeHidden(limit: 7))
            purged += commit.purged.memories
            isMoreLeft = commit.isMoreLeft
            steps += 1
        }
        try expect(purged, 20, "what went")
        try expect(steps > 3, true, "in steps")
        let stats = try host.read { try $0.memoryStats() }
        try expect([stats.memories, stats.versions], [2, 0], "what there is")
        try expect(try host.read { try $0.memory(kept, at: nil) }?.value, "kept", "the user's own")
        try expect(try host.read { try $0.memory(lifted, at: nil) }?.scope, .user, "what was lifted out")
    }

    private static func connections(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let connections = (0..<2).map {
            DatabaseConnection(id: Fresh.id(), name: "\($0)", dialect: .sqlite, at: StoreHost.noon)
        }
        for connection in connections { try host.write(.insertConnection(connection)) }
        let made = try host.write(.remember(draft(.connection(connections[0].id)))).memories[0].memory.id
        let commit = try host.write(.deleteConnection(connections[0].id))
        try expect(commit.forgotten.memories, 1, "what went with it")
        try expect(try host.read { try $0.memory(made, at: nil) }, nil, "its memory")
        let drafts = (0..<1001).map { draft(.connection(connections[1].id), .string("\($0)")) }
        _ = try host.wait(host.submit(drafts.map { .remember($0) }))
        try expectFailure("one with many", \.isRefused) { try host.write(.deleteConnection(connections[1].id)) }
        try host.write(.forgetMemories([drafts[0].id]))
        try expect(try host.write(.deleteConnection(connections[1].id)).forgotten.memories, 1000, "with fewer")
    }

    private static func copies(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let one = try host.makeSession()
        func making() throws -> AgentSession {
            let made = host.newSession { $0.parentSessionID = one.id }
            try host.write(.forkSession(SessionFork(made, from: one.id, at: nil, forkingDrivers: [])))
            return made
        }
        func list(_ session: SessionID) throws -> [Memory] {
            try host.read { reader in
                var filter = MemoryFilter()
                filter.scopes = [.session(session)]
                return try reader.memories(filter, at: StoreHost.noon, PageRequest()).items
            }
        }
        let empty = try making()
        let nothing = try host.write(.copyMemories(MemoryCopy(from: one.id, to: empty.id)))
        try expect(nothing.isMoreLeft, false, "of nothing")
        try expect(try host.write(.showFork(empty.id, driver: nil, turn: nil)).memories, [], "nothing comes of it")
        let from = MemoryScope.session(one.id)
        try host.write(.remember(draft(from, key: "k", "old")), .remember(draft("the user's")))
        let made = try host.write(
            .remember(draft(from, key: "k", "new") { $0.tags = ["t"] }), .remember(draft(from, "keyless")),
            .remember(draft(from, "third"))
        ).memories.map(\.memory)
        let two = try making()
        var copy = MemoryCopy(from: one.id, to: two.id)
        copy.limit = 1
        var steps = 0
        while steps < 10 {
            let commit = try host.write(.copyMemories(copy))
            try expect(commit.memories, [], "nobody hears of what is not seen")
            steps += 1
            copy.afterDocument = commit.copiedDocument ?? 0
            // What was said anew meanwhile does not come twice.
            if steps == 2 {
                var patch = MemoryPatch()
                patch.value = "keyless, again"
                try host.write(.updateMemory(made[1].id, patch))
            }
            guard commit.isMoreLeft else { break }
        }
        try expect(steps > 3, true, "in steps")
        try expect(try list(two.id), [], "before it is shown")
        let told = try host.write(.showFork(two.id, driver: nil, turn: nil)).memories
        let copies = try list(two.id).sorted { $0.contentText < $1.contentText }
        try expect(told.map(\.kind), [.created, .created], "the first and the last are told of")
        try expect(told.map(\.memory.scope), [.session(two.id), .session(two.id)], "whose they are")
        try expect(copies.map(\.value), ["keyless", "new", "third"], "their values")
        try expect(copies.map(\.tags), [[], ["t"], []], "their tags")
        try expect(copies[1].key, "k", "a key")
        try expect(copies[0].key, copies[0].id.description, "no key")
        try expect(Set(copies.map(\.id) + made.map(\.id)).count, 6, "their ids")
        let versions = try host.read { try $0.memoryVersions(copies[1].id) }
        try expect(versions, [copies[1]], "without history")
        try host.write(.forgetMemories(made.map(\.id)))
        try expect(try host.read { try $0.memory(copies[0].id, at: nil) }, copies[0], "they stay")
        let three = try making()
        for (source, target) in [(one.id, Fresh.id()), (Fresh.id(), three.id), (one.id, two.id)] {
            try expectFailure("without a session, or into one that is seen", \.isNotFound) {
                try host.write(.copyMemories(MemoryCopy(from: source, to: target)))
            }
        }
    }
}
