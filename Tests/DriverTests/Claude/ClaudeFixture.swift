import AgentModel
import Driver
import DriverCLI
import Foundation
import JSON
import Testing

/// What the real program wrote, cut down to what matters: `@PROMPT@` stands for the id of the run's prompt.
enum ClaudeFixture {
    static let session = "00000001-0000-4000-8000-000000000001"

    static let names = [
        "basic", "denied", "everything", "interrupted", "interrupted_tool", "max_turns", "over_budget", "overloaded",
        "partial", "permission", "question", "resumed", "schema", "terminated", "unknown_resume", "warm_turn",
    ]

    static func lines(_ name: String) throws -> [String] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let url = folder.appending(path: "Fixtures/agents/claude/\(name).jsonl")
        let text = try String(contentsOf: url, encoding: .utf8)
        return text.replacingOccurrences(of: "@PROMPT@", with: request().runID.uuid.description)
            .split(separator: "\n").map(String.init)
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        try lines(name).flatMap { Array($0.utf8) + [10] }
    }

    /// A run whose process has started, or that a warm one serves.
    static func started(_ request: RunRequest = request(), reused: Bool = false) -> any DriverRun {
        var run = ClaudeDriver().makeRun(request)
        _ = run.handle(.start)
        _ = run.handle(reused ? .reused : .spawned)
        return run
    }

    /// All effects of hearing a fixture, up to its last line.
    static func hear(_ name: String, _ request: RunRequest = request()) throws -> [DriverEffect] {
        var run = started(request)
        return run.handle(.output(try bytes(name)))
    }
}

extension [DriverEffect] {
    var keptWarm: WarmKey? {
        for case .keepWarm(let key) in self { return key }
        return nil
    }

    var closesInput: Bool { contains(.closeInput) }

    var spec: ProcessSpec? {
        for case .spawn(let spec) in self { return spec }
        return nil
    }

    var asks: [DriverAsk] { events.compactMap { if case .ask(let ask) = $0 { ask } else { nil } } }
    var raws: [JSON] { events.compactMap { if case .raw(let json) = $0 { json } else { nil } } }
    var turnsEnded: Int { events.count { $0 == .turnEnded } }
}
