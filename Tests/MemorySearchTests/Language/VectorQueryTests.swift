import JSON
import MemorySearch
import Testing

/// `vector_query`: its language, what is near, and words and meaning together.
@Suite struct VectorQueryTests {
    // MARK: The language

    @Test(
        arguments: [
            ("embedding:([0.1, -2,3e1])", [0.1, -2, 30], nil, 0.3, nil, nil),
            (" embedding : ( [ 1 ] , k: 10 , distance_threshold:0.25, alpha: 1 ) ", [1], 10, 1, 0.25, nil),
            ("embedding:([], id: mem_1)", [], nil, 0.3, nil, "mem_1"),
            ("embedding:([],k:1,alpha:0)", [], 1, 0, nil, nil),
        ] as [(String, [Float], Int?, Double, Double?, String?)])
    func isRead(text: String, vector: [Float], k: Int?, alpha: Double, threshold: Double?, id: String?) throws {
        let query = try VectorQueryParser.parse(text)
        #expect(query.vector == vector && query.k == k && query.alpha == alpha)
        #expect(query.distanceThreshold == threshold && query.id == id)
    }

    static let wrong: [(text: String, offset: Int, reason: SearchError.Reason)] = [
        ("", 0, .invalid), ("vec:([1])", 0, .invalid), ("embedding", 9, .invalid), ("embedding:[1]", 10, .invalid),
        ("embedding:(1)", 11, .invalid), ("embedding:([1,", 14, .invalid), ("embedding:([1,])", 14, .invalid),
        ("embedding:([1 2])", 12, .invalid), ("embedding:([x])", 12, .invalid), ("embedding:([nan])", 12, .invalid),
        ("embedding:([1e39])", 12, .invalid), ("embedding:([1]", 14, .invalid), ("embedding:([1]))", 15, .invalid),
        ("embedding:([1],)", 15, .invalid), ("embedding:([1], 7)", 17, .invalid),
        ("embedding:([1], k)", 17, .invalid), ("embedding:([1], k: 0)", 19, .invalid),
        ("embedding:([1], k: 10001)", 19, .invalid), ("embedding:([1], k: 1.5)", 19, .invalid),
        ("embedding:([1], k: 99999999999999999999)", 19, .invalid), ("embedding:([1], k: 1, k: 2)", 22, .invalid),
        ("embedding:([1], alpha: 1.1)", 23, .invalid), ("embedding:([1], alpha: )", 23, .invalid),
        ("embedding:([1], distance_threshold: -1)", 36, .invalid), ("embedding:([1], id: a)", 16, .invalid),
        ("embedding:([], id: )", 19, .invalid), ("embedding:([], ef: 10)", 15, .unsupported),
        ("embedding:([], flat_search_cutoff: 10)", 15, .unsupported),
        ("embedding:([], queries: [a, b])", 15, .unsupported), ("embedding:([], \u{0}: 1)", 15, .invalid),
        ("embedding:([" + String(repeating: "1,", count: 16_384) + "1])", 12 + 2 * 16_384, .limitExceeded),
        ("embedding:([" + String(repeating: "[", count: 50_000), 12, .invalid),
    ]

    @Test(arguments: wrong.indices) func failsWithItsPlace(index: Int) {
        let (text, offset, reason) = Self.wrong[index]
        let error = #expect(throws: SearchError.self) { try VectorQueryParser.parse(text) }
        #expect(error?.offset == offset, "\(text.prefix(60)): \(String(describing: error))")
        #expect(error?.reason == reason && error?.parameter == "vector_query")
        #expect((error?.description.utf8.count ?? 0) < 400)
    }

    @Test func tooLongATextIsNotRead() {
        let text = String(repeating: "x", count: 1_000_000)
        let error = #expect(throws: SearchError.self) { try VectorQueryParser.parse(text) }
        #expect(error?.reason == .limitExceeded)
    }

    // MARK: What is near

    /// Directions of 0, 30, 53 and 180 degrees, and one memory without any.
    static func shelf() -> MemoryShelf {
        let shelf = MemoryShelf([
            ["id": "m1", "content_text": "bills go out by email", "namespace": "a", "importance": 0.1],
            ["id": "m2", "content_text": "the office closes at six", "namespace": "b", "importance": 0.9],
            ["id": "m3", "content_text": "office hours", "namespace": "a", "importance": 0.5],
            ["id": "m4", "content_text": "no vector of the office yet", "namespace": "a", "importance": 0.3],
            ["id": "m5", "content_text": "a quiet garden", "namespace": "b", "importance": 0.2],
        ])
        shelf.vectors = [1: [1, 0], 2: [0.866, 0.5], 3: [0.6, 0.8], 5: [-1, 0]]
        return shelf
    }

    @Test(
        arguments: [
            ("embedding:([1, 0])", [:], "m1 m2 m3 m5"), ("embedding:([2, 0], k: 2)", [:], "m1 m2"),
            ("embedding:([0, 1])", [:], "m3 m2 m5 m1"),
            ("embedding:([1, 0], distance_threshold: 0.2)", [:], "m1 m2"),
            ("embedding:([1, 0], distance_threshold: 2)", [:], "m1 m2 m3 m5"),
            ("embedding:([], id: m2)", [:], "m3 m1 m5"), ("embedding:([], id: m2, k: 1)", [:], "m3"),
            ("embedding:([1, 0])", ["filter_by": "namespace:=b"], "m2 m5"),
            ("embedding:([1, 0], k: 1)", ["filter_by": "content_text:office"], "m2"),
            ("embedding:([1, 0])", ["hidden_hits": "m1,m5"], "m2 m3"),
            ("embedding:([1, 0])", ["sort_by": "importance:desc"], "m2 m3 m5 m1"),
            ("embedding:([1, 0])", ["sort_by": "_vector_distance:desc"], "m5 m3 m2 m1"),
            ("embedding:([1, 0])", ["per_page": 2, "page": 2], "m3 m5"),
            ("embedding:([1, 0])", ["pinned_hits": "m4:1"], "m4 m1 m2 m3 m5"),
        ] as [(String, JSONObject, String)])
    func theNearestComeFirst(query: String, others: JSONObject, expected: String) throws {
        var parameters = others
        parameters["q"] = "*"
        parameters["vector_query"] = .string(query)
        #expect(try Self.shelf().ids(parameters).joined(separator: " ") == expected)
    }

    @Test func hitsTellTheirDistance() throws {
        let reply = try Self.shelf().search(["q": "*", "vector_query": "embedding:([1, 0])", "facet_by": "namespace"])
        let distances = reply["hits"]?.arrayValue?.compactMap { $0["vector_distance"]?.doubleValue } ?? []
        #expect(distances.count == 4 && reply["found"] == 4)
        for (distance, expected) in zip(distances, [0, 0.134, 0.4, 2]) { #expect(abs(distance - expected) < 0.01) }
        #expect(reply["hits"]?.arrayValue?.first?["text_match"] == nil)
        #expect(reply["hits"]?.arrayValue?.first?["hybrid_search_info"] == nil)
        #expect(reply["facet_counts"]?.arrayValue?.first?["counts"]?.arrayValue?.map { $0["count"] } == [2, 2])
    }

    @Test func groupsHaveTheirNearest() throws {
        let reply = try Self.shelf().search([
            "q": "*", "vector_query": "embedding:([0, 1])", "group_by": "namespace", "group_limit": 1,
        ])
        let groups = reply["grouped_hits"]?.arrayValue ?? []
        #expect(groups.map { $0["hits"]?.arrayValue?.first?["document"]?["id"] } == ["m3", "m2"])
    }

    // MARK: Words and meaning

    /// `office` finds m3, m2 and m4 in an order of its own; `fusion` gives 1 - alpha over that place, and alpha over
    /// the place by distance.
    @Test(arguments: [0.0, 0.3, 0.5, 1.0])
    func ranksAreFused(alpha: Double) throws {
        let shelf = Self.shelf()
        let byWords = try shelf.ids(["q": "office"])
        #expect(byWords.sorted() == ["m2", "m3", "m4"])
        let byMeaning = ["m1", "m2", "m3", "m5"]
        let reply = try shelf.search([
            "q": "office", "vector_query": .string("embedding:([1, 0], alpha: \(alpha))"),
        ])
        let hits = reply["hits"]?.arrayValue ?? []
        #expect(hits.count == 5 && reply["found"] == 5)
        var last = Double.infinity
        for hit in hits {
            let id = try #require(hit["document"]?["id"]?.stringValue)
            let words = byWords.firstIndex(of: id).map { (1 - alpha) / Double($0 + 1) } ?? 0
            let meaning = byMeaning.firstIndex(of: id).map { alpha / Double($0 + 1) } ?? 0
            let score = try #require(hit["hybrid_search_info"]?["rank_fusion_score"]?.doubleValue)
            #expect(abs(score - words - meaning) < 1e-12, "\(id)")
            #expect(score <= last)
            last = score
            #expect((hit["vector_distance"] != nil) == byMeaning.contains(id))
            #expect((hit["text_match"] != nil) == byWords.contains(id))
        }
    }

    @Test func phrasesAndExclusionsHoldForWhatIsNear() throws {
        let vector: JSON = "embedding:([1, 0])"
        #expect(try Self.shelf().ids(["q": "email -office", "vector_query": vector]) == ["m1", "m5"])
        #expect(try Self.shelf().ids(["q": "\"closes at six\"", "vector_query": vector]) == ["m2"])
    }

    @Test func wordsStayWithoutNeighbours() throws {
        let parameters: JSONObject = [
            "q": "office", "vector_query": "embedding:([1, 0], distance_threshold: 0, k: 1)",
            "sort_by": "importance:asc",
        ]
        #expect(try Self.shelf().ids(parameters) == ["m1", "m4", "m3", "m2"])
    }

    // MARK: What cannot be compared

    @Test(arguments: [
        ("*", "embedding:([])", "a vector, an id, or words in q"), ("-word", "embedding:([])", "words in q"),
        ("*", "embedding:([1, 2, 3])", "2 numbers"), ("*", "embedding:([0, 0])", "other than 0"),
        ("*", "embedding:([], id: m9)", "can see"), ("*", "embedding:([], id: m4)", "vector by now"),
    ])
    func isRefusedWithWhatToDo(q: String, query: String, expected: String) throws {
        let error = #expect(throws: SearchError.self) {
            try Self.shelf().search(["q": .string(q), "vector_query": .string(query)])
        }
        #expect(error?.parameter == "vector_query" && error?.reason == .invalid)
        #expect(error?.expected.contains(expected) == true, "\(String(describing: error))")
    }

    @Test func distancesNeedAVectorQuery() {
        let error = #expect(throws: SearchError.self) {
            try SearchRequest(parameters: ["q": "*", "sort_by": "_vector_distance:asc"])
        }
        #expect(error?.parameter == "sort_by")
    }

    @Test func aLateComparisonIsCut() throws {
        let shelf = MemoryShelf(texts: (0..<5_000).map { "text \($0)" })
        for number in 1...5_000 { shelf.vectors[Int64(number)] = [1, Float(number)] }
        var asked = 0
        let request = try SearchRequest(parameters: ["q": "*", "vector_query": "embedding:([1, 0], k: 3)"])
        var engine = MemorySearchEngine(shelf, request) {
            asked += 1
            return asked > 2
        }
        let reply = try engine.run()
        #expect(reply["search_cutoff"] == true && reply["found"] == 3)
        #expect((1..<5_000).contains(engine.work.vectors))
    }
}
