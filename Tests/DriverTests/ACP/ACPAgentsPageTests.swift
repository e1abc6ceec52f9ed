import DriverACP
import Foundation
import JSON
import Testing

/// `docs/acp-agents.md` is the reference for users, so what it shows has to be true.
@Suite struct ACPAgentsPageTests {
    static let page: String = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return (try? String(contentsOf: root.appending(path: "docs/acp-agents.md"), encoding: .utf8)) ?? ""
    }()

    @Test("Every preset stands in the table", arguments: ACPPresets.all)
    func presets(_ preset: ACPConfiguration) {
        let command = ([preset.executable] + preset.arguments).joined(separator: " ")
        let variables = preset.inherits.map { "`\($0)`" }.joined(separator: ", ")
        #expect(Self.page.contains("| `\(preset.name)` | `\(command)` | \(variables) |"))
    }

    @Test func theConfigurationsShownAreRead() throws {
        let blocks = Self.page.components(separatedBy: "```json acp\n").dropFirst()
        #expect(blocks.count == 2)
        for block in blocks {
            let text = block.components(separatedBy: "\n```").first ?? ""
            #expect(throws: Never.self) { try ACPConfiguration(JSON.parse(Array(text.utf8))) }
        }
    }
}
