import Foundation
import JSON
import Testing

/// Imports of many lines: they tell how far they are, can be cancelled, and go on where they were.
@Suite struct ImportTests {
    private static let count = 12_000

    /// Every other line without a key, so that only its content says what it is.
    private static func makeFile(in home: HostHome) throws -> String {
        let lines = (0..<count).map { number in
            number % 2 == 0 ? #"{"key":"k\#(number)","value":\#(number)}"# : #"{"value":[\#(number),"v"]}"#
        }
        let path = home.path + "/many.jsonl"
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path))
        return path
    }

    @Test func aCancelledImportGoesOnWhereItWas() throws {
        let host = try HostProcess()
        let path = try Self.makeFile(in: host.home)
        let first = try host.request("memory.import", ["path": .string(path)])
        let progress = try host.awaitUnasked("host.progress")["params"]
        #expect(progress?["request_id"] == first)
        let (done, total) = (progress?["done"]?.doubleValue ?? 0, progress?["total"]?.doubleValue ?? 0)
        #expect(done > 0 && done < total)
        try host.notify("rpc.cancel", ["id": first])
        let error = try host.reply(to: first)["error"]
        #expect(error?["code"] == -32800)
        let part = try #require(error?["data"]?["raw"])
        let line = try #require(part["last_line"]?.intValue)
        #expect((4_096..<Self.count).contains(line))
        #expect(part["created"]?.intValue == line)
        #expect(try host.call("memory.count")["count"]?.intValue == line)

        host.unasked = []
        let rest = try host.call("memory.import", ["path": .string(path), "after_line": .int(Int64(line))])
        #expect(rest["created"]?.intValue == Self.count - line && rest["last_line"]?.intValue == Self.count)
        #expect(rest["failed"] == 0)
        let again = try host.call("memory.import", ["path": .string(path)])
        #expect(again["unchanged"]?.intValue == Self.count && again["created"] == 0 && again["updated"] == 0)
        #expect(try host.call("memory.count")["count"]?.intValue == Self.count)
        let told = host.unasked.filter { $0["method"] == "host.progress" }
        #expect(told.count >= 2)
        #expect(try host.finish() == 0)
    }

    @Test(
        arguments: [
            (#""2020-02-29T12:00:00.000Z""#, "2020-02-29T12:00:00.000Z"), ("null", nil),
            (#""2999-01-01T00:00:00Z""#, nil),
        ] as [(String, String?)])
    func whatIsNewKeepsTheTimeItWasRemembered(given: String, kept: String?) throws {
        let host = try HostProcess()
        let path = host.home.path + "/one.jsonl"
        try Data(#"{"key":"k","value":"v","created_at":\#(given)}"#.utf8).write(to: URL(filePath: path))
        #expect(try host.call("memory.import", ["path": .string(path)])["created"] == 1)
        let memory = try host.call("memory.get", ["key": "k"])
        let (created, updated) = (memory["created_at"]?.stringValue, memory["updated_at"]?.stringValue)
        #expect(created == kept ?? updated)
        #expect(updated != "2999-01-01T00:00:00.000Z")
        #expect(try host.finish() == 0)
    }

    @Test func aTimeThatIsNoneIsAFault() throws {
        let host = try HostProcess()
        let path = host.home.path + "/one.jsonl"
        try Data(#"{"key":"k","value":"v","created_at":"yesterday"}"#.utf8).write(to: URL(filePath: path))
        let result = try host.call("memory.import", ["path": .string(path)])
        #expect(result["failed"] == 1)
        #expect(result["errors"]?.arrayValue?.first?["path"] == "line.created_at")
        #expect(try host.finish() == 0)
    }
}
