import CSQLite
import Foundation
import JSON
import Testing

/// Databases through the host: in a worker, read only unless the connection says otherwise.
@Suite struct DatabaseTests {
    private func database(_ path: String) {
        var handle: OpaquePointer?
        #expect(sqlite3_open(path, &handle) == SQLITE_OK)
        let sql =
            "CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO product VALUES (1, 'tea'), (2, NULL)"
        #expect(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
        sqlite3_close(handle)
    }

    private func connection(_ host: HostProcess, _ path: String, readOnly: Bool = true) throws -> JSON {
        try host.call(
            "connection.create",
            ["name": "shop", "dialect": "sqlite", "path": .string(path), "read_only": .bool(readOnly)])["id"] ?? .null
    }

    @Test func aDatabaseIsLookedAtAndNotChanged() throws {
        let host = try HostProcess()
        let path = host.home.path + "/shop.db"
        database(path)
        let id = try connection(host, path)
        #expect(try host.call("connection.test", ["db_connection_id": id])["ok"] == true)
        let schema = try host.call("connection.schema", ["db_connection_id": id])
        #expect(schema["tables"]?.arrayValue?.first?["name"] == "product")
        let query = try host.call(
            "connection.query",
            ["db_connection_id": id, "sql": "SELECT * FROM product WHERE id <= ? ORDER BY id", "parameters": [2]])
        #expect(query["rows"] == [[1, "tea"], [2, nil]])
        func error(_ sql: JSON) throws -> JSON? {
            try host.reply("connection.query", ["db_connection_id": id, "sql": sql])["error"]
        }
        #expect(try error("DELETE FROM product")?["code"] == 1014)
        #expect(try error("ATTACH '/tmp/x.db' AS x")?["code"] == 1008)
        #expect(try error("SELEC 1")?["data"]?["path"] == "params.sql")
        #expect(
            try host.call("connection.query", ["db_connection_id": id, "sql": "SELECT count(*) FROM product"])["rows"]
                == [[2]])
        #expect(try host.finish() == 0)
    }

    @Test func aWritableConnectionWrites() throws {
        let host = try HostProcess()
        let path = host.home.path + "/shop.db"
        database(path)
        let id = try connection(host, path, readOnly: false)
        let changed = try host.call(
            "connection.query", ["db_connection_id": id, "sql": "DELETE FROM product WHERE id = 1"])
        #expect(changed["changes"] == 1)
    }

    @Test func whatIsNoDatabaseIsAResult() throws {
        let host = try HostProcess()
        try Data("no database".utf8).write(to: URL(filePath: host.home.path + "/text.db"))
        for path in ["text.db", "missing.db"] {
            let test = try host.call(
                "connection.test", ["db_connection_id": try connection(host, host.home.path + "/" + path)])
            #expect(test["ok"] == false)
            #expect(test["reason"]?.stringValue?.isEmpty == false)
        }
    }

    @Test func theStoreIsNoDatabaseToWorkOnUnderAnyName() throws {
        let host = try HostProcess()
        let store = host.home.store + "/agenthost.db"
        let link = host.home.path + "/link.db"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: store)
        for path in [link, host.home.store + "/../store/agenthost.db"] {
            let reply = try host.reply(
                "connection.create", ["name": "own", "dialect": "sqlite", "path": .string(path)])
            guard let id = reply["result"]?["id"] else { continue }
            let test = try host.call("connection.test", ["db_connection_id": id])
            #expect(test["ok"] == false, "\(path)")
            let query = try host.reply("connection.query", ["db_connection_id": id, "sql": "SELECT * FROM session"])
            #expect(query["error"] != nil, "\(path)")
        }
    }
}
