import AgentModel
import Driver
import DriverCLI
import JSON
import Testing

@Suite struct ClaudeWarmTests {
    @Test func aRunThatIsDoneLeavesItsProcessToTheNextOneOfItsSession() throws {
        let effects = try ClaudeFixture.hear("basic")
        let key = try #require(effects.keptWarm)
        #expect(!effects.closesInput)
        var next = ClaudeDriver().makeRun(request(resuming: ClaudeFixture.session))
        #expect(next.handle(.start).spec?.warmKey == key)
    }

    @Test func aProcessThatIsNotKeptIsToldThatNothingMoreComes() throws {
        var request = request()
        request.task.budget = Budget(cost: Cost(nanoDollars: 5))
        let effects = try ClaudeFixture.hear("basic", request)
        #expect(effects.keptWarm == nil)
        #expect(effects.closesInput)
    }

    @Test func whatGoesOnBeyondTheResultKeepsNoProcess() throws {
        let line =
            #"{"type":"assistant","message":{"id":"m","content":[{"type":"tool_use","id":"t","name":"Bash","#
            + #""input":{"command":"x","run_in_background":true}}]}}"#
        var run = ClaudeFixture.started()
        _ = run.hear(line)
        let effects = run.handle(.output(try ClaudeFixture.bytes("basic")))
        #expect(effects.outcome?.stopReason == .endTurn)
        #expect(effects.keptWarm == nil)
    }

    @Test func aReusedProcessHearsOnlyThePrompt() {
        var run = ClaudeDriver().makeRun(request(resuming: ClaudeFixture.session))
        _ = run.handle(.start)
        #expect(run.handle(.reused).written.map { $0["type"] } == ["user"])
    }

    /// What a process still says about another prompt is not this run's: results name the prompts they are about.
    @Test func aReusedProcessIsHeardFromItsNextInitOn() throws {
        var run = ClaudeFixture.started(request(resuming: ClaudeFixture.session), reused: true)
        let late = try #require(try ClaudeFixture.lines("basic").last)
        #expect(run.hear(late).outcome == nil)
        let effects = run.handle(.output(try ClaudeFixture.bytes("warm_turn")))
        #expect(effects.outcome?.stopReason == .endTurn)
        #expect(effects.outcome?.output == "Hello there.")
        #expect(effects.outcome?.usage?.cost == Cost(nanoDollars: 800_000))
    }

    @Test func aResultAboutAnotherPromptIsNotThisRuns() throws {
        var run = ClaudeFixture.started()
        let line = try #require(try ClaudeFixture.lines("everything").last)
        let other = line.split(separator: request().runID.uuid.description).joined(separator: "another")
        #expect(run.hear(other).outcome == nil)
        #expect(run.hear(line).outcome != nil)
    }
}

@Suite struct ClaudeUsageTests {
    /// `total_cost_usd` and `modelUsage` count from the beginning of the conversation, over resumed runs and forks;
    /// `model_usage_since_last_result` is this run's.
    @Test func totalsAreCumulativeOverResume() throws {
        let effects = try ClaudeFixture.hear("resumed", request(resuming: ClaudeFixture.session))
        let usage = try #require(effects.outcome?.usage)
        #expect(usage.inputTokens == 100)
        #expect(usage.outputTokens == 20)
        #expect(usage.cost == Cost(nanoDollars: 800_000))
        #expect(usage.turns == 1)
        #expect(usage.accuracy == .known)
        let totals = effects.events.compactMap { if case .usageTotal(let total) = $0 { total } else { nil } }
        #expect(totals.map(\.cost) == [Cost(nanoDollars: 1_600_000)])
        #expect(totals.map(\.inputTokens) == [200])
    }

    @Test func usageIsTheSumOverTheModelsToTheBillionth() throws {
        let usage = try #require(try ClaudeFixture.hear("everything").outcome?.usage)
        #expect(usage.cost == Cost(nanoDollars: 100_000_001))
        #expect(usage.inputTokens == 41)
        #expect(usage.outputTokens == 21)
        #expect(usage.cacheReadTokens == 9)
        #expect(usage.cacheWriteTokens == 6)
        #expect(usage.reasoningTokens == 5)
        #expect(usage.turns == 3)
    }

    /// An older program does not say what one result is about: what the answers used is an estimate, the total is told.
    @Test func withoutTheUsageSinceTheLastResultItIsEstimated() throws {
        var run = ClaudeFixture.started()
        var effects: [DriverEffect] = []
        for line in try ClaudeFixture.lines("partial") {
            effects += run.hear(line.split(separator: "model_usage_since_last_result").joined(separator: "other"))
        }
        #expect(effects.outcome?.usage?.accuracy == .estimated)
        #expect(effects.outcome?.usage?.inputTokens == 100)
        #expect(effects.outcome?.usage?.outputTokens == 20)
        #expect(effects.events.contains { if case .usageTotal = $0 { true } else { false } })
    }

    /// Killed in mid-turn, a run has used what its answers said.
    @Test func aRunThatDiesHasUsedWhatItsAnswersSaid() throws {
        var run = ClaudeFixture.started()
        for line in try ClaudeFixture.lines("partial").dropLast() { _ = run.hear(line) }
        let usage = run.handle(.exited(-9)).outcome?.usage
        #expect(usage?.accuracy == .estimated)
        #expect(usage?.outputTokens == 20)
        #expect(usage?.turns == 1)
    }

    /// A host that dies with it in mid-answer knows by then what was read for that answer.
    @Test func whatAnAnswerReadIsToldAsSoonAsItBegins() throws {
        var run = ClaudeFixture.started()
        for line in try ClaudeFixture.lines("partial") {
            let effects = run.hear(line)
            guard line.contains("message_start") else { continue }
            let told = effects.compactMap { effect -> Usage? in
                if case .emit(.usage(let usage)) = effect { usage } else { nil }
            }
            #expect(told.count == 1)
            #expect(told.first?.inputTokens ?? 0 > 0)
            #expect(told.first?.accuracy == .estimated)
            return
        }
        Issue.record("no answer begins")
    }
}
