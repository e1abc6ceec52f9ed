import Foundation
import JSON
import Testing

/// What goes with something else is as gone as what is forgotten by itself: from the files, too.
@Suite struct MemoryTraceTests {
    /// The files of the store that have the word.
    private static func files(with word: String, in home: HostHome) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: home.store).filter { name in
            let data = FileManager.default.contents(atPath: "\(home.store)/\(name)") ?? Data()
            return data.range(of: Data(word.utf8)) != nil
        }
    }

    @Test func aDeletedConnectionTakesItsMemoriesOutOfTheFiles() throws {
        let host = try HostProcess()
        let connection = try host.call(
            "connection.create", ["name": "shop", "dialect": "sqlite", "path": .string(host.home.path + "/shop.db")])
        let id = connection["id"] ?? .null
        let word = "xylographicum"
        _ = try host.call("memory.remember", ["db_connection_id": id, "value": .string("all about \(word)")])
        #expect(try !Self.files(with: word, in: host.home).isEmpty)
        _ = try host.call("connection.delete", ["db_connection_id": id])
        #expect(try Self.files(with: word, in: host.home) == [])
        #expect(try host.finish() == 0)
    }
}
