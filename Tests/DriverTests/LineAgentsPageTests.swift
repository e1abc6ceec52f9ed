import AgentModel
import Driver
import DriverCLI
import DriverConformance
import Foundation
import JSON
import Testing

/// What `docs/line-agents.md` says is so.
@Suite struct LineAgentsPageTests {
    static let page: String = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return (try? String(contentsOf: root.appending(path: "docs/line-agents.md"), encoding: .utf8)) ?? ""
    }()

    /// The contents of the fenced block with this info string.
    static func block(_ info: String) -> Substring {
        let after = page.split(separator: "```\(info)\n", maxSplits: 1).dropFirst().first ?? ""
        return after.split(separator: "\n```", maxSplits: 1).first ?? ""
    }

    static func lines(_ info: String) throws -> [JSON] {
        try block(info).split(separator: "\n").map { try JSON.parse(Array($0.utf8)) }
    }

    @Test func everyLineOfAnAgentIsUnderstood() throws {
        let lines = try Self.lines("jsonl agent")
        #expect(lines.count == 17)
        for line in lines {
            let read = AgentLine(line)
            #expect(read != .event(.raw(line)))
            if case .event = read { #expect(read.json == line) }
        }
    }

    @Test func everyLineOfTheHostIsUnderstood() throws {
        let lines = try Self.lines("jsonl host")
        #expect(lines.count == 5)
        for line in lines { #expect(try HostLine(line).json == line) }
    }

    @Test func theConfigurationIsOne() throws {
        let configuration = try CommandConfiguration(JSON(parsing: String(Self.block("json command"))))
        #expect(configuration.arguments.count == 2)
    }

    @Test func everyStepOfTheFakeAgentIsListed() throws {
        let help = CommandDriver(
            try CommandConfiguration([
                "name": "help", "executable": .string(FakeAgent.path), "arguments": ["--help"], "output": "text",
            ]))
        let outcome = try ProcessHarness.run(help.makeRun(request())).outcome
        let steps = try #require(outcome.output.split(separator: "steps: ").last).split(whereSeparator: \.isWhitespace)
        #expect(steps.count > 25)
        for step in steps { #expect(Self.page.contains("{\"\(step)\": "), "\(step)") }
    }
}
