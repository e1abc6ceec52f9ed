import JSON
import MemorySearch
import Testing

/// Searches as TypeSense documents them.
@Suite struct SearchTests {
    static func ids(_ texts: [String], _ parameters: JSONObject) throws -> String {
        try MemoryShelf(texts: texts).ids(parameters).sorted().joined(separator: " ")
    }

    // MARK: Typos, prefixes, dropped words

    @Test(arguments: [
        ("car", "cat", 0), ("carr", "card", 1), ("cards", "crads", 1), ("basket", "bsaket", 1), ("basket", "bsakte", 0),
        ("keyboard", "keybaord", 1), ("keyboard", "kyebaord", 1), ("keyboard", "kyebaodr", 0), ("2024", "2025", 0),
    ])
    func toleratesTyposByTheLengthOfTheWord(word: String, typed: String, found: Int) throws {
        let parameters: JSONObject = ["q": .string(typed), "enable_typos_for_numerical_tokens": false]
        #expect(try MemoryShelf(texts: ["my \(word) here"]).ids(parameters).count == found)
    }

    @Test func typosCanBeLimitedAndSwitchedOff() throws {
        let texts = ["a stark reminder"]
        #expect(try Self.ids(texts, ["q": "strak"]) == "m1")
        #expect(try Self.ids(texts, ["q": "strak", "num_typos": 0]) == "")
        #expect(try Self.ids(texts, ["q": "strak", "num_typos": "0,1,1"]) == "")
        #expect(try Self.ids(texts, ["q": "strak", "typo_tokens_threshold": 0]) == "")
        #expect(try Self.ids(texts, ["q": "strak", "min_len_1typo": 6]) == "")
    }

    @Test func moreTyposAreLookedForUntilEnoughIsFound() throws {
        let texts = ["the stark tower", "the strak tower"]
        #expect(try Self.ids(texts, ["q": "stark"]) == "m1")
        #expect(try Self.ids(texts, ["q": "stark", "typo_tokens_threshold": 2]) == "m1 m2")
        #expect(try Self.ids(texts, ["q": "stark", "exhaustive_search": true]) == "m1 m2")
    }

    /// By the filter, or by the words of the first attempt: neither is read again for a further one.
    @Test(
        arguments: [
            ["filter_by": "value.colour:=green"], ["query_by": "value.text", "filter_by": "value.colour:=red"],
        ] as [JSONObject])
    func whatIsNoHitIsReadOnce(parameters: JSONObject) throws {
        let shelf = MemoryShelf(
            (1...30).map { number in
                [
                    "id": .string("m\(number)"), "content_text": "the bicycle near a tractor",
                    "value": ["colour": "red", "text": number == 7 ? "tractor" : "bicycle"],
                ]
            })
        var parameters = parameters
        parameters["q"] = "tractor near bicycle"
        parameters["drop_tokens_threshold"] = 50
        parameters["drop_tokens_mode"] = "both_sides:3"
        let found = try shelf.search(parameters)
        #expect(found["found"] == (parameters["query_by"] == nil ? 0 : 30))
        #expect(shelf.loaded <= 30 + 10, "the page is read once more")
    }

    @Test func theLastWordMayBeABeginning() throws {
        let texts = ["apple pie", "apply here", "apart"]
        #expect(try Self.ids(texts, ["q": "app"]) == "m1 m2")
        #expect(try Self.ids(texts, ["q": "app", "prefix": false]) == "")
        #expect(try Self.ids(texts, ["q": "app", "prefix": "false,true,true"]) == "")
        #expect(try Self.ids(texts, ["q": "ap pie", "num_typos": 0, "drop_tokens_threshold": 0]) == "")
        #expect(try Self.ids(texts, ["q": "apple pi"]) == "m1")
    }

    @Test(arguments: [
        ("right_to_left", "m1"), ("left_to_right", "m2"), ("both_sides:3", "m1 m2"),
    ])
    func wordsAreDroppedWhenNothingHasAll(mode: String, expected: String) throws {
        let texts = ["red bicycle", "blue tractor"]
        let parameters: JSONObject = [
            "q": "bicycle tractor", "drop_tokens_mode": .string(mode), "drop_tokens_threshold": 2,
        ]
        #expect(try Self.ids(texts, parameters) == expected)
        #expect(try Self.ids(texts, ["q": "bicycle tractor", "drop_tokens_threshold": 0]) == "")
        #expect(
            try Self.ids(texts, ["q": "bicycle tractor", "drop_tokens_threshold": .string("2:\(mode)")]) == expected)
        let hit = try MemoryShelf(texts: texts).search(["q": "bicycle tractor"])["hits"]?.arrayValue?.first
        #expect(hit?["text_match_info"]?["num_tokens_dropped"] == 1)
    }

    @Test(arguments: [
        ("\"tennis ball\"", "m1"), ("\"ball tennis\"", "m2"), ("tennis -table", "m1 m2"), ("-tennis", "m4"),
        ("tennis -\"ball tennis\"", "m1 m3"), ("*", "m1 m2 m3 m4"), ("\"tenis ball\"", ""), ("tennis -", "m1 m2 m3"),
        ("!!!", ""),
        ("table \"tennis\"", "m3"), ("\"tennis ball", "m1 m2"),
    ])
    func phrasesAndExclusions(q: String, expected: String) throws {
        let texts = ["a tennis ball", "a ball tennis", "table tennis", "chess"]
        #expect(try Self.ids(texts, ["q": .string(q), "drop_tokens_threshold": 0, "num_typos": 0]) == expected)
    }

    @Test func stopWordsAndSynonyms() throws {
        let shelf = MemoryShelf(texts: ["a blazer", "a coat", "iphone", "smart phone"])
        shelf.stopwordSets = ["articles": ["the"]]
        shelf.synonymsBySet = [
            "clothes": [SearchSynonym(synonyms: ["blazer", "coat"])],
            "phones": [SearchSynonym(root: "smart phone", synonyms: ["iphone"])],
        ]
        #expect(try shelf.ids(["q": "the coat", "stopwords": "articles"]).sorted() == ["m1", "m2"])
        #expect(try shelf.ids(["q": "coat", "enable_synonyms": false]) == ["m2"])
        #expect(try shelf.ids(["q": "smart phone"]).sorted() == ["m3", "m4"])
        #expect(try shelf.ids(["q": "iphone"]) == ["m3"])
        #expect(try shelf.ids(["q": "coat", "demote_synonym_match": true]) == ["m2", "m1"])
        let error = #expect(throws: SearchError.self) { try shelf.search(["q": "x", "stopwords": "none"]) }
        #expect(error?.parameter == "stopwords")
    }

    // MARK: Text match

    @Test func rankingFollowsWordsTyposClosenessAndFields() throws {
        func first(_ texts: [String], _ q: String) throws -> String? {
            try MemoryShelf(texts: texts).ids(["q": .string(q), "typo_tokens_threshold": 10]).first
        }
        #expect(try first(["stark", "strak"], "stark") == "m1")
        #expect(try first(["short story here", "short and then a story here"], "short story") == "m1")
        #expect(try first(["story", "story of mine"], "story") == "m1")
        let shelf = MemoryShelf([
            ["id": "a", "content_text": "deploy on friday", "tags": ["ops"]],
            ["id": "b", "content_text": "ops", "tags": ["x"]],
        ])
        #expect(try shelf.ids(["q": "ops", "prioritize_exact_match": false]) == ["b", "a"])
        let byTags: JSONObject = ["q": "ops", "query_by": "content_text,tags", "query_by_weights": "1,5"]
        #expect(try shelf.ids(byTags) == ["a", "b"])
        let info = try shelf.search(byTags)["hits"]?.arrayValue?.first?["text_match_info"]
        #expect(info?["best_field_weight"] == 5 && info?["fields_matched"] == 1 && info?["tokens_matched"] == 1)
    }

    // MARK: Sorting

    static let items: [JSONObject] = [
        ["id": "a", "content_text": "mark one", "importance": 0.1, "key": "b", "recall_count": 10],
        ["id": "b", "content_text": "mark two", "importance": 0.9, "key": "a", "recall_count": 30],
        ["id": "c", "content_text": "mark", "importance": 0.5, "recall_count": 20],
        ["id": "d", "content_text": "mark mark two", "key": "c"],
    ]

    @Test(arguments: [
        ("importance:asc", "acbd"), ("importance:desc", "bcad"), ("key:asc", "badc"), ("key:desc", "cdab"),
        ("key(missing_values: first):asc", "cbad"), ("key(missing_values: last):desc", "dabc"),
        ("importance(missing_values: first):desc", "dbca"), ("recall_count(origin: 20, func: diff):asc", "cbad"),
        ("recall_count(origin: 30, func: gauss, scale: 5):desc", "bcad"),
        ("recall_count(origin: 10, func: linear, scale: 10, decay: 0.5):desc", "acbd"),
        ("recall_count(origin: 12, func: exp, scale: 5, offset: 2):desc", "acbd"),
        ("_text_match(buckets: 1):desc,importance:asc", "acbd"),
        ("_text_match(bucket_size: 4):desc,importance:desc", "bcad"),
        ("_text_match:desc,importance:desc", "cbad"),
    ])
    func sorts(order: String, expected: String) throws {
        let parameters: JSONObject = ["q": "mark", "query_by": "content_text", "sort_by": .string(order)]
        #expect(try MemoryShelf(Self.items).ids(parameters).joined() == expected)
    }

    // MARK: Pages, pins, fields

    @Test func pages() throws {
        let shelf = MemoryShelf(texts: (1...30).map { "text \($0)" })
        #expect(try shelf.ids(["q": "*"]).count == 10)
        #expect(try shelf.ids(["q": "*", "page": 3, "per_page": 4]) == ["m22", "m21", "m20", "m19"])
        #expect(try shelf.ids(["q": "*", "offset": 28, "limit": 5]) == ["m2", "m1"])
        let reply = try shelf.search(["q": "*", "per_page": 0])
        #expect(reply["found"] == 30 && reply["out_of"] == 30 && reply["page"] == 1 && reply["hits"] == [])
        #expect(reply["search_cutoff"] == false)
        let error = #expect(throws: SearchError.self) { try shelf.search(["q": "*", "per_page": 251]) }
        #expect(error?.reason == .limitExceeded && error?.parameter == "per_page")
    }

    @Test func pinsAndHides() throws {
        let shelf = MemoryShelf(texts: ["red one", "red two", "red three", "blue"])
        #expect(try shelf.ids(["q": "red", "pinned_hits": "m4:1,m1:3"]) == ["m4", "m3", "m1", "m2"])
        #expect(try shelf.ids(["q": "red", "hidden_hits": "m3"]) == ["m2", "m1"])
        #expect(
            try shelf.ids([
                "q": "red", "pinned_hits": "m4:1", "filter_by": "content_text:red", "filter_curated_hits": true,
            ]) == ["m3", "m2", "m1"])
    }

    @Test func includesAndExcludesFields() throws {
        let shelf = MemoryShelf([["id": "a", "value": ["x": 1, "y": ["z": 2, "w": 3]], "key": "k"]])
        func document(_ parameters: JSONObject) throws -> JSON? {
            try shelf.search(parameters)["hits"]?.arrayValue?.first?["document"]
        }
        #expect(try document(["q": "*", "include_fields": "id,value.y.z"]) == ["id": "a", "value": ["y": ["z": 2]]])
        #expect(try document(["q": "*", "exclude_fields": "value.y,key"]) == ["id": "a", "value": ["x": 1]])
    }

    @Test func aLateSearchAnswersWithWhatItHas() throws {
        let shelf = MemoryShelf(texts: (0..<9_000).map { "text \($0)" })
        var asked = 0
        var engine = MemorySearchEngine(shelf, try SearchRequest(parameters: ["q": "text"])) {
            asked += 1
            return asked > 4
        }
        let reply = try engine.run()
        #expect(reply["search_cutoff"] == true)
        #expect((1..<9_000).contains(reply["found"]?.intValue ?? 0))
    }

    @Test(arguments: ["infix", "preset", "voice_query", "conversation", "pre_segmented_query"])
    func whatIsNotThereIsNamed(name: String) {
        let error = #expect(throws: SearchError.self) {
            try SearchRequest(parameters: JSONObject([("q", "*"), (name, true)]))
        }
        #expect(error?.reason == .unsupported && error?.parameter == name)
    }

    @Test func unknownParametersAreWarnedOf() throws {
        #expect(
            try SearchRequest(parameters: ["q": "*", "quary": 1]).warnings == ["quary is no parameter of a search"])
        #expect(try SearchRequest(parameters: ["q": "*", "scope": 1], known: ["scope"]).warnings == [])
    }
}
