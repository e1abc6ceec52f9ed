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

    /// Where nobody can be asked, what is not allowed beforehand is refused, and that is said.
    @Test func whatIsNotAllowedIsSaid() throws {
        let program = try Program()
        let ask = #"{"ask": {"tool": "Bash", "title": "Run it", "input": {}}}"#
        let step: JSON = ["id": "a", "description": .string(ask)]
        let plan = Data("\(["title": "Asks", "batches": [["steps": [step]]]] as JSON)".utf8)
        let refused = try program.run("plan", "-", "--config", "agents.json", input: plan)
        #expect(refused.errors.contains("agents were refused Bash, since nobody was there"), "\(refused.errors)")
        #expect(refused.errors.contains("Begin with --allow Bash"))
        let allowed = try program.run("plan", "-", "--allow", "Bash", "--config", "agents.json", input: plan)
        #expect(allowed.code == 0 && !allowed.errors.contains("were refused"), "\(allowed.errors)")
        let id = try #require(allowed.errors.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("plan_") })
        #expect(try program.run("plan", String(id), "--allow", "Bash", "--config", "agents.json").code == 64)
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
