import AgentModel
import Driver
import DriverCLI
import Foundation
import JSON

/// A transcript of Codex's; `Tests/Fixtures/agents/codex/README.md` says where they come from.
enum CodexFixture {
    static let folder = URL(filePath: #filePath).appending(path: "../../../Fixtures/agents/codex").standardized
    static let thread = "01a1fa1c-cb76-78e2-bf95-42ae5c548206"
    static let fork = "01a1fa1c-da96-7643-9f4f-0b95d7139f7e"
    static let turn = "01a1fa1c-cb9d-7870-b4e7-7f29d79c400d"
    static let execThread = "01a1fa12-cc31-7561-ad4d-0cfdd3bf3fea"

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: "\(name).jsonl")))
    }

    /// Each with its newline.
    static func lines(_ name: String) throws -> [[UInt8]] {
        try bytes(name).split(separator: 10).map { Array($0) + [10] }
    }

    static func driver(_ transport: CodexConfiguration.Transport = .appServer) -> CodexDriver {
        var configuration = CodexConfiguration()
        configuration.transport = transport
        return CodexDriver(configuration, hostVersion: "1")
    }
}

/// A run of Codex's with all that it did so far.
struct CodexPlay {
    var run: any DriverRun
    private(set) var effects: [DriverEffect] = []

    init(_ request: RunRequest, _ driver: CodexDriver = CodexFixture.driver(), spawned: DriverInput = .spawned) {
        run = driver.makeRun(request)
        handle(.start)
        handle(spawned)
    }

    /// A whole transcript, and the process's end.
    init(_ name: String, _ request: RunRequest, _ driver: CodexDriver = CodexFixture.driver(), status: Int = 0) throws {
        self.init(request, driver)
        try hear(name)
        handle(.outputEnded)
        handle(.exited(status))
    }

    @discardableResult
    mutating func handle(_ input: DriverInput) -> [DriverEffect] {
        let more = run.handle(input)
        effects += more
        return more
    }

    mutating func hear(_ name: String, until method: String? = nil) throws {
        for line in try CodexFixture.lines(name) {
            handle(.output(line))
            if let method, try JSON.parse(line)["method"]?.stringValue == method { return }
        }
    }

    /// What was written of a method.
    func written(_ method: String) -> [JSON] { effects.written.filter { $0["method"]?.stringValue == method } }

    var asks: [DriverAsk] { effects.events.compactMap { if case .ask(let ask) = $0 { ask } else { nil } } }
    var outcome: RunOutcome? { effects.outcome }
    var outcomes: Int { effects.count { if case .finish = $0 { true } else { false } } }
    var warmKeys: [WarmKey] { effects.compactMap { if case .keepWarm(let key) = $0 { key } else { nil } } }
    var spawned: ProcessSpec? {
        for case .spawn(let spec) in effects { return spec }
        return nil
    }
}

extension Usage {
    /// What the transcripts' model says of each of its answers, so many times.
    static func codex(_ count: Int) -> Usage {
        var usage = Usage()
        usage.inputTokens = 100 * count
        usage.cacheReadTokens = 10 * count
        usage.outputTokens = 20 * count
        usage.reasoningTokens = 5 * count
        usage.accuracy = .known
        return usage
    }
}
