import AgentModel
import Driver
import DriverCLI
import DriverConformance
import JSON
import Testing

@Suite struct ConformanceTests {
    static let lineScript = """
        {"think":"first"}
        {"delta":"some té\u{1F600}xt ","times":5}
        {"turn":1}
        {"tool":{"name":"sql","title":"Count","input":{"sql":"SELECT 1","limits":{"rows":1,"bytes":2}},"output":[1,2]}}
        {"line":{"type":"plan","entries":[{"title":"look","status":"done"}]}}
        {"line":{"type":"progress","done":1,"total":2}}
        {"ask":{"id":"a1","kind":"permission","tool":"write","title":"Write?","input":{"path":"x"}}}
        {"line":{"type":"not known","a":1,"b":{"c":2,"d":3}}}
        {"usage":{"input_tokens":10,"output_tokens":20,"turns":1,"cost_usd":0.25}}
        {"result":{"structured_output":{"n":1,"m":2}}}
        """

    static let endless = #"{"delta":"tick ","times":1000000,"every_ms":5}"#

    @Test("A line agent conforms", arguments: ProcessCheck.all)
    func lineAgent(_ check: ProcessCheck) throws {
        let folder = try TemporaryFolder()
        let driver = try FakeAgent.lines(
            sessions: folder.path,
            [
                "accepts_session_id", "resumes", "asks_permission", "structured_output", "reports_usage",
                "reports_cost",
            ])
        try check.run(
            LiveDriverSubject(driver: driver, request: request(Self.lineScript), endless: request(Self.endless)))
    }

    @Test("A text agent conforms", arguments: ProcessCheck.all)
    func textAgent(_ check: ProcessCheck) throws {
        let script = """
            {"delta":"some té\u{1F600}xt ","times":20}
            {"bytes":"e282acff0a"}
            {"say":"done"}
            """
        try check.run(
            LiveDriverSubject(
                driver: FakeAgent.text(), request: request(script), endless: request(Self.endless)))
    }

    @Test("The checks catch a driver that breaks the contract", arguments: BrokenRun.Fault.allCases)
    func brokenDrivers(_ fault: BrokenRun.Fault) {
        let lines = [
            #"{"type":"text.delta","message_id":"m","text":"a"}"#, #"{"type":"tool.started","id":"t","name":"n"}"#,
            #"{"type":"tool.finished","id":"t"}"#, #"{"type":"result","output":"a"}"#, "",
        ]
        let subject = DriverSubject(
            driver: BrokenDriver(fault: fault), request: request(),
            transcript: Array(lines.joined(separator: "\n").utf8))
        let caught = DriverCheck.all.filter { check in
            do {
                try check.run(subject)
                return false
            } catch {
                return true
            }
        }
        #expect(caught.isEmpty == (fault == .none))
    }
}

/// A driver of line agents with one fault.
struct BrokenDriver: Driver {
    let fault: BrokenRun.Fault

    var name: String { "broken" }

    var capabilities: DriverCapabilities {
        var capabilities = DriverCapabilities()
        capabilities.streamsText = fault != .declaresTooLittle
        capabilities.reportsUsage = fault == .declaresTooMuch ? .perRun : .none
        return capabilities
    }

    func probe() -> DriverProbe { DriverProbe(isAvailable: true) }

    func makeRun(_ request: RunRequest) -> any DriverRun {
        BrokenRun(fault: fault, sound: LineRun(request, process: ProcessSpec(executable: "/bin/agent")))
    }
}

struct BrokenRun: DriverRun {
    enum Fault: CaseIterable {
        case none, finishesTwice, neverFinishes, speaksAfterTheEnd, dropsChunks, forgetsToSpawn, spawnsTwice
        case ignoresCancel, finishesToolsThatNeverStarted, answersAnything, wrongSpawnError, declaresTooMuch
        case declaresTooLittle, errorWithoutError
    }

    let fault: Fault
    var sound: LineRun
    var isOver = false

    mutating func handle(_ input: DriverInput) -> [DriverEffect] {
        var effects = sound.handle(input)
        let finishes = effects.outcome != nil
        defer { isOver = isOver || finishes }
        switch (fault, input) {
        case (.finishesTwice, .exited) where isOver: effects = [.finish(RunOutcome(stopReason: .endTurn))]
        case (.neverFinishes, .exited): effects = []
        case (.speaksAfterTheEnd, .exited) where isOver: effects = [.emit(.turnEnded)]
        case (.dropsChunks, .output(let bytes)) where !isOver && bytes.count == 7: effects = []
        case (.forgetsToSpawn, .start): effects = []
        case (.spawnsTwice, .spawned): effects = [.spawn(ProcessSpec(executable: "/bin/agent"))]
        case (.ignoresCancel, .cancel): effects = []
        case (.finishesToolsThatNeverStarted, .output) where !isOver:
            effects.insert(.emit(.toolFinished(id: "x", isError: false, output: nil)), at: 0)
        case (.answersAnything, .answer): effects = [.write([10])]
        case (.wrongSpawnError, .spawnFailed):
            effects = [.finish(RunOutcome(stopReason: .error, error: .driverFailed("no")))]
        case (.errorWithoutError, .exited) where finishes: effects = [.finish(RunOutcome(stopReason: .noResult))]
        default: break
        }
        return effects
    }
}
