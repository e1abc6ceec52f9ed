import AgentModel
import Driver
import JSON
import Testing

@testable import DriverAnalyst

/// What memory changes in the analyst's work.
@Suite struct RecollectionTests {
    private func item(_ namespace: String, _ key: String, _ text: String, _ value: JSON = .null) -> Recollection.Item {
        Recollection.Item(namespace: namespace, key: key, text: text, value: value)
    }

    @Test(arguments: [
        ("turnover by country", "revenue by country"), ("What is the Turnover?", "What is the revenue?"),
        ("gross turnover in 1997", "sum of freight in 1997"), ("turnovers", "turnovers"), ("", ""),
        ("Turnover's trend", "revenue trend"), ("turnover turnover", "revenue revenue"),
    ])
    func wordsOfTheGlossaryAreReadAsWhatTheyMean(prompt: String, read: String) {
        let recollection = Recollection([
            item("glossary", "turnover", "revenue"), item("glossary", "gross turnover", "sum of freight"),
            item("general", "trend", "never read"),
        ])
        let reading = recollection.reading(of: prompt)
        #expect(reading.prompt == read)
        #expect(reading.notes.isEmpty == (prompt == read))
    }

    @Test func aMeaningIsNotLookedUpAgain() {
        let recollection = Recollection([item("glossary", "a", "b"), item("glossary", "b", "a")])
        #expect(recollection.reading(of: "a b").prompt == "b a")
    }

    @Test func anAnswerUsesAndSaysWhatMemoryKnows() throws {
        let fixture = try Fixture(FixtureSchemas.ledger)
        let plain = fixture.ask("sales by region")
        let learned = fixture.ask(
            "zorkmids by region",
            remembering: [
                item("glossary", "zorkmids", "sales"), item("general", "note", "The north was restructured in May."),
            ])
        #expect(fixture.ask("zorkmids by region").text.contains("cannot answer"))
        #expect(learned.rows == plain.rows && !learned.rows.isEmpty)
        #expect(learned.text.contains("'zorkmids' was read as 'sales', as remembered."))
        #expect(learned.text.contains("Known from before:\n\n- The north was restructured in May."))
        #expect(learned.file("report.md")?.contains("## Known from before") == true)
    }

    @Test func whatWasFoundForTheSameQuestionIsSaidFirst() throws {
        let fixture = try Fixture(FixtureSchemas.ledger)
        let finding = try #require(fixture.ask("Sales by region?").outcome.findings.first)
        let key = try #require(finding.key)
        #expect(key == "sales by region")
        #expect(finding.value["sql"]?.stringValue?.contains("GROUP BY") == true)
        let again = fixture.ask(
            "sales by region",
            remembering: [
                item("general", "note", "Other."), item("findings", key, finding.text, finding.value),
            ])
        let answer = try #require(finding.value["answer"]?.stringValue)
        #expect(again.text.contains("Known from before:\n\n- Sales by region?: \(answer)\n- Other."))
    }

    @Test func aRefusalSaysWhatMemoryKnows() throws {
        let reply = try Fixture(FixtureSchemas.ledger).ask(
            "what is the refund policy", remembering: [item("general", "refunds", "Refunds within 30 days.")])
        #expect(reply.text.contains("Memory knows of it:\n\n- Refunds within 30 days."))
        #expect(reply.outcome.findings.isEmpty)
    }

    @Test func planOnlyLeavesNoFinding() throws {
        #expect(try Fixture(FixtureSchemas.ledger).ask("sales by region", planOnly: true).outcome.findings.isEmpty)
    }
}
