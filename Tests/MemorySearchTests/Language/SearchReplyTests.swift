import JSON
import MemorySearch
import Testing

/// Facets, groups and highlights as TypeSense shapes them.
@Suite struct SearchReplyTests {
    static var shelf: MemoryShelf {
        MemoryShelf([
            [
                "id": "a", "namespace": "shop", "tags": ["shoes", "sale"], "importance": 0.5,
                "content_text": "a keyboard here",
            ],
            ["id": "b", "namespace": "shop", "tags": ["shoes"], "importance": 0.25, "content_text": "two"],
            ["id": "c", "namespace": "music", "tags": ["shirts"], "importance": 1.0, "content_text": "three"],
            ["id": "d", "content_text": "four"],
        ])
    }

    static func facet(_ parameters: JSONObject) throws -> (counts: String, stats: JSON?) {
        let facet = try shelf.search(parameters)["facet_counts"]?.arrayValue?.first
        let counts = facet?["counts"]?.arrayValue ?? []
        let shown = counts.map { "\($0["value"]?.stringValue ?? "?")=\($0["count"]?.intValue ?? -1)" }
        return (shown.joined(separator: " "), facet?["stats"])
    }

    @Test func facetsAreCounted() throws {
        #expect(try Self.facet(["q": "*", "facet_by": "tags"]).counts == "shoes=2 sale=1 shirts=1")
        #expect(try Self.facet(["q": "*", "facet_by": "tags", "max_facet_values": 1]).counts == "shoes=2")
        #expect(
            try Self.facet(["q": "*", "facet_by": "tags(sort_by: _alpha:asc)"]).counts == "sale=1 shirts=1 shoes=2")
        #expect(try Self.facet(["q": "*", "facet_by": "tags", "filter_by": "namespace:=music"]).counts == "shirts=1")
        let stats = try Self.facet(["q": "*", "facet_by": "importance"]).stats
        #expect(
            stats?["min"]?.doubleValue == 0.25 && stats?["max"]?.doubleValue == 1 && stats?["sum"]?.doubleValue == 1.75)
        #expect(stats?["total_values"] == 3)
        let ranges = "importance(low:[0, 0.5], high:[0.5, ])"
        #expect(try Self.facet(["q": "*", "facet_by": .string(ranges)]).counts == "high=2 low=1")
    }

    @Test func facetValuesAreSearched() throws {
        let reply = try Self.shelf.search(["q": "*", "facet_by": "tags", "facet_query": "tags:sho"])
        #expect(reply["hits"] == [])
        let counts = reply["facet_counts"]?.arrayValue?.first?["counts"]
        #expect(counts == [["count": 2, "highlighted": "<mark>shoes</mark>", "value": "shoes"]])
        #expect(try Self.facet(["q": "*", "facet_by": "tags", "facet_query": "tags:shrits"]).counts == "shirts=1")
    }

    @Test func hitsAreGrouped() throws {
        let reply = try Self.shelf.search(["q": "*", "group_by": "namespace", "group_limit": 1])
        #expect(reply["found"] == 3 && reply["found_docs"] == 4 && reply["hits"] == nil)
        let groups = try #require(reply["grouped_hits"]?.arrayValue)
        #expect(groups.map { $0["group_key"] } == [[nil], ["music"], ["shop"]])
        #expect(groups.last?["found"] == 2 && groups.last?["hits"]?.arrayValue?.count == 1)
        let bySize = try Self.shelf.search(["q": "*", "group_by": "namespace", "sort_by": "_group_found:desc"])
        #expect(bySize["grouped_hits"]?.arrayValue?.first?["group_key"] == ["shop"])
    }

    @Test func correctedWordsAreHighlighted() throws {
        let hit = try Self.shelf.search(["q": "keybaord"])["hits"]?.arrayValue?.first
        let highlight = hit?["highlights"]?.arrayValue?.first
        #expect(highlight?["field"] == "content_text" && highlight?["snippet"] == "a <mark>keyboard</mark> here")
        #expect(highlight?["matched_tokens"] == ["keyboard"])
        #expect(hit?["highlight"]?["content_text"]?["snippet"] == "a <mark>keyboard</mark> here")
    }

    @Test func arraysTellWhichElements() throws {
        let hit = try Self.shelf.search(["q": "sale", "highlight_start_tag": "[", "highlight_end_tag": "]"])["hits"]?
            .arrayValue?.first
        let highlight = hit?["highlights"]?.arrayValue?.first
        #expect(highlight?["indices"] == [1] && highlight?["snippets"] == ["[sale]"])
    }

    @Test func longTextsAreCut() throws {
        let text = (1...60).map { $0 == 30 ? "needle" : "w\($0)" }.joined(separator: " ")
        let parameters: JSONObject = [
            "q": "needle", "highlight_affix_num_tokens": 2, "highlight_full_fields": "content_text",
        ]
        let hit = try MemoryShelf(texts: [text]).search(parameters)["hits"]?.arrayValue?.first
        let highlight = hit?["highlights"]?.arrayValue?.first
        #expect(highlight?["snippet"] == "w28 w29 <mark>needle</mark> w31 w32")
        #expect(highlight?["value"]?.stringValue?.hasPrefix("w1 w2") == true)
    }
}
