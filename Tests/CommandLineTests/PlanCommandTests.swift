import Foundation
import JSON
import Testing

/// Plans from files.
@Suite struct PlanCommandTests {
    private static let good =
        #"{"title": "Two", "batches": [{"steps": ["#
        + #"{"id": "a", "description": "{\"say\": \"one\"}"}, {"id": "b", "description": "{\"say\": \"two\"}"}]}]}"#

    @Test func aPlanRunsToItsEndWithItsProgress() throws {
        let program = try Program()
        let outcome = try program.run("plan", "-", "--config", "agents.json", input: Data(Self.good.utf8))
        #expect(outcome.code == 0)
        // The program's own output lies in the folder: files may follow a step.
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.map { $0.prefix(12) } == ["completed  a", "completed  b", "Two: complet"])
        #expect(lines.last == "Two: completed, 2 of 2 steps")
        for text in ["[0/2] \"a\" begins.", "[1/2] \"a\" is completed.", "[2/2] The plan is completed."] {
            #expect(outcome.errors.contains(text), "\(outcome.errors)")
        }
        // What is completed is not run again.
        let id = try #require(outcome.errors.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("plan_") })
        let again = try program.run("plan", String(id), "--json", "--config", "agents.json").json()
        #expect(again["status"] == "completed" && again["steps"]?.arrayValue?.count == 2)
    }

    @Test(arguments: [
        (#"{"title": "x", "batches": []}"#, "params.batches"), ("[1]", "no JSON object"), ("{", "no JSON object"),
        (
            #"{"title": "x", "batches": [{"steps": [{"id": "a", "description": "x", "depends_on": ["a"]}]}]}"#,
            "\"a\" -> \"a\""
        ),
    ])
    func whatIsNoPlanIsSaid(text: String, expected: String) throws {
        let outcome = try Program().run("plan", "-", "--config", "agents.json", input: Data(text.utf8))
        #expect(outcome.code != 0)
        #expect(outcome.errors.contains(expected), "\(outcome.errors)")
    }
}
