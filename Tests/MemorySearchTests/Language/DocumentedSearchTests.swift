import JSON
import MemorySearch
import Testing

/// The parameters that TypeSense documents, each by what it changes.
@Suite struct DocumentedSearchTests {
    static func found(_ text: String, _ parameters: JSONObject) throws -> Bool {
        try !MemoryShelf(texts: ["my \(text) here"]).ids(parameters).isEmpty
    }

    // MARK: Typos by the length of the word

    @Test(
        arguments: [
            // Three letters, four, six and seven: none, one, one, two.
            ("cat", "cta", [:], false), ("card", "crad", [:], true), ("card", "crda", [:], false),
            ("basket", "baskte", [:], true), ("basket", "bsakte", [:], false), ("blanket", "balnkte", [:], true),
            ("blanket", "blnakte", [:], true), ("blanket", "lbaknte", [:], false),
            // A letter too many, too few, another, two swapped.
            ("stark", "starrk", [:], true), ("stark", "strk", [:], true), ("stark", "sturk", [:], true),
            ("stark", "satrk", [:], true),
            ("blanket", "balnkte", ["num_typos": 1], false), ("blanket", "balnket", ["num_typos": 1], true),
            ("blanket", "balnket", ["num_typos": 0], false), ("blanket", "balnkte", ["min_len_2typo": 8], false),
            ("basket", "bsakte", ["min_len_2typo": 6], true), ("basket", "baskte", ["min_len_1typo": 7], false),
        ] as [(String, String, JSONObject, Bool)])
    func typosAreToleratedByLength(word: String, typed: String, parameters: JSONObject, isFound: Bool) throws {
        var parameters = parameters
        parameters["q"] = .string(typed)
        #expect(try Self.found(word, parameters) == isFound)
    }

    @Test func wordsWithDigitsMayBeLeftUncorrected() throws {
        #expect(try Self.found("order12345", ["q": "order12354"]))
        #expect(try !Self.found("order12345", ["q": "order12354", "enable_typos_for_alpha_numerical_tokens": false]))
        #expect(try !Self.found("123456", ["q": "123465", "enable_typos_for_numerical_tokens": false]))
    }

    // MARK: Sorting

    static let items: [JSONObject] = [
        [
            "id": "a", "content_text": "mark", "importance": 0.5, "key": "x", "value": ["size": 2, "name": "beta"],
            "created_at": "2026-01-03T00:00:00.000Z", "tags": ["old"],
        ],
        [
            "id": "b", "content_text": "mark", "importance": 0.5, "key": "x", "value": ["size": 10, "name": "alpha"],
            "created_at": "2026-01-01T00:00:00.000Z", "tags": ["old"],
        ],
        [
            "id": "c", "content_text": "mark", "importance": 0.5, "key": "a", "value": ["name": "Gamma"],
            "created_at": "2026-01-02T00:00:00.000Z", "tags": ["new"],
        ],
        ["id": "d", "content_text": "mark", "importance": 0.9, "created_at": "2026-01-04T00:00:00.000Z"],
    ]

    @Test(arguments: [
        ("importance:asc,key:asc,created_at:desc", "cabd"), ("importance:desc, key:desc, created_at:asc", "dbac"),
        ("value.size:asc", "abdc"), ("value.size:desc", "badc"), ("value.size(missing_values: first):asc", "dcab"),
        ("value.name:asc", "bacd"), ("created_at:asc", "bcad"), ("created_at:DESC", "dacb"),
        ("created_at(origin: 2026-01-02T00:00:00Z, func: diff):asc", "cbad"),
        ("value.size(origin: 9, func: gauss, scale: 2):desc", "badc"), ("id:desc", "dcba"),
    ])
    func sorts(order: String, expected: String) throws {
        #expect(try MemoryShelf(Self.items).ids(["q": "*", "sort_by": .string(order)]).joined() == expected)
    }

    @Test func withoutAnOrderTheNewestComeFirst() throws {
        #expect(try MemoryShelf(Self.items).ids(["q": "*"]) == ["d", "c", "b", "a"])
    }

    @Test func anOrderByChanceIsItsSeeds() throws {
        let shelf = MemoryShelf(texts: (1...12).map { "text \($0)" })
        func ids(_ seed: Int64) throws -> [String] {
            try shelf.ids(["q": "*", "sort_by": .string("_rand(\(seed))"), "per_page": 50])
        }
        #expect(try ids(7) == ids(7))
        #expect(try ids(7) != ids(8))
        #expect(try ids(7).sorted() == (1...12).map { "m\($0)" }.sorted())
    }

    // MARK: Facets

    static func facets(_ parameters: JSONObject) throws -> [JSON] {
        var all = parameters
        all["q"] = all["q"] ?? "*"
        return try MemoryShelf(items).search(all)["facet_counts"]?.arrayValue ?? []
    }

    static func counts(_ facet: JSON?) -> String {
        (facet?["counts"]?.arrayValue ?? [])
            .map { "\($0["value"]?.stringValue ?? "?")=\($0["count"]?.intValue ?? -1)" }.joined(separator: " ")
    }

    @Test func facetsAreOfAnyField() throws {
        let facets = try Self.facets(["facet_by": "tags,key,value.size"])
        #expect(facets.map { $0["field_name"] } == ["tags", "key", "value.size"])
        #expect(facets.map(Self.counts) == ["old=2 new=1", "x=2 a=1", "10=1 2=1"])
        let stats = facets.last?["stats"]
        #expect(stats?["avg"]?.doubleValue == 6 && stats?["max"]?.doubleValue == 10 && stats?["sum"]?.doubleValue == 12)
        #expect(stats?["total_values"] == 2)
        #expect(Self.counts(try Self.facets(["facet_by": "tags", "q": "mark -unknown"]).first) == "old=2 new=1")
        #expect(Self.counts(try Self.facets(["facet_by": "tags", "filter_by": "id:!=a"]).first) == "new=1 old=1")
    }

    @Test func facetsAreOrdered() throws {
        func counts(_ facet: String) throws -> String {
            Self.counts(try Self.facets(["facet_by": .string(facet)]).first)
        }
        #expect(try counts("tags(sort_by: _alpha:asc)") == "new=1 old=2")
        #expect(try counts("tags(sort_by: _alpha:desc)") == "old=2 new=1")
        #expect(try counts("value.name(sort_by: created_at:asc)") == "alpha=1 Gamma=1 beta=1")
        #expect(try counts("value.name(sort_by: created_at:desc)") == "beta=1 Gamma=1 alpha=1")
        // Of several memories with a value the one that comes first in that order counts, wherever it stands.
        #expect(try counts("tags(sort_by: created_at:asc)") == "old=2 new=1")
    }

    @Test func facetQueriesForgiveAsManyTyposAsTheyAreTold() throws {
        func counts(_ query: String, _ typos: Int64) throws -> String {
            let parameters: JSONObject = [
                "facet_by": "value.name", "facet_query": .string("value.name:\(query)"),
                "facet_query_num_typos": .int(typos),
            ]
            return Self.counts(try Self.facets(parameters).first)
        }
        #expect(try counts("gam", 0) == "Gamma=1")
        #expect(try counts("gmama", 0) == "")
        #expect(try counts("gmama", 1) == "Gamma=1")
    }

    // MARK: Groups

    @Test func groupsHavePagesAndMayLeaveOutWhatHasNone() throws {
        let shelf = MemoryShelf(Self.items)
        func keys(_ parameters: JSONObject) throws -> [JSON?] {
            var all = parameters
            all["q"] = "*"
            return try (shelf.search(all)["grouped_hits"]?.arrayValue ?? []).map { $0["group_key"] }
        }
        #expect(try keys(["group_by": "tags"]).count == 3)
        #expect(try keys(["group_by": "tags", "per_page": 1, "page": 2]) == [["new"]])
        #expect(try keys(["group_by": "importance,tags", "sort_by": "id:asc"]).count == 3)
        let apart = try shelf.search(["q": "*", "group_by": "tags", "group_missing_values": false])
        #expect(apart["grouped_hits"]?.arrayValue?.map { $0["group_key"] }.contains(["old"]) == true)
        let hits = try shelf.search(["q": "*", "group_by": "tags", "group_limit": 1])["grouped_hits"]?.arrayValue
        #expect(hits?.allSatisfy { $0["hits"]?.arrayValue?.count == 1 } == true)
    }

    // MARK: Highlights

    static func hit(_ parameters: JSONObject) throws -> JSON? {
        let shelf = MemoryShelf([
            [
                "id": "a", "content_text": "the quick brown fox jumps over the lazy dog", "key": "brown notes",
                "tags": ["brown", "red"],
            ]
        ])
        return try shelf.search(parameters)["hits"]?.arrayValue?.first
    }

    @Test(arguments: [
        ("brwon", "the quick <mark>brown</mark> fox jumps over the lazy dog"),
        ("brow", "the quick <mark>brow</mark>n fox jumps over the lazy dog"),
        ("jumping", "the quick brown fox <mark>jumps</mark> over the lazy dog"),
        ("lazy quick", "the <mark>quick</mark> brown fox jumps over the <mark>lazy</mark> dog"),
        ("\"lazy dog\"", "the quick brown fox jumps over the <mark>lazy</mark> <mark>dog</mark>"),
    ])
    func marksWhatWasFound(q: String, expected: String) throws {
        let hit = try Self.hit(["q": .string(q), "query_by": "content_text"])
        #expect(hit?["highlight"]?["content_text"]?["snippet"] == .string(expected))
    }

    @Test func fieldsAndFormOfHighlights() throws {
        func fields(_ parameters: JSONObject) throws -> [String] {
            var all = parameters
            all["q"] = "brown"
            return (try Self.hit(all)?["highlight"]?.objectValue?.keys).map { $0.sorted() } ?? []
        }
        #expect(try fields([:]) == ["content_text", "key", "tags"])
        #expect(try fields(["highlight_fields": "key"]) == ["key"])
        #expect(try fields(["highlight_fields": "none"]) == [])
        let short: JSONObject = ["q": "brwon", "snippet_threshold": 3, "highlight_affix_num_tokens": 1]
        #expect(try Self.hit(short)?["highlight"]?["content_text"]?["snippet"] == "quick <mark>brown</mark> fox")
        #expect(try Self.hit(["q": "brown", "enable_highlight_v1": false])?["highlights"] == nil)
    }

    // MARK: Pins

    @Test func pinsKeepTheirPlaceOverPagesAndOrders() throws {
        let shelf = MemoryShelf(texts: (1...9).map { "text \($0)" })
        func page(_ page: Int64) throws -> [String] {
            try shelf.ids([
                "q": "text", "pinned_hits": "m1:2,m2:5", "sort_by": "id:desc", "per_page": 3, "page": .int(page),
            ])
        }
        #expect(try page(1) == ["m9", "m1", "m8"])
        #expect(try page(2) == ["m7", "m2", "m6"])
        #expect(try page(3) == ["m5", "m4", "m3"])
        #expect(try shelf.search(["q": "text", "pinned_hits": "m1:2"])["found"] == 9)
        #expect(try shelf.ids(["q": "text", "pinned_hits": "nobody:1", "per_page": 1]) == ["m9"])
    }

    // MARK: Fields

    @Test(arguments: [("max_score", "ba"), ("max_weight", "ab"), ("sum_score", "ab")])
    func theScoresOfFieldsAreJoined(type: String, expected: String) throws {
        let shelf = MemoryShelf([
            ["id": "a", "content_text": "zebra", "key": "red and also large car"],
            ["id": "b", "content_text": "red car", "key": "zebra"],
        ])
        let parameters: JSONObject = [
            "q": "red car", "query_by": "content_text,key", "query_by_weights": "1,9", "text_match_type": .string(type),
        ]
        #expect(try shelf.ids(parameters).joined() == expected)
    }

    @Test func anEarlyWordMayCount() throws {
        let texts = ["here and there is a zebra", "a zebra is here and there"]
        let parameters: JSONObject = ["q": "zebra", "prioritize_token_position": true]
        #expect(try MemoryShelf(texts: texts.reversed()).ids(parameters) == ["m1", "m2"])
        #expect(try MemoryShelf(texts: texts).ids(parameters) == ["m2", "m1"])
    }

    // MARK: What is not there

    @Test(
        arguments: [
            ("infix", "always", "off"), ("split_join_tokens", "always", "off"), ("voice_query", "x", nil),
            ("preset", "x", nil), ("conversation", true, false), ("nl_query", true, false), ("use_cache", true, false),
            ("pre_segmented_query", true, false), ("synonym_prefix", true, false), ("synonym_num_typos", 1, 0),
            ("max_extra_prefix", 1, nil), ("facet_sample_percent", 50, 100), ("rerank_hybrid_matches", true, false),
        ] as [(String, JSON, JSON?)])
    func whatNothingDoesIsRefusedUnlessItIsOff(name: String, on: JSON, off: JSON?) throws {
        let error = #expect(throws: SearchError.self) {
            try SearchRequest(parameters: JSONObject([("q", "*"), (name, on)]))
        }
        #expect(error?.reason == .unsupported && error?.parameter == name)
        guard let off else { return }
        #expect(try SearchRequest(parameters: JSONObject([("q", "*"), (name, off)])).warnings == [])
    }

    @Test(arguments: [("sort_by", "_eval(id:=a):desc"), ("sort_by", "id(48.8, 2.3):asc"), ("filter_by", "$a(b:=1)")])
    func expressionsPlacesAndJoinsAreUnsupported(parameter: String, text: String) {
        let error = #expect(throws: SearchError.self) {
            try SearchRequest(parameters: JSONObject([("q", "*"), (parameter, .string(text))]))
        }
        #expect(error?.reason == .unsupported && error?.parameter == parameter)
    }
}
