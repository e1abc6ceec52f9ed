import AgentModel
import Databases
import Driver
import Foundation
import JSON
import Testing

@testable import DriverAnalyst

/// An analysis goes on from each of its checkpoints as if it had never stopped, and takes no step twice.
@Suite struct ContinuationTests {
    private static func states(_ reply: Reply) -> [JSON] {
        reply.events.compactMap { if case .checkpoint(let state) = $0 { state } else { nil } }
    }

    private static func steps(_ reply: Reply) -> [String] {
        reply.events.compactMap { if case .toolStarted(let id, _, _, _) = $0 { id } else { nil } }
    }

    @Test(
        arguments: [
            ("Analyze revenue trends", SessionMode.fullAutonomy, FixtureSchemas.kontor),
            ("sales by region", .query, FixtureSchemas.ledger),
            ("profile the database", .analysis, FixtureSchemas.ledger),
        ])
    func goesOnFromAnyTurn(prompt: String, mode: SessionMode, schema: String) throws {
        let fixture = try Fixture(schema)
        let whole = fixture.ask(prompt, mode: mode)
        let (states, steps) = (Self.states(whole), Self.steps(whole))
        #expect(states.count == steps.count && steps.count >= 2)
        for (taken, state) in states.enumerated() {
            let rest = fixture.ask(prompt, mode: mode, from: state)
            #expect(Self.steps(rest) == Array(steps[(taken + 1)...]), "after \(taken + 1) steps")
            #expect(rest.files == whole.files)
            #expect(rest.text == whole.text)
            #expect(rest.outcome.usage?.turns == steps.count - taken - 1)
        }
    }

    @Test func aRaisedLimitGoesOn() throws {
        let fixture = try Fixture(FixtureSchemas.kontor)
        let prompt = "Analyze revenue trends"
        let whole = fixture.ask(prompt, mode: .fullAutonomy)
        let short = fixture.ask(prompt, mode: .fullAutonomy, stepsMax: 2)
        let rest = fixture.ask(prompt, mode: .fullAutonomy, from: Self.states(short).last)
        #expect(Self.steps(short).count == 2)
        #expect(Self.steps(short) + Self.steps(rest) == Self.steps(whole))
        #expect(rest.files == whole.files)
    }

    /// What has been written stays written once.
    @Test func aStatementThatWroteIsNotRunAgain() throws {
        let fixture = try Fixture("CREATE TABLE log(a INT)")
        let script = "INSERT INTO log VALUES (1);\nINSERT INTO log VALUES (2);\nSELECT count(*) AS n FROM log"
        let database = try SQLiteDatabase(path: fixture.path, readOnly: false)
        func run(_ stepsMax: Int, from state: JSON?) -> Reply {
            let (sink, output) = (RecordingSink(), MemoryOutput())
            let task = Analyst.Task(
                prompt: script, mode: .script, stepsMax: stepsMax, taken: StepRecord.read(state))
            let outcome = Analyst(task, sink: sink, output: output).run(on: database)
            return Reply(outcome: outcome, events: sink.events, files: output.files)
        }
        let first = run(2, from: nil)
        #expect(try fixture.rows("SELECT count(*) FROM log").last == ["2"])
        let rest = run(10, from: Self.states(first).last)
        #expect(Self.steps(rest) == ["step-3"])
        #expect(rest.rows == [["2"]])
        #expect(try fixture.rows("SELECT count(*) FROM log").last == ["2"])
    }

    @Test func anAnswerTooLargeIsAskedForAgainUnlessItWrote() {
        let rows = (0..<20_000).map { _ in [JSON.string(String(repeating: "x", count: 100))] }
        let read = DatabaseReply.result(QueryResult(columns: ["a"], rows: rows, isTruncated: false))
        #expect(StepRecord("SELECT a", read, after: []).answer == nil)
        let wrote = DatabaseReply.result(QueryResult(columns: ["a"], rows: rows, isTruncated: false, changes: 7))
        let kept = StepRecord("INSERT ... RETURNING a", wrote, after: [])
        #expect(kept.answer == .result(QueryResult(columns: ["a"], rows: [], isTruncated: true, changes: 7)))
        #expect(StepRecord.read(StepRecord.state([kept, .schema])) == [kept, .schema])
    }

    @Test func anotherPromptTakesItsOwnSteps() throws {
        let fixture = try Fixture(FixtureSchemas.ledger)
        let state = Self.states(fixture.ask("SELECT 1 AS a")).last
        let other = fixture.ask("SELECT 2 AS a", from: state)
        #expect(other.rows == [["2"]])
        #expect(Self.steps(other).count == 1)
    }
}
