import AgentModel
import JSON
import MemorySearch
import Store
import StoreConformance
import Testing

@testable import StoreSQLite

/// Searches over the rows of a store that folds and merges after a few memories.
@Suite struct MemorySearchStoreTests {
    static func search(_ host: StoreHost, _ parameters: JSONObject) throws -> JSONObject {
        try host.searched(parameters).reply
    }

    static func keys(_ reply: JSONObject) -> [String] {
        (reply["hits"]?.arrayValue ?? []).compactMap { $0["document"]?["key"]?.stringValue }
    }

    static func shop() throws -> (folder: TemporaryFolder, host: StoreHost) {
        let folder = try TemporaryFolder()
        let host = try folder.host { $0.indexLimits = .small }
        let rows: [(key: String, namespace: String, text: String, tags: [String], importance: Double)] = [
            ("kb", "shop", "a mechanical keyboard here", ["input", "sale"], 0.5),
            ("kb-cover", "shop", "the keyboard cover", ["input"], 0.25),
            ("mouse", "shop", "a mouse and a keyboards shelf", ["input"], 0.75),
            ("order", "notes", "order_date is the day of src/main.swift", ["schema"], 1),
            ("tokyo", "notes", "これは東京都です", ["city"], 0.1),
            ("tower", "notes", "the stark tower of New York", ["city"], 0.2),
        ]
        for row in rows {
            var draft = MemoryDraft(
                id: Fresh.id(), scope: .user, namespace: row.namespace, key: row.key, value: .string(row.text))
            draft.importance = row.importance
            draft.tags = row.tags
            try host.write(.remember(draft))
        }
        return (folder, host)
    }

    @Test(arguments: [
        ("keyboard", "kb kb-cover mouse"), ("keybaord", "kb kb-cover mouse"), ("keybord -cover", "kb mouse"),
        ("kyebaodr", ""),
        ("mechanical keyb", "kb"), ("mechanical zzzz", "kb"), ("\"keyboard cover\"", "kb-cover"),
        ("\"cover keyboard\"", ""),
        ("order_date", "order"), ("orderDate", "order"), ("date", "order"), ("main.swift", "order"), ("東京", "tokyo"),
        ("京都", "tokyo"), ("都", "tokyo"), ("東", "tokyo"), ("大阪", ""), ("\"東京都\"", "tokyo"), ("sale", "kb"),
        ("tower city", "tower"),
        ("mous", "mouse"), ("*", "kb kb-cover mouse order tokyo tower"),
    ])
    func wordsFindRows(q: String, expected: String) throws {
        let (_, host) = try Self.shop()
        for facets in ["", "namespace"] {
            let reply = try Self.search(host, ["q": .string(q), "facet_by": .string(facets)])
            #expect(Self.keys(reply).sorted().joined(separator: " ") == expected, "facets \(facets)")
            #expect(reply["found"]?.intValue == expected.split(separator: " ").count)
            #expect(reply["out_of"] == 6)
        }
    }

    @Test(arguments: [
        ("namespace:=shop", "importance:asc", "kb-cover kb mouse"),
        ("importance:>0.4", "importance:desc", "order mouse kb"),
        ("importance:[0.2..0.5]", "importance:asc", "tower kb-cover kb"),
        ("tags:=[city,sale]", "importance:asc", "tokyo tower kb"),
        ("tags:!=input", "importance:asc", "tokyo tower order"),
        ("key:=kb || content_text:tower", "importance:asc", "tower kb"),
        ("content_text:keyb*", "importance:desc", "mouse kb kb-cover"), ("key:=[kb,order]", "key:desc", "order kb"),
        ("namespace:=none", "importance:asc", ""),
    ])
    func filtersAndSortsAreOfTheRows(filter: String, order: String, expected: String) throws {
        let (_, host) = try Self.shop()
        let reply = try Self.search(host, ["q": "*", "filter_by": .string(filter), "sort_by": .string(order)])
        #expect(Self.keys(reply).joined(separator: " ") == expected)
    }

    @Test func facetsGroupsHighlightsAndPins() throws {
        let (_, host) = try Self.shop()
        let facets = try Self.search(host, ["q": "keyboard", "facet_by": "tags"])["facet_counts"]?.arrayValue?.first
        #expect(facets?["counts"]?.arrayValue?.map { $0["value"] } == ["input", "sale"])
        #expect(facets?["counts"]?.arrayValue?.map { $0["count"] } == [3, 1])
        let groups = try Self.search(host, ["q": "*", "group_by": "namespace", "group_limit": 1])
        #expect(groups["found"] == 2 && groups["found_docs"] == 6)
        let hit = try Self.search(host, ["q": "keybaord cover"])["hits"]?.arrayValue?.first
        #expect(hit?["highlight"]?["content_text"]?["snippet"] == "the <mark>keyboard</mark> <mark>cover</mark>")
        let city = try Self.search(host, ["q": "東京"])["hits"]?.arrayValue?.first
        #expect(city?["highlight"]?["content_text"]?["snippet"] == "これは<mark>東京</mark>都です")
        let all = try Self.search(host, ["q": "*"])["hits"]?.arrayValue ?? []
        let tower = try #require(all.first { $0["document"]?["key"] == "tower" }?["document"]?["id"]?.stringValue)
        let pinned = try Self.search(host, ["q": "keyboard", "pinned_hits": .string("\(tower):1")])
        #expect(Self.keys(pinned).first == "tower" && pinned["found"] == 4)
        #expect(try Self.search(host, ["q": "tower", "hidden_hits": .string(tower)])["found"] == 0)
    }

    /// What the postings and columns decide is what the documents decide: facets have every document read.
    @Test(arguments: 1...4) func postingsDecideAsDocumentsDo(seed: Int) throws {
        let folder = try TemporaryFolder()
        let host = try folder.host { $0.indexLimits = .small }
        var words = Vocabulary(seed: seed &* 77)
        for _ in 0..<120 {
            var draft = host.remembered(
                words.text(), key: words.below(3) == 0 ? nil : "\(words.word()) \(words.below(40))")
            draft.importance = Double(words.below(5)) / 4
            draft.tags = words.below(2) == 0 ? [words.word(), words.word()] : []
            switch words.below(8) {
            case 0: draft.expiresAt = StoreHost.noon.adding(milliseconds: words.below(2) == 0 ? -1 : 1_000_000)
            case 1: draft.validFrom = StoreHost.noon.adding(milliseconds: words.below(2) == 0 ? -1 : 1_000_000)
            default: break
            }
            try host.write(.remember(draft))
        }
        for _ in 0..<40 {
            let q = (0...words.below(3)).map { _ in words.word() }.joined(separator: " ")
            var parameters: JSONObject = ["q": .string(words.below(6) == 0 ? "*" : q), "per_page": 100]
            if words.below(3) == 0 { parameters["filter_by"] = "importance:[0.25..0.75]" }
            if words.below(3) == 0 { parameters["sort_by"] = "importance:desc,_text_match:desc" }
            if words.below(3) == 0 { parameters["query_by"] = "tags,key" }
            if words.below(3) == 0 { parameters["typo_tokens_threshold"] = 20 }
            let byRows = try Self.search(host, parameters)
            parameters["facet_by"] = "namespace"
            let byDocuments = try Self.search(host, parameters)
            #expect(byRows["found"] == byDocuments["found"], "\(parameters)")
            #expect(byRows["hits"] == byDocuments["hits"], "\(parameters)")
        }
    }
}
