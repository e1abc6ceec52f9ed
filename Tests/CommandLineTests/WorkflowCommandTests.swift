import Foundation
import JSON
import Testing

/// Workflows from the command line, with an agent that plays each role.
@Suite struct WorkflowCommandTests {
    /// Plans two steps; judges a first time that something is missing, then that all is well.
    private static let agent = """
        #!/bin/sh
        said=$(cat)
        case ${said##*</conversation_so_far>} in
        *"You are the architect"*) echo '{"plan": {"title": "A shop", "goal": "it sells", "estimated_minutes": 40,
            "batches": [{"title": "Till", "risk": "medium", "steps": [{"id": "a", "description": "Write it"},
            {"id": "b", "description": "Test it", "depends_on": ["a"]}]}]}, "reasoning": "It is small."}' ;;
        *"You are a reviewer"*)
            if [ -e judged ]; then echo '{"approved": true, "severity": "none", "comments": []}'
            else touch judged; echo '{"approved": false, "severity": "high",
                "comments": [{"file": "till.py", "line": 3, "message": "It rounds down."}]}'; fi ;;
        *) echo done >> till.py; echo Done. ;;
        esac
        """

    private static func program() throws -> Program {
        let program = try Program()
        try agent.write(toFile: program.folder + "/agent.sh", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.folder + "/agent.sh")
        let agents: JSON = [
            "default_driver": "mine",
            "drivers": [["name": "mine", "executable": .string(program.folder + "/agent.sh"), "output": "text"]],
        ]
        try agents.description.write(toFile: program.folder + "/agents.json", atomically: true, encoding: .utf8)
        return program
    }

    private static func id(_ outcome: Program.Outcome) throws -> String {
        let words = outcome.errors.split(whereSeparator: \.isWhitespace)
        return String(try #require(words.first { $0.hasPrefix("flow_") }, "\(outcome.errors)"))
    }

    @Test func aPlanWaitsIsRejectedApprovedAndReviewed() throws {
        let program = try Self.program()
        let started = try program.run("workflow", "a shop", "--config", "agents.json")
        #expect(started.code == 2)
        #expect(
            started.output == """
                A shop
                it sells (about 40 minutes)
                1. Till (medium risk)
                   a  Write it
                   b  Test it (after a)
                It is small.

                """)
        let id = try Self.id(started)
        #expect(started.errors.contains("The workflow is planning."))
        #expect(started.errors.contains("agenthost workflow \(id) --approve"))
        let list = try program.run("workflows", "--config", "agents.json").output
        let short = "flow_" + id.suffix(8)
        #expect(list.contains(short) && list.contains("waits for permission"))

        let again = try program.run("workflow", short, "--reject", "smaller", "--config", "agents.json")
        #expect(again.code == 2 && again.output.hasPrefix("A shop\n"))
        let ended = try program.run("workflow", id, "--approve", "--config", "agents.json")
        #expect(ended.code == 0)
        let lines = ended.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.filter { $0.hasPrefix("architect") }.count == 2)
        #expect(
            lines.suffix(5) == [
                "reviewer review 1, General completed not approved, severity high", "till.py:3: It rounds down.",
                "developer fix completed", "reviewer review 2, General completed approved",
                "a shop: completed after 2 rounds of review",
            ], "\(ended.output)")
        for text in ["is developing.", "[1/2] \"a\" is completed.", "is reviewing.", "is fixing.", "is completed."] {
            #expect(ended.errors.contains(text), "\(text) in \(ended.errors)")
        }
        #expect(!ended.errors.contains("severity"), "what roles tell each other in JSON: \(ended.errors)")
        // What is over is shown, and not decided upon again.
        #expect(try program.run("workflow", id, "--config", "agents.json").output == ended.output)
        let late = try program.run("workflow", id, "--approve", "--config", "agents.json")
        #expect(late.code != 0 && late.errors.contains("no plan waits for approval"))
    }

    @Test func whatNeedsNoApprovalGoesThrough() throws {
        let program = try Self.program()
        try #"{"id": 7, "title": "Till", "description": "It rounds down"}"#.write(
            toFile: program.folder + "/issue.json", atomically: true, encoding: .utf8)
        let outcome = try program.run(
            "workflow", "--issue", "issue.json", "--approve-up-to", "medium", "--reviewer", "Money", "--json",
            "--quiet", "--config", "agents.json")
        #expect(outcome.code == 0 && outcome.errors.isEmpty)
        let workflow = try outcome.json()
        #expect(workflow["status"] == "completed" && workflow["issue"]?["id"] == "7")
        #expect(workflow["nodes"]?.arrayValue?.contains { $0["focus"] == "Money" } == true)
        // And with a plan that somebody who is not there says yes to beforehand.
        let approved = try program.run("workflow", "a shop", "--approve", "--config", "agents.json")
        #expect(approved.code == 0 && !approved.output.contains("medium risk"))
    }

    @Test(arguments: [
        (["workflow"], "say what to reach"), (["workflow", "x", "--reject", "y"], "go with a workflow's id"),
        (["workflow", "--issue", "none.json"], "cannot read none.json"),
        (["workflow", "--issue", "agents.json"], "has no \"title\""),
        (["workflow", "flow_1", "--approve", "--reject", "x"], "say one of"),
        (["workflow", "flow_1"], "expected a workflow id"),
        (["workflow", "flow_12345678"], "there is no flow_12345678"),
        (["plan", "plan_12345678"], "there is no plan_12345678"),
        (["workflow", "x", "--approve-up-to", "all"], "takes low"),
    ])
    func whatIsWrongIsSaid(words: [String], expected: String) throws {
        let outcome = try Self.program().start(words + ["--config", "agents.json"]).end()
        #expect(outcome.code != 0 && outcome.errors.contains(expected), "\(outcome.errors)")
    }

    @Test func emptyListsSayHowToBegin() throws {
        let program = try Self.program()
        #expect(try program.run("plans").errors.contains("agenthost plan FILE makes one"))
        #expect(try program.run("workflows").errors.contains("agenthost workflow GOAL makes one"))
    }
}
