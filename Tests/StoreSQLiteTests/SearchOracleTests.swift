import AgentModel
import CSQLite
import JSON
import Store
import StoreConformance
import Testing

@testable import StoreSQLite

/// FTS5 says which memories a search finds, with and without folds and merges.
@Suite struct SearchOracleTests {
    /// Words with forms that Porter's stemmer, which FTS5 has, and Snowball's treat alike.
    static let words = [
        "deploy", "deploys", "deployed", "deploying", "table", "tables", "invoice", "invoices", "report", "reports",
        "reported", "customer", "customers", "order", "orders", "ordered", "monday", "berlin", "revenue", "broken",
        "machine", "machines", "espresso", "vault", "keys",
    ]

    struct Oracle {
        let folder: TemporaryFolder
        let host: StoreHost
        let database: SQLiteConnection
        var random: SeededRandom

        init(seed: UInt64, _ limits: IndexLimits, tokenizer: String, _ word: (inout SeededRandom) -> String) throws {
            random = SeededRandom(seed: seed)
            folder = try TemporaryFolder()
            host = try folder.host { $0.indexLimits = limits }
            database = try folder.connection()
            try database.execute("CREATE VIRTUAL TABLE temp.oracle USING fts5(text, tokenize = '\(tokenizer)')")
            for number in 0..<200 {
                let text = (0..<(2 + random.below(7))).map { _ in word(&random) }.joined(separator: " ") + " n\(number)"
                try database.run("INSERT INTO temp.oracle(text) VALUES (?)", [.text(text)])
                try host.write(.remember(host.remembered(text)))
            }
        }

        func expectTheSame(_ q: String, as match: String, prefix: Bool = false) throws {
            let parameters: JSONObject = [
                "q": .string(q), "num_typos": 0, "drop_tokens_threshold": 0, "prefix": .bool(prefix), "per_page": 250,
                "query_by": "content_text",
            ]
            let wanted = try database.rows("SELECT text FROM temp.oracle WHERE oracle MATCH ?", [.text(match)]) {
                $0.text()
            }
            #expect(try host.searched(parameters).texts.sorted() == wanted.sorted(), "\(q)")
        }

        func close() {
            database.close()
            host.store.close()
        }
    }

    @Test(arguments: [IndexLimits.small, .never]) func wordsPhrasesAndExclusions(limits: IndexLimits) throws {
        var oracle = try Oracle(seed: 3, limits, tokenizer: "porter unicode61") {
            Self.words[$0.below(Self.words.count)]
        }
        defer { oracle.close() }
        for _ in 0..<40 {
            let a = Self.words[oracle.random.below(Self.words.count)]
            let b = Self.words[oracle.random.below(Self.words.count)]
            try oracle.expectTheSame(a, as: a)
            try oracle.expectTheSame("\(a) \(b)", as: "\(a) AND \(b)")
            try oracle.expectTheSame("\"\(a) \(b)\"", as: "\"\(a) \(b)\"")
            try oracle.expectTheSame("\(a) -\(b)", as: "\(a) NOT \(b)")
            try oracle.expectTheSame("\(a) -\"\(b) \(a)\"", as: "\(a) NOT \"\(b) \(a)\"")
        }
    }

    @Test(arguments: [IndexLimits.small, .never]) func beginningsOfTheLastWord(limits: IndexLimits) throws {
        var oracle = try Oracle(seed: 4, limits, tokenizer: "unicode61") { Vocabulary.words[$0.below(40)] }
        defer { oracle.close() }
        for _ in 0..<40 {
            let a = Vocabulary.words[oracle.random.below(40)]
            let b = Vocabulary.words[oracle.random.below(40)].prefix(1 + oracle.random.below(5))
            try oracle.expectTheSame(String(b), as: "\(b)*", prefix: true)
            try oracle.expectTheSame("\(a) \(b)", as: "\(a) AND \(b)*", prefix: true)
        }
    }
}
