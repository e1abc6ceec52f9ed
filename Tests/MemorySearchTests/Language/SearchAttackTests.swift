import JSON
import MemorySearch
import Testing

/// Texts that try to break the languages of a search: an error with its place, or work within its limits.
@Suite struct SearchAttackTests {
    static func many(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    static let filters: [String] = [
        many("(", 1_000_000), many("(", 33) + "id:=a" + many(")", 33), many(")", 1_000), many("(", 20),
        "id:=`" + many("x", 1_000),
        "id:=[" + many("a,", 5_000) + "b]", many("id:=a && ", 5_000) + "id:=b", many("id:=a || ", 8_000) + "id:=b",
        many("x", 70_000), "id:=[[a]]", "id:=a)", "&&", "||", "!", ":", ":=", "id", "id:", "id:=", "id:!=", "id:!",
        "id:(", "id:=a && (", "id:=a && &&", "id:=[a,,b]", "id:=[,]", "id:=[a..b", "importance:[1..",
        "importance:[..1]",
        "importance:[1...2]", "importance:99e999", "importance:1e", "importance:--1", "importance:0x10",
        "importance:nan",
        "importance:inf", "recall_count:[9223372036854775808..x]", "\u{0}", "id\u{0}:=a", "\u{202E}id:=a", "🙂:=1",
        "value..a:=1", ".value:=1", "value.:=1", "value.{", "value.{}", "value.{a:=1", many("value.{a.{", 40),
        "$x(a:=1)",
        "namespace:(1,2,3 km)", "id:='; DROP TABLE memory; --", "created_at:>0000-00-00", "created_at:>99999-01-01",
        "created_at:2026-13-01", "tags:>1", "id:<a", "content_text:>=5", "\u{FFFD}\u{FFFD}:=\u{FFFD}", "id:=`a`b",
    ]

    @Test(arguments: filters.indices) func filtersFailWithTheirPlace(index: Int) throws {
        let text = Self.filters[index]
        do {
            _ = try FilterParser.parse(text)
            #expect(text.contains("DROP"), "accepted: \(text.prefix(60))")
        } catch let error {
            let isWhole = error.reason == .limitExceeded && text.utf8.count > SearchLimits.filterBytesMax
            #expect(isWhole || (0...text.utf8.count).contains(error.offset ?? -1), "\(error)")
            #expect(error.description.utf8.count < 400)
        }
    }

    static let sorts: [String] = [
        "id", "id:", "id:up", ":asc", "id:asc,", ",id:asc", "id:asc id:desc", "nothing:asc",
        "id:asc,key:asc,tags:asc,id:desc",
        "_text_match(buckets: x):desc", "_text_match(buckets: -1):desc",
        "_text_match(buckets: 99999999999999999999):desc",
        "_text_match(buckets: 2, bucket_size: 3):desc", "_text_match:desc,_text_match:asc", "_eval(id:=a):desc",
        "importance(origin: 1):desc", "importance(func: gauss, scale: 1):desc",
        "importance(origin: 1, func: gauss):desc",
        "importance(origin: 1, func: sine, scale: 1):desc", "importance(origin: 1, func: exp, scale: 0):desc",
        "importance(origin: 1, func: exp, scale: 1, decay: 2):desc", "id(origin: 1, func: diff):asc",
        "id(48.8, 2.3):asc",
        "id(missing_values: middle):asc", "id(missing_values", "id((((", many("(", 10_000), many("id:asc,", 5_000),
        "_rand():desc",
        "_rand(0)", "_rand(-1)", "\u{0}:asc", "id:asc;drop",
    ]

    @Test(arguments: sorts.indices) func sortsFailWithTheirPlace(index: Int) {
        let error = #expect(throws: SearchError.self) { try SortParser.parse(Self.sorts[index]) }
        #expect(error?.offset != nil || error?.reason == .limitExceeded, "\(String(describing: error))")
    }

    static let facets: [String] = [
        "nothing", "id,", "id(", "id(a", "importance(a:[1,2]", "importance(a:[2,1])", "importance(a:[x,1])",
        "id(a:[1,2])",
        "id(sort_by: nothing:asc)", "id(sort_by: _alpha:up)", "value.*", "$a(b)", many("id,", 6_000),
        many("key,", 40) + "id",
        "importance(" + many("a:[1,2],", 200) + "b:[1,2])", "\u{0}",
    ]

    @Test(arguments: facets.indices) func facetsFailWithTheirPlace(index: Int) {
        let error = #expect(throws: SearchError.self) { try FacetParser.parse(Self.facets[index]) }
        #expect(error?.offset != nil || error?.reason == .limitExceeded, "\(String(describing: error))")
    }

    static let queries: [String] = [
        "\"", "\"\"", "-", "--", "-\"", "-\"\"", many("\"", 5_001), many("-", 8_000), many("a ", 4_000),
        many("word ", 1_600),
        many("\u{301}", 4_000), "\u{0}", "\u{FFFD}\u{FFFD}", "🙂🙂", "' OR 1=1 --", "* *", "**", "-*", "\u{202E}abc",
        many("x", 8_000),
        many("-a", 4_000), many("\"a b\" ", 1_000), many("日", 2_000), "a\u{0}b", many("aaaaaaab ", 900),
    ]

    @Test(arguments: queries.indices) func queriesStayWithinTheirWork(index: Int) throws {
        let shelf = MemoryShelf(texts: (0..<50).map { "a common word number \($0)" })
        let parameters: JSONObject = ["q": .string(Self.queries[index]), "exhaustive_search": true]
        var engine = MemorySearchEngine(shelf, try SearchRequest(parameters: parameters))
        let reply = try engine.run()
        #expect((reply["found"]?.intValue ?? -1) >= 0)
        #expect(engine.work.documents <= 50 * (SearchLimits.attemptsMax + 1))
        #expect(engine.work.attempts <= SearchLimits.attemptsMax + 3)
    }

    @Test func aQueryOfTooManyBytesIsRefused() {
        let error = #expect(throws: SearchError.self) {
            try SearchRequest(parameters: ["q": .string(Self.many("x", SearchLimits.queryBytesMax + 1))])
        }
        #expect(error?.reason == .limitExceeded && error?.parameter == "q")
    }
}
