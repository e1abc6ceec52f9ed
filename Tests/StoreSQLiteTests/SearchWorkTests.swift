import AgentModel
import JSON
import MemorySearch
import Store
import StoreConformance
import Testing

@testable import StoreSQLite

/// What texts that ask for much work are given of it, counted over the rows of a store.
@Suite struct SearchWorkTests {
    static let memories = 300

    static func many(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    static let attacks: [JSONObject] = [
        ["q": .string(many("a ", 4_000))], ["q": .string(many("word ", 1_600))],
        ["q": .string(many("aaaaaaab ", 900))],
        ["q": .string(many("word number ", 600))], ["q": .string(many("\"a word\" ", 900))],
        ["q": .string("word " + many("-number ", 900))], ["q": .string(many("wxrd nzmber ", 600))],
        ["q": .string(many("w ", 2_000)), "prefix": true],
        ["q": .string((0..<60).map { "m\($0)" }.joined(separator: " "))],
        [
            "q": "word",
            "filter_by": .string((0..<2_000).map { "value:x\($0)" }.joined(separator: " || ")),
        ],
        [
            "q": "*",
            "filter_by": .string((0..<2_000).map { "content_text:=x\($0)" }.joined(separator: " || ")),
        ],
        [
            "q": "word", "facet_by": "content_text,key,tags,id", "facet_query": "content_text:wrod",
            "max_facet_values": 10_000,
        ],
    ]

    @Test func noTextMultipliesTheWork() throws {
        let folder = try TemporaryFolder()
        let host = try folder.host { $0.indexLimits = .small }
        defer { host.store.close() }
        for number in 0..<Self.memories {
            try host.write(
                .remember(
                    host.remembered("a common word number \(number) of order_date", key: "k\(number)")))
        }
        for attack in Self.attacks {
            var parameters = attack
            parameters["exhaustive_search"] = true
            let work = try host.searched(parameters).work
            let told = "\(JSON.object(attack).description.prefix(80)): \(work)"
            #expect(work.attempts <= SearchLimits.attemptsMax + 3, "\(told)")
            // An attempt reads what the ones before have not found.
            #expect(work.documents <= Self.memories * max(1, work.attempts), "\(told)")
            #expect(work.rows <= 2 * Self.memories * (work.attempts + 1), "\(told)")
            #expect(
                work.postings <= Self.memories * SearchLimits.queryWordsMax * (work.attempts + 1), "\(told)"
            )
            // Each condition looks at each of the eight words at most.
            #expect(
                work.steps <= 8 * max(work.documents, Self.memories) * SearchLimits.filterNodesMax, "\(told)")
        }
    }
}
