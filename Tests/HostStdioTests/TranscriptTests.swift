import Foundation
import Testing

/// Conversations with the host, text in and text out. `AGENTHOST_UPDATE_TRANSCRIPTS=1` rewrites what the host says.
@Suite struct TranscriptTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/transcripts")

    static let all = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".txt") }.map { String($0.dropLast(4)) }.sorted()

    static let isUpdating = ProcessInfo.processInfo.environment["AGENTHOST_UPDATE_TRANSCRIPTS"] == "1"

    @Test(arguments: all) func theHostSays(transcript name: String) throws { try check(name) }

    @Test func thereAreTranscripts() { #expect(Self.all.count > 40) }

    private func check(_ name: String) throws {
        let file = Self.folder.appending(path: name + ".txt")
        let expected = try String(contentsOf: file, encoding: .utf8)
        let found = try Transcript.run(expected)
        guard found != expected else { return }
        if Self.isUpdating { try found.write(to: file, atomically: true, encoding: .utf8) }
        Issue.record("\(name): \(Self.difference(expected, found))")
    }

    private static func difference(_ expected: String, _ found: String) -> String {
        let (old, new) = (expected.components(separatedBy: "\n"), found.components(separatedBy: "\n"))
        return new.difference(from: old).map {
            switch $0 {
            case .remove(_, let line, _): "\n- \(line)"
            case .insert(_, let line, _): "\n+ \(line)"
            }
        }.joined()
    }
}
