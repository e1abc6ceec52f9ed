import AgentModel
import Databases
import Driver
import Foundation
import JSON
import Testing

@testable import DriverAnalyst

/// What a whole run does, beside the numbers that `QuestionTests` checks.
@Suite struct AnalystTests {
    @Test func trendHasReportTableAndChart() throws {
        let reply = try Fixture(FixtureSchemas.kontor).ask("Analyze revenue trends", mode: .fullAutonomy)
        #expect(reply.files.map(\.name) == ["report.md", "result.csv", "chart.svg"])
        let report = try #require(reply.file("report.md"))
        #expect(report.contains("einzelpreis × menge × (1 − rabatt_prozent / 100)"))
        #expect(report.contains("Best month"))
        #expect(report.contains("```sql"))
        let chart = try #require(reply.file("chart.svg"))
        #expect(chart.contains("Revenue by month") && chart.contains(">Month<") && chart.contains(">Revenue<"))
        #expect(reply.outcome.driverSessionID == nil)
        #expect(reply.outcome.usage?.turns == reply.events.count { $0 == .turnEnded })
    }

    @Test(arguments: ["Analyze revenue trends", "profile the database", "top 3 customers by revenue"])
    func sameQuestionGivesSameBytes(prompt: String) throws {
        let first = try Fixture(FixtureSchemas.kontor).ask(prompt, mode: .fullAutonomy)
        let second = try Fixture(FixtureSchemas.kontor).ask(prompt, mode: .fullAutonomy)
        #expect(first == second)
    }

    @Test func eachStepIsAToolCallWithItsStatement() throws {
        let reply = try Fixture(FixtureSchemas.ledger).ask("sales by region")
        let started = reply.events.compactMap { event -> String? in
            if case .toolStarted(let id, _, _, _) = event { id } else { nil }
        }
        let finished = reply.events.compactMap { event -> String? in
            if case .toolFinished(let id, false, _) = event { id } else { nil }
        }
        #expect(started == ["step-1", "step-2"])
        #expect(started == finished)
        #expect(reply.statements.last?.contains("GROUP BY") == true)
        let text = try #require(reply.statements.last)
        #expect(reply.text.contains(text))
    }

    @Test func progressNeverGoesBack() throws {
        let reply = try Fixture(FixtureSchemas.store).ask("profile the database", mode: .analysis)
        let done = reply.events.compactMap { event -> Double? in
            if case .progress(let done, let total?, _) = event, total > 1 { done } else { nil }
        }
        #expect(done.count > 5)
        #expect(done == done.sorted())
    }

    // MARK: What it cannot do

    @Test(arguments: [
        ("what is the churn rate", "'churn'"), ("revenue from Atlantis", "'Atlantis'"),
        ("how many unicorns per customer", "'unicorns'"), ("average customer", "could not tell"),
        ("percentage of customers", "needs groups"), ("profit by product", "costs"), ("hello", "could not tell"),
    ])
    func declinesWhatItDoesNotUnderstand(prompt: String, missing: String) throws {
        let reply = try Fixture(FixtureSchemas.kontor).ask(prompt)
        #expect(reply.outcome.stopReason == .endTurn)
        #expect(reply.text.contains("cannot answer"))
        #expect(reply.text.contains(missing), "\(reply.text)")
        #expect(reply.text.contains("driver with a model"))
        #expect(reply.files.isEmpty)
        #expect(!reply.statements.contains { $0.contains("SUM") })
    }

    @Test func correctionsAreTold() throws {
        let reply = try Fixture(FixtureSchemas.store).ask("revnue from Londn")
        #expect(reply.text.contains("'revnue' was read as 'revenue'"))
        #expect(reply.text.contains("'Londn' was read as 'London'"))
    }

    @Test func sumsTellOfRowsThatDidNotStand() throws {
        let reply = try Fixture(FixtureSchemas.store).ask("total revenue")
        #expect(reply.text.contains("purchases.status is 'cancelled' are included"))
    }

    @Test func withoutDatabaseItSaysWhatItNeeds() {
        let analyst = Analyst(Analyst.Task(prompt: "revenue"), sink: RecordingSink(), output: MemoryOutput())
        let outcome = analyst.run(on: nil)
        #expect(outcome.stopReason == .endTurn)
        #expect(outcome.output.contains("--db FILE"))
        #expect(outcome.output.contains("db_connection_id"))
    }

    @Test func timeBeyondTheDataIsToldNotInvented() throws {
        let reply = try Fixture(FixtureSchemas.ledger).ask("revenue in 2035")
        #expect(reply.text.contains("No revenue"))
        #expect(reply.text.contains("2019-01-04 to 2021-06-19"), "\(reply.text)")
    }

    // MARK: Modes and limits

    @Test func planOnlyRunsNoQueryAndWritesNothing() throws {
        let reply = try Fixture(FixtureSchemas.ledger).ask("sales by region", planOnly: true)
        #expect(reply.text.contains("GROUP BY"))
        #expect(reply.files.isEmpty)
        #expect(reply.statements.isEmpty)
    }

    @Test func limitOfStepsEndsTheRun() throws {
        let reply = try Fixture(FixtureSchemas.ledger).ask("sales by region", stepsMax: 1)
        #expect(reply.outcome.stopReason == .recursionLimit)
        #expect(reply.outcome.usage?.turns == 1)
    }

    @Test func chosenStepsStayWithinTheLimit() throws {
        let reply = try Fixture(FixtureSchemas.kontor).ask("Analyze revenue trends", mode: .fullAutonomy, stepsMax: 3)
        #expect(reply.outcome.stopReason == .endTurn)
        #expect(reply.outcome.usage?.turns == 3)
    }

    @Test(arguments: [
        "SELECT region, COUNT(*) AS n FROM tbl_sales GROUP BY region ORDER BY 1",
        "Please run:\n```sql\nSELECT region, COUNT(*) AS n FROM tbl_sales GROUP BY region ORDER BY 1;\n```",
    ])
    func runsSQLAsGiven(prompt: String) throws {
        let reply = try Fixture(FixtureSchemas.ledger).ask(prompt)
        #expect(reply.rows == [["North", "100"], ["South", "100"], ["São Paulo", "100"]])
        #expect(reply.statements == ["SELECT region, COUNT(*) AS n FROM tbl_sales GROUP BY region ORDER BY 1"])
    }

    @Test(arguments: ["DELETE FROM tbl_sales", "DROP TABLE tbl_sales", "UPDATE tbl_sales SET amount = 0"])
    func writesAreRefused(sql: String) throws {
        let fixture = try Fixture(FixtureSchemas.ledger)
        let reply = fixture.ask(sql, mode: .fullAutonomy)
        #expect(reply.text.contains("refused"))
        #expect(try fixture.rows("SELECT COUNT(*) FROM tbl_sales WHERE amount > 0") == [["300"]])
    }

    @Test func queryModeRunsOneStatement() throws {
        let reply = try Fixture(FixtureSchemas.ledger).ask("SELECT 1; SELECT 2")
        #expect(reply.text.contains("one statement"))
        #expect(reply.statements.isEmpty)
    }

    @Test func scriptRunsStatementsInOrderUntilOneFails() throws {
        let script =
            "SELECT 'a;b' AS x; -- not; here\nSELECT COUNT(*) FROM tbl_sales; SELECT nothing FROM nowhere; SELECT 4"
        let reply = try Fixture(FixtureSchemas.ledger).ask(script, mode: .script)
        #expect(reply.statements.count == 3)
        #expect(reply.text.contains("2 of 4 statements ran"))
        #expect(reply.file("report.md")?.contains("a;b") == true)
    }

    @Test func profileFindsWhatIsWrong() throws {
        let fixture = try Fixture(
            """
            CREATE TABLE owners(id INTEGER PRIMARY KEY, name TEXT);
            CREATE TABLE pets(id INTEGER PRIMARY KEY, owner_id INTEGER REFERENCES owners(id),
              name TEXT, weight REAL, chip TEXT);
            CREATE TABLE visits(id INTEGER PRIMARY KEY);
            INSERT INTO owners VALUES (1,'Kim'),(2,'Lee');
            INSERT INTO pets SELECT value, 1 + value % 3, 'pet' || value,
              CASE value WHEN 20 THEN 900 ELSE 4 + value % 5 END, NULL
              FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]');
            """)
        let reply = fixture.ask("profile the database", mode: .analysis)
        let report = try #require(reply.file("report.md"))
        #expect(report.contains("7 rows of pets lead nowhere by pets.owner_id → owners.id") == true, "\(report)")
        #expect(report.contains("pets.weight has 1 outliers"))
        #expect(report.contains("pets.chip is null in every row"))
        #expect(report.contains("visits is empty"))
        #expect(reply.rows.contains { $0.prefix(7) == ["pets", "weight", "REAL", "measure", "20", "0", "6"] })
    }
}
