import AgentModel
import JSON
import Store

extension StoreCheck {
    static let memories = [
        StoreCheck(name: "a memory comes back as it was given", run: memoryKeepsEverything),
        StoreCheck(name: "remembering again makes a version, or nothing", run: rememberingAgain),
        StoreCheck(name: "a key is one memory's in its scope and namespace", run: keysAreUnique),
        StoreCheck(name: "a memory without a key has its id for one", run: keyless),
        StoreCheck(name: "a captured text is remembered once", run: captured),
        StoreCheck(name: "a scope exists", run: scopesExist),
        StoreCheck(name: "an update changes what it names", run: updates),
        StoreCheck(name: "an update fails where it cannot be", run: refusedUpdates),
        StoreCheck(name: "a memory is as it was at a time", run: history),
        StoreCheck(name: "marks of use make no version", run: marks),
    ]

    /// One of the user's.
    static func draft(
        key: String? = nil, _ value: JSON = "Berlin has 3.7 million people",
        _ change: (inout MemoryDraft) -> Void = { _ in }
    ) -> MemoryDraft {
        draft(.user, key: key, value, change)
    }

    static func draft(
        _ scope: MemoryScope, key: String? = nil, _ value: JSON = "Berlin has 3.7 million people",
        _ change: (inout MemoryDraft) -> Void = { _ in }
    ) -> MemoryDraft {
        var draft = MemoryDraft(id: Fresh.id(), scope: scope, namespace: "facts", key: key, value: value)
        change(&draft)
        return draft
    }

    private static func memoryKeepsEverything(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let draft = draft(key: "cities", ["city": "Köln", "in": ["Germany", 1, nil], "n": 9_007_199_254_740_993]) {
            $0.contentText = "Cologne is a city\u{0} in Germany"
            $0.importance = 0.25
            $0.tags = ["geo", "größe"]
            $0.source = MemorySource(taskID: Fresh.id(), runID: Fresh.id(), role: "assistant", seq: 7)
            $0.expiresAt = StoreHost.noon.adding(milliseconds: 1)
            $0.validFrom = StoreHost.noon.adding(milliseconds: -1)
            $0.validTo = StoreHost.noon.adding(milliseconds: 2)
            $0.metadata = ["m": nil]
        }
        var wanted = Memory(
            id: draft.id, scope: .user, namespace: "facts", key: "cities", value: draft.value,
            contentText: "Cologne is a city\u{0} in Germany", importance: 0.25, createdAt: StoreHost.noon,
            updatedAt: StoreHost.noon)
        wanted.tags = draft.tags
        wanted.source = draft.source
        wanted.expiresAt = draft.expiresAt
        wanted.validFrom = draft.validFrom
        wanted.validTo = draft.validTo
        wanted.metadata = draft.metadata
        let commit = try host.write(.remember(draft))
        try expect(commit.memories.map(\.memory), [wanted], "the memory in the commit")
        try expect(commit.memories.map(\.kind), [.created], "what happened")
        try expect(try host.read { try $0.memory(draft.id, at: nil) }, wanted, "the memory by its id")
        let byKey = try host.read { try $0.memory(.user, namespace: "facts", key: "cities", at: nil) }
        try expect(byKey, wanted, "the memory by its key")
        let plain = Self.draft(["a": ["x", 1], "b": ["c": "y"]])
        let text = try host.write(.remember(plain)).memories.first?.memory.contentText
        try expect(text, "x\ny", "the text of a value")
        try expectFailure("the same id again", \.isRefused) {
            try host.write(.remember(Self.draft(key: "other") { $0.id = draft.id }))
        }
    }

    private static func rememberingAgain(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let later = StoreHost.noon.adding(milliseconds: 5)
        let first = try host.write(.remember(draft(key: "k", "one")), .remember(draft(key: "l", "else"))).memories
        let same = try host.write(.remember(draft(key: "k", "one")), at: later).memories
        try expect(same.map(\.kind), [.unchanged], "the same again")
        try expect(same.map(\.memory), [first[0].memory], "what it is then")
        try expect(same.map(\.document), [first[0].document], "its document")
        try host.write(.markRecalled([first[0].memory.id]))
        let next = try host.write(.remember(draft(key: "k", "two") { $0.tags = ["t"] }), at: later).memories
        try expect(next.map(\.kind), [.updated], "another value")
        try expect(next.map(\.memory.id), [first[0].memory.id], "whose it is")
        try expect(next.map(\.memory.recallCount), [1], "how often it was recalled")
        try expect(next.map(\.memory.createdAt), [StoreHost.noon], "since when it is there")
        try expect(next[0].document > first[1].document, true, "its document's number")
        let both = try host.write(.remember(draft(key: "m", "1")), .remember(draft(key: "m", "2"))).memories
        try expect(both.map(\.kind), [.created, .updated], "twice in a batch")
    }

    private static func keysAreUnique(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let projects = try (0..<2).map { _ in MemoryScope.project(try host.makeProject().id) }
        let scopes: [MemoryScope] = [.user, .session(session.id)] + projects
        for scope in scopes {
            for namespace in ["a", "b"] {
                let commit = try host.write(.remember(draft(scope, key: "k") { $0.namespace = namespace }))
                try expect(commit.memories.map(\.kind), [.created], "\(namespace) of \(scope)")
            }
        }
        for scope in scopes {
            let found = try host.read { try $0.memory(scope, namespace: "b", key: "k", at: nil) }
            try expect(found?.scope, scope, "whose it is")
        }
        let nobody = try host.read { try $0.memory(.project(Fresh.id()), namespace: "b", key: "k", at: nil) }
        try expect(nobody, nil, "in a scope without memories")
    }

    private static func keyless(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let one = draft("one")
        let made = try host.write(.remember(one)).memories
        try expect(made.map(\.memory.key), [one.id.description], "its key")
        let found = try host.read { try $0.memory(.user, namespace: "facts", key: one.id.description, at: nil) }
        try expect(found?.id, one.id, "found by it")
        let byKey = try host.write(.remember(draft(key: one.id.description, "two"))).memories
        try expect(byKey.map(\.kind), [.updated], "remembered under it")
        try expect(byKey.map(\.memory.id), [one.id], "which one")
        let again = try host.write(.remember(draft("three") { $0.id = one.id })).memories
        try expect(again.map(\.kind), [.updated], "remembered under its id")
    }

    private static func captured(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        func capture(_ scope: MemoryScope = .user, _ namespace: String = "facts") throws -> [MemoryChange] {
            try host.write(
                .remember(
                    draft(scope, "I like tea") {
                        $0.isCaptured = true; $0.namespace = namespace
                    })
            ).memories
        }
        let first = try capture()
        let again = try capture()
        try expect(again.map(\.kind), [.unchanged], "the same text")
        try expect(again.map(\.memory), first.map(\.memory), "what is there")
        let session = try host.makeSession()
        let third = draft("I like tea") { $0.isCaptured = true }
        let told = EventDraft(.memoryCaptured, data: ["memories": [["memory_id": .string("\(third.id)")]]])
        try host.write(.remember(third), .append(session.id, [told]))
        let named = try host.events(session.id).last?.data["memories"]?.arrayValue?.map { $0["memory_id"]?.stringValue }
        try expect(named, first.map { "\($0.memory.id)" }, "what the log names")
        try expect(try capture(.project(host.makeProject().id)).map(\.kind), [.created], "in another scope")
        try expect(try capture(.user, "other").map(\.kind), [.created], "in another namespace")
        let said = try host.write(.remember(draft("I like tea"))).memories
        try expect(said.map(\.kind), [.created], "said, not captured")
        try host.write(.forgetMemories(said.map(\.memory.id) + first.map(\.memory.id)))
        try expect(try capture().map(\.kind), [.created], "once it was forgotten")
    }

    private static func scopesExist(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        for scope in [MemoryScope.session(Fresh.id()), .connection(Fresh.id())] {
            try expectFailure("\(scope)", \.isNotFound) { try host.write(.remember(draft(scope))) }
        }
        let session = try host.makeSession()
        try host.write(.remember(draft(.session(session.id))), .hideSession(session.id, force: false))
        try expectFailure("a hidden session", \.isNotFound) { try host.write(.remember(draft(.session(session.id)))) }
    }

    private static func updates(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let session = try host.makeSession()
        let other = try host.write(.remember(draft("other"))).memories[0].memory.id
        let old = try host.write(
            .remember(
                draft(.session(session.id), key: "k", "one") {
                    $0.metadata = ["a": 1]; $0.expiresAt = StoreHost.noon; $0.tags = ["x"]
                })
        ).memories[0].memory
        let nothing = try host.write(.updateMemory(old.id, MemoryPatch()), at: StoreHost.noon.adding(milliseconds: 1))
        try expect(nothing.memories.map(\.kind), [.unchanged], "an empty patch")
        try expect(nothing.memories.map(\.memory), [old], "after it")
        var patch = MemoryPatch()
        patch.scope = .user
        patch.namespace = "n"
        patch.value = ["two"]
        patch.importance = 1
        patch.tags = []
        patch.expiresAt = .clear
        patch.validTo = .set(StoreHost.noon)
        patch.supersededBy = .set(other)
        patch.metadata = .set(["b": 2])
        let commit = try host.write(.updateMemory(old.id, patch), at: StoreHost.noon.adding(milliseconds: 2))
        var wanted = Memory(
            id: old.id, scope: .user, namespace: "n", key: "k", value: ["two"], contentText: "two", importance: 1,
            createdAt: old.createdAt, updatedAt: StoreHost.noon.adding(milliseconds: 2))
        wanted.validTo = StoreHost.noon
        wanted.supersededBy = other
        wanted.metadata = ["b": 2]
        try expect(commit.memories.map(\.memory), [wanted], "everything")
        try expect(try host.read { try $0.memory(old.id, at: nil) }, wanted, "read back")
        patch = MemoryPatch()
        patch.contentText = .set("zwei")
        try expect(try host.write(.updateMemory(old.id, patch)).memories.map(\.memory.contentText), ["zwei"], "text")
        patch.contentText = .keep
        patch.value = "three"
        try expect(try host.write(.updateMemory(old.id, patch)).memories.map(\.memory.contentText), ["zwei"], "kept")
        patch.contentText = .clear
        try expect(try host.write(.updateMemory(old.id, patch)).memories.map(\.memory.contentText), ["three"], "own")
        try host.write(.hideSession(session.id, force: false))
        try expect(try host.read { try $0.memory(old.id, at: nil) }?.value, "three", "lifted, it outlives its session")
    }

    private static func refusedUpdates(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let project = MemoryScope.project(try host.makeProject().id)
        let made = try host.write(
            .remember(draft(key: "k")), .remember(draft(project, key: "k")),
            .remember(draft(key: "k") { $0.namespace = "n" })
        ).memories.map(\.memory.id)
        func change(_ id: MemoryID = made[0], _ change: (inout MemoryPatch) -> Void) throws {
            var patch = MemoryPatch()
            change(&patch)
            try host.write(.updateMemory(id, patch))
        }
        try expectFailure("no memory", \.isNotFound) { try change(Fresh.id()) { $0.importance = 1 } }
        try expectFailure("no scope", \.isNotFound) { try change { $0.scope = .session(Fresh.id()) } }
        try expectFailure("nothing in its place", \.isNotFound) { try change { $0.supersededBy = .set(Fresh.id()) } }
        try expectFailure("itself in its place", \.isRefused) { try change { $0.supersededBy = .set(made[0]) } }
        try expectFailure("a scope that has the key", \.isRefused) { try change { $0.scope = project } }
        try expectFailure("a namespace that has the key", \.isRefused) { try change { $0.namespace = "n" } }
        try change { $0.supersededBy = .set(made[1]) }
        try host.write(.forgetMemories([made[1]]))
        try expect(try host.read { try $0.memory(made[0], at: nil) }?.supersededBy, nil, "when that was forgotten")
        try change { $0.scope = project }
    }

    private static func history(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        @Sendable func time(_ minutes: Int64) -> Timestamp { StoreHost.noon.adding(milliseconds: minutes * 60_000) }
        let id = try host.write(.remember(draft(key: "k", "one")), at: time(0)).memories[0].memory.id
        try host.write(.remember(draft(key: "k", "two")), at: time(2))
        try host.write(.remember(draft(key: "k", "three")), at: time(4))
        // A clock that goes back does not turn versions around.
        try host.write(.remember(draft(key: "k", "four")), at: time(3))
        let versions = try host.read { try $0.memoryVersions(id) }
        try expect(versions.map(\.value), ["four", "three", "two", "one"], "the versions")
        try expect(versions.map(\.validFrom), [nil, time(4), time(2), time(0)], "since when they held")
        try expect(versions.map(\.validTo), [nil, time(4), time(4), time(2)], "until when")
        let asked: [(Int64, JSON?)] = [
            (-1, nil), (0, "one"), (1, "one"), (2, "two"), (3, "two"), (4, "four"), (9, "four"),
        ]
        for (minute, value) in asked {
            let byID = try host.read { try $0.memory(id, at: time(minute)) }
            try expect(byID?.value, value, "after \(minute) minutes, by id")
            let byKey = try host.read { try $0.memory(.user, namespace: "facts", key: "k", at: time(minute)) }
            try expect(byKey?.value, value, "after \(minute) minutes, by key")
        }
        try expect(try host.read { try $0.memoryVersions(Fresh.id()) }, [], "versions of nothing")
    }

    private static func marks(_ subject: StoreSubject) throws {
        let host = try subject.host()
        defer { host.store.close() }
        let made = try host.write(.remember(draft("a")), .remember(draft("b"))).memories.map(\.memory.id)
        let later = StoreHost.noon.adding(milliseconds: 1)
        let commit = try host.write(.markRecalled(made + [Fresh.id()]), .markRecalled([made[0]]), at: later)
        try expect(commit.memories, [], "what changed")
        let found = try made.compactMap { id in try host.read { try $0.memory(id, at: nil) } }
        try expect(found.map(\.recallCount), [2, 1], "how often")
        try expect(found.map(\.lastRecalledAt), [later, later], "when last")
        try expect(try host.read { try $0.memoryVersions(made[0]) }.count, 1, "its versions")
    }
}
