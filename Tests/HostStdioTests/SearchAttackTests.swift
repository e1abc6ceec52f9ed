import Foundation
import JSON
import Testing

/// Texts that try to break the languages of `memory.search`, through the whole host.
@Suite struct SearchAttackTests {
    static func many(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    static let filters: [String] = [
        many("(", 60_000), many("(", 33) + "id:=a" + many(")", 33), many(")", 1_000), "id:=`" + many("x", 1_000),
        "id:=[" + many("a,", 5_000) + "b]", many("id:=a && ", 5_000) + "id:=b", many("x", 70_000), "id:=[[a]]", "&&",
        "!", ":=",
        "id:", "id:=a && (", "id:=[a,,b]", "importance:[1..", "importance:99e999", "importance:nan", "\u{0}",
        "id\u{0}:=a",
        "\u{202E}id:=a", "🙂:=1", "value..a:=1", "value.{a:=1", many("value.{a.{", 40), "$x(a:=1)",
        "namespace:(1,2,3 km)",
        "id:='; DROP TABLE memory; --", "namespace:=`x') OR 1=1 --`", "tags:=[`\u{0}`,`'`]", "created_at:>99999-01-01",
        "key:=[" + many("'\",", 900) + "x]",
    ]

    static let sorts: [String] = [
        "id", ":asc", "id:asc,", "nothing:asc", "id:asc,key:asc,tags:asc,id:desc", "_text_match(buckets: -1):desc",
        "_text_match(buckets: 99999999999999999999):desc", "_eval(id:=a):desc",
        "importance(origin: 1, func: sine, scale: 1):desc",
        "id((((", many("(", 10_000), many("id:asc,", 2_000), "_rand(-1)", "\u{0}:asc", "id:asc;drop",
    ]

    static let facets: [String] = [
        "nothing", "id,", "id(", "importance(a:[2,1])", "value.*", "$a(b)", many("key,", 40) + "id", "\u{0}",
        "importance(" + many("a:[1,2],", 200) + "b:[1,2])",
    ]

    static let queries: [String] = [
        "\"", "-", "-\"", many("\"", 5_001), many("-", 8_000), many("a ", 4_000), many("word ", 1_600),
        many("\u{301}", 4_000), "\u{0}",
        "🙂🙂", "' OR 1=1 --", "-*", "\u{202E}abc", many("x", 8_000), many("x", 9_000), many("-a", 4_000),
        many("\"a b\" ", 1_000),
        many("日", 2_500), "a\u{0}b", many("aaaaaaab ", 900), many("word number ", 600),
    ]

    static var attacks: [(parameter: String, text: String)] {
        var attacks: [(parameter: String, text: String)] = []
        for (parameter, texts) in [("filter_by", filters), ("sort_by", sorts), ("facet_by", facets), ("q", queries)] {
            attacks += texts.map { (parameter, $0) }
        }
        attacks.append(("vector_query", many("embedding:([", 100)))
        attacks.append(("query_by", many("value.a,", 90) + "nothing"))
        return attacks
    }

    /// Each is answered by an error with its place or by a reply that is not larger than what there is, and the host
    /// goes on.
    @Test func everyAttackIsAnswered() throws {
        let host = try HostProcess()
        for number in 0..<300 {
            let text = "a common word number \(number) of order_date 東京都"
            _ = try host.call(
                "memory.remember", ["key": .string("k\(number)"), "value": .string(text), "tags": ["x'y"]])
        }
        #expect(Self.attacks.count > 70)
        for (parameter, text) in Self.attacks {
            var params: JSONObject = ["q": "word", "exhaustive_search": true]
            params[parameter] = .string(text)
            let id = try host.request("memory.search", .object(params))
            let reply = try host.reply(to: id)
            let told = "\(parameter) \(text.prefix(60)): \(reply.description.prefix(300))"
            if let error = reply["error"] {
                #expect(error["data"]?["path"] == .string("params.\(parameter)"), "\(told)")
                let isPlaced = (0...text.utf8.count).contains(error["data"]?["raw"]?["offset_bytes"]?.intValue ?? -1)
                #expect(isPlaced || ["limit_exceeded", "unsupported"].contains(error["data"]?["reason"]), "\(told)")
            } else {
                #expect((0...300).contains(reply["result"]?["found"]?.intValue ?? -1), "\(told)")
            }
            #expect(try host.call("host.ping") == ["ok": true], "\(told)")
        }
        #expect(try host.call("memory.count")["count"] == 300)
        #expect(try host.finish() == 0)
    }
}
