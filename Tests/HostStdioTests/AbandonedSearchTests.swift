import Foundation
import JSON
import Testing

/// Searches that are not waited for any more let go of the store's readers, of which there are two.
@Suite struct AbandonedSearchTests {
    /// Reads 1,500 texts again and again, for a minute if it is let.
    static let endless: JSON = [
        "q": .string((0..<64).map { "word\($0)" }.joined(separator: " ")), "exhaustive_search": true,
        "filter_by": "content_text:nothing", "search_cutoff_ms": 60_000,
    ]

    static func host() throws -> HostProcess {
        let host = try HostProcess()
        let text = (0..<64).map { "word\($0)" }.joined(separator: " ")
        let lines = (0..<1_500).map { #"{"key": "k\#($0)", "value": "\#(text)"}"# + "\n" }.joined()
        let path = host.home.path + "/memories.jsonl"
        try Data(lines.utf8).write(to: URL(filePath: path))
        #expect(try host.call("memory.import", ["path": .string(path)])["lines"] == 1_500)
        return host
    }

    @Test func whenTheyAreCancelled() throws {
        let host = try Self.host()
        let searches = try (0..<3).map { _ in try host.request("memory.search", Self.endless) }
        usleep(300_000)
        for search in searches { try host.notify("rpc.cancel", ["id": search]) }
        // In any order; on a busy machine a search may have been too slow by itself.
        var codes: [Int] = []
        while codes.count < searches.count, let message = try host.message() {
            #expect(searches.contains(message["id"] ?? .null))
            codes.append(message["error"]?["code"]?.intValue ?? 0)
        }
        #expect(codes.allSatisfy { [-32800, 1004].contains($0) }, "\(codes)")
        #expect(try host.call("memory.count")["count"] == 1_500)
        #expect(try host.finish() == 0)
    }

    @Test func whenTheClientIsGone() throws {
        let host = try Self.host()
        for _ in 0..<3 { try host.request("memory.search", Self.endless) }
        usleep(300_000)
        host.closeOutput()
        #expect(try host.finish() == 0)
    }
}
