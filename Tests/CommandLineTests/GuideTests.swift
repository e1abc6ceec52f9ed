import Foundation
import Testing

/// The commands of `docs/continuity.md` run as they stand, in their order, in an empty folder.
@Suite struct GuideTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/continuity.md")

    private static func script() throws -> String {
        let parts = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```sh\n").dropFirst()
        return parts.compactMap { $0.components(separatedBy: "```").first }.joined()
    }

    @Test func everyCommandOfTheGuideRuns() throws {
        let program = try Program()
        let host = URL(filePath: Program.path("agenthost")).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: program.folder + "/guide", withIntermediateDirectories: true)
        let script = try "set -eu; PATH='\(host)':$PATH; cd guide\n" + Self.script()
        let outcome = try Call("/bin/sh", ["-c", script], of: program).end()
        #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
        #expect(!outcome.output.contains(#""error":{"#), "\(outcome.output)")
        // What the page says becomes of them.
        for part in [
            #""source":"update_project","updated_at""#, "A shop: completed, 3 of 3 steps",
            "Write a shop: completed after 1 round of review", "awaiting_permission  waits for permission",
            #""status":"awaiting_permission""#, #""goal":"Write a shop","status":"completed""#, "second idea",
            #""content_text":"the till closes at nine.""#, "Expired 0 sessions",
        ] {
            #expect(outcome.output.contains(part), "\(part) in \(outcome.output)")
        }
    }
}
