import DriverCLI
import Foundation
import JSON
import Testing

/// `docs/codex.md` is the reference for users, so what it shows has to be true.
@Suite struct CodexPageTests {
    static let page: String = {
        let root = URL(filePath: #filePath).appending(path: "../../../..").standardized
        return (try? String(contentsOf: root.appending(path: "docs/codex.md"), encoding: .utf8)) ?? ""
    }()

    @Test func theConfigurationsShownAreRead() throws {
        let blocks = Self.page.components(separatedBy: "```json codex\n").dropFirst()
        #expect(blocks.count == 2)
        for block in blocks {
            let text = block.components(separatedBy: "\n```").first ?? ""
            let json = try JSON.parse(Array(text.utf8))
            #expect(try CodexConfiguration(json).name == json["name"]?.stringValue)
        }
    }

    @Test(
        "Every setting stands in the table",
        arguments: [
            "name", "executable", "arguments", "environment", "inherits", "model", "config", "transport",
        ])
    func settings(_ name: String) { #expect(Self.page.contains("\n| `\(name)` | ")) }

    @Test("Every transport is named", arguments: CodexConfiguration.Transport.allCases)
    func transports(_ transport: CodexConfiguration.Transport) {
        let heading = Self.page.components(separatedBy: "\n").first { $0.hasPrefix("| |") }
        #expect(heading?.contains("| `\(transport.rawValue)` |") == true)
    }
}
