import AgentModel
import Foundation
import JSON
import MemorySearch
import Store
import StoreConformance
import Testing

@testable import StoreSQLite

extension StoreHost {
    /// The reply of a search; of its hits the texts in their order.
    func searched(
        _ parameters: JSONObject, in scopes: [MemoryScope] = [.user], namespace: String? = nil, at now: Timestamp = noon
    ) throws -> (texts: [String], reply: JSONObject, work: SearchAnswer.Work) {
        let request = try SearchRequest(parameters: parameters)
        let answer = try read { reader in
            var query = SearchQuery(request, scopes: scopes.map { RecallScope($0) }, at: now)
            query.namespace = namespace
            return try reader.search(query)
        }
        let texts = answer.reply["hits"]?.arrayValue?.compactMap { $0["document"]?["content_text"]?.stringValue }
        return (texts ?? [], answer.reply, answer.work)
    }
}

/// `memory.search` over the rows of a store.
@Suite struct SearchSourceTests {
    private func host(_ folder: TemporaryFolder, _ limits: IndexLimits = .small) throws -> StoreHost {
        try folder.host {
            $0.indexLimits = limits
            $0.readMillisecondsMax = 60_000
        }
    }

    @Test(arguments: [IndexLimits.small, .never])
    func whatHasTheWordsIsFoundWhereverItStands(limits: IndexLimits) throws {
        let folder = try TemporaryFolder()
        let host = try host(folder, limits)
        defer { host.store.close() }
        var vocabulary = Vocabulary(seed: 7)
        let project = MemoryScope.project(try host.makeProject().id)
        var texts: [String] = []
        for number in 0..<300 {
            let text = vocabulary.text()
            texts.append(text)
            try host.write(
                .remember(host.remembered(text, key: "k\(number)", scope: number % 3 == 0 ? project : .user)))
        }
        for index in [0, 1, 17, 299] {
            try host.write(
                .remember(host.remembered("gone", key: "k\(index)", scope: index % 3 == 0 ? project : .user)))
            texts[index] = "gone"
        }
        for word in Vocabulary.words.prefix(40) {
            let expected = texts.filter { $0.split(separator: " ").contains(Substring(word)) }.sorted()
            var found: [String] = []
            for page in 1... {
                let part = try host.searched(
                    ["q": .string(word), "num_typos": 0, "prefix": false, "per_page": 50, "page": .int(Int64(page))],
                    in: [.user, project])
                #expect(part.reply["found"] == .int(Int64(expected.count)), "\(word)")
                #expect(part.reply["out_of"] == 300)
                if part.texts.isEmpty { break }
                found += part.texts
            }
            #expect(found.sorted() == expected, "\(word)")
        }
        let all = try host.searched(["q": "*", "per_page": 250], in: [project, .user])
        #expect(all.reply["found"] == 300 && all.work.rows == 300)
        #expect(all.texts.prefix(4) == ["gone", "gone", "gone", "gone"])
        #expect(try host.searched(["q": "*"]).reply["found"] == 200)
        #expect(try host.searched(["q": "*"], in: [.project(Fresh.id())]).reply["found"] == 0)
    }

    @Test func whatTheColumnsTellIsWhatTheFilterSays() throws {
        let folder = try TemporaryFolder()
        let host = try host(folder)
        defer { host.store.close() }
        var ids: [MemoryID] = []
        for number in 0..<40 {
            var draft = host.remembered("text \(number)", key: number % 4 == 0 ? nil : "k\(number % 7)")
            draft.namespace = "n\(number)"
            draft.tags = number % 3 == 0 ? ["a", "b,\"c"] : number % 3 == 1 ? ["b"] : []
            draft.importance = Double(number % 11) / 10
            let at = StoreHost.noon.adding(milliseconds: Int64(number) * 1000)
            ids.append(try host.write(.remember(draft), at: at).memories[0].memory.id)
        }
        let noon = StoreHost.noon.milliseconds
        for (filter, expected) in [
            ("namespace:=n3", [3]), ("namespace:=[n9, n3, n3, none]", [3, 9]), ("tags:=b && namespace:=n4", [4]),
            ("tags:=[`b,\"c`] && importance:<0.2", [0, 12, 33]), ("key:=k1 && tags:=a", [15]),
            ("importance:[0.95..1]", [10, 21, 32]), ("created_at:<\(noon + 2000)", [0, 1]),
            ("updated_at:>=\(noon + 38_000)", [38, 39]), ("id:=\(ids[5])", [5]), ("key:=\(ids[8])", [8]),
            ("id:=[\(ids[5]), \(ids[2]), mem_x]", [2, 5]), ("tags:=none", []),
        ] {
            let found = try host.searched(["q": "*", "filter_by": .string(filter), "sort_by": "created_at:asc"])
            #expect(found.texts == expected.map { "text \($0)" }, "\(filter)")
        }
        #expect(try host.searched(["q": "text"], namespace: "n7").texts == ["text 7"])
    }

    @Test func whatIsNotToBeFoundIsNot() throws {
        let folder = try TemporaryFolder()
        let host = try host(folder)
        defer { host.store.close() }
        let later = StoreHost.noon.adding(milliseconds: 1)
        var expires = host.remembered("word expires"), begins = host.remembered("word begins")
        var ends = host.remembered("word ends")
        expires.expiresAt = later
        begins.validFrom = later
        ends.validTo = later
        let ids = try host.write(
            .remember(host.remembered("word stays")), .remember(host.remembered("word replaced", key: "r")),
            .remember(host.remembered("word superseded")), .remember(expires), .remember(begins), .remember(ends)
        ).memories.map(\.memory.id)
        var patch = MemoryPatch()
        patch.supersededBy = .set(ids[0])
        try host.write(.remember(host.remembered("other", key: "r")), .updateMemory(ids[2], patch))
        for q in ["word", "*"] {
            let parameters: JSONObject = [
                "q": .string(q), "filter_by": "content_text:word", "sort_by": "created_at:asc",
            ]
            let pinned: JSONObject = ["q": .string(q), "pinned_hits": .string("\(ids[2]):1,\(ids[4]):2")]
            let now = try host.searched(parameters)
            #expect(now.texts.sorted() == ["word ends", "word expires", "word stays"], "\(q)")
            #expect(now.reply["out_of"] == 6)
            #expect(try host.searched(parameters, at: later).texts.sorted() == ["word begins", "word stays"], "\(q)")
            #expect(try !host.searched(pinned).texts.contains { ["word superseded", "word begins"].contains($0) })
        }
        try host.write(.forgetMemories([ids[3], ids[4]]))
        #expect(try host.searched(["q": "word"]).texts == ["word ends", "word stays"])
        #expect(try host.searched(["q": "*"]).reply["out_of"] == 4)
    }

    /// A search over more than one state of the store reads on where it was, although the index has been rewritten.
    @Test func aSearchGoesOnWhenTheIndexIsRewritten() throws {
        let folder = try TemporaryFolder()
        let host = try host(folder)
        defer { host.store.close() }
        for number in 0..<64 { try host.write(.remember(host.remembered("word \(number)"))) }
        try host.read { reader in
            let reader = try #require(reader as? SQLiteReader)
            let query = SearchQuery(
                try SearchRequest(parameters: ["q": "word"]), scopes: [RecallScope(.user)], at: StoreHost.noon)
            let source = try SQLiteSearchSource(query, reader.database, reader.memoryCache) { false }
            let stem = try #require(try source.word("word")).stem
            let cursor = try source.cursor(ofStem: stem)
            var numbers: [Int64] = []
            while let number = try cursor.next(from: (numbers.last ?? 0) + 1) {
                numbers.append(number)
                guard numbers.count == 20 else { continue }
                try reader.database.execute("COMMIT")
                for more in 0..<40 { try host.write(.remember(host.remembered("later \(more) word"))) }
                try reader.database.execute("BEGIN")
                try source.look()
            }
            #expect(numbers.count == 104 && numbers == numbers.sorted() && Set(numbers).count == 104)
        }
    }

    /// Neither what lies between two reads nor all of it together is bounded by how long a transaction may last.
    @Test(arguments: ["word", "*"])
    func aSearchOutlastsItsTransactions(q: String) throws {
        let folder = try TemporaryFolder()
        let host = try folder.host { $0.indexLimits = .small }
        defer { host.store.close() }
        for number in 0..<300 { try host.write(.remember(host.remembered("word \(number)"))) }
        let found = try host.read { reader in
            let reader = try #require(reader as? SQLiteReader)
            let request = try SearchRequest(parameters: ["q": .string(q)])
            let query = SearchQuery(request, scopes: [RecallScope(.user)], at: StoreHost.noon)
            let isLate = {
                usleep(120_000)
                return false
            }
            let source = try SQLiteSearchSource(query, reader.database, reader.memoryCache, isLate: isLate)
            var engine = MemorySearchEngine(source, request, isLate: isLate)
            return try engine.run()["found"]
        }
        #expect(found == 300)
    }

    @Test func aSearchThatIsLateSaysSo() throws {
        let folder = try TemporaryFolder()
        let host = try host(folder)
        defer { host.store.close() }
        for number in 0..<20 { try host.write(.remember(host.remembered("word \(number)"))) }
        let reply = try host.read { reader in
            let reader = try #require(reader as? SQLiteReader)
            let request = try SearchRequest(parameters: ["q": "*"])
            let query = SearchQuery(request, scopes: [RecallScope(.user)], at: StoreHost.noon)
            var looks = 0
            let isLate = {
                looks += 1
                return looks > 1
            }
            let source = try SQLiteSearchSource(query, reader.database, reader.memoryCache, isLate: isLate)
            var engine = MemorySearchEngine(source, request, isLate: isLate)
            return try engine.run()
        }
        #expect(reply["search_cutoff"] == true && reply["found"] == 0)
    }
}
