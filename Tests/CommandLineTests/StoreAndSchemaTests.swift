import Foundation
import JSON
import Testing

/// `agenthost store` and `agenthost schema`, and the host behind no command at all.
@Suite struct StoreAndSchemaTests {
    @Test func aSoundStoreIsSound() throws {
        let program = try Program()
        #expect(try program.runAgent("hello").code == 0)
        let outcome = try program.run("store", "check")
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("1 session, 1 task"), "\(outcome.output)")
        #expect(try program.run("store", "check", "--json").json()["sound"] == true)
    }

    @Test func aStoreIsCopiedAndCompacted() throws {
        let program = try Program()
        #expect(try program.runAgent("hello").code == 0)
        #expect(try program.run("store", "backup", "copy.db").code == 0)
        let copy = try Data(contentsOf: URL(filePath: program.folder + "/copy.db"))
        #expect(copy.starts(with: Data("SQLite format 3".utf8)))
        #expect(try program.run("store", "backup", "copy.db").code == 77)
        #expect(try Data(contentsOf: URL(filePath: program.folder + "/copy.db")) == copy)
        #expect(try program.run("store", "vacuum", "--json").json()["bytes_after"]?.intValue ?? 0 > 0)
    }

    @Test func withoutAStoreNothingIsMade() throws {
        let program = try Program()
        #expect(try program.run("store", "check", "--store", "elsewhere").code == 66)
        #expect(try program.run("store", "path", "--store", "elsewhere").output == program.folder + "/elsewhere\n")
        #expect(!FileManager.default.fileExists(atPath: program.folder + "/elsewhere"))
    }

    @Test func theProtocolIsOneDocument() throws {
        let document = try Program().run("schema").json()
        #expect(document["openrpc"] != nil)
        #expect(document["methods"]?.arrayValue?.contains { $0["name"] == "task.execute" } == true)
    }

    @Test func aDatabaseIsDescribed() throws {
        let program = try Program()
        let shop = try program.makeShop()
        let page = try program.run("schema", "--db", shop, "--samples", "1").output
        for part in ["shop.db · sqlite · 7 tables", "orders  200 rows", "→ customers.customer_id", "primary key"] {
            #expect(page.contains(part), "\(part) in \(page)")
        }
        let json = try program.run("schema", "--db", shop, "--table", "orders", "--json").json()
        #expect(json["tables"]?.arrayValue?.map { $0["name"] } == ["orders"])
        #expect(try program.run("schema", "--db", shop, "--table", "unicorns").code == 1)
        try "no database".write(toFile: program.folder + "/text.db", atomically: true, encoding: .utf8)
        #expect(try program.run("schema", "--db", "text.db").code == 65)
        #expect(try program.run("schema", "--table", "orders").code == 64)
    }

    @Test func withoutACommandItServes() throws {
        let request = #"{"jsonrpc":"2.0","id":7,"method":"host.ping"}"#
        let outcome = try Program().run(input: Data((request + "\n").utf8))
        #expect(outcome.code == 0)
        #expect(try outcome.json()["id"] == 7)
    }
}
