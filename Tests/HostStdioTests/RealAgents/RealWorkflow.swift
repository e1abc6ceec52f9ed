import Foundation
import JSON
import Testing

/// A workflow whose roles are a real agent in one session.
enum RealWorkflow {
    private static let plan: JSON = [
        "plan": [
            "title": "Till", "goal": "It rounds rightly", "test_first": true,
            "batches": [
                [
                    "risk": "medium",
                    "steps": [
                        ["id": "write", "description": "Write it", "prompt": "RUN echo one > till.txt"],
                        ["id": "list", "description": "List it", "prompt": "RUN ls", "depends_on": ["write"]],
                    ],
                ]
            ],
        ], "reasoning": "It is small.",
    ]
    private static let no: JSON = [
        "approved": false, "severity": "high", "comments": [["file": "till.txt", "line": 1, "message": "Say two."]],
    ]
    private static let yes: JSON = ["approved": true, "severity": "none", "comments": []]

    /// Rejected, planned again, approved, reviewed with comments, mended, approved: over the death of a host.
    static func isRejectedReviewedAndMended(_ cli: RealCLI) throws {
        let session = try RealSession(cli)
        func role(_ last: String) -> JSON { ["driver": "real", "instructions": .string(last)] }
        let started = try session.host.call(
            "workflow.start",
            [
                "issue": ["id": "#7", "title": "The till rounds wrongly", "description": "Sums differ by a cent."],
                "working_dir": .string(session.work), "permissions": RealSession.allowsAll, "wait": true,
                "stream": false,
                "profile": [
                    "architect": role("ANSWER \(plan)"), "developer": role("RUN echo two > till.txt"),
                    "reviewer": role("ANSWERS \([no, yes] as JSON)"),
                ],
            ])
        #expect(started["waits_for"] == "permission", "\(started)")
        let named: JSONObject = ["workflow_id": started["id"] ?? .null, "wait": true, "stream": false]
        var rejection = named
        rejection["feedback"] = "Smaller steps."
        #expect(try session.host.call("workflow.reject", .object(rejection))["waits_for"] == "permission")
        // While it waits for somebody nothing of it is lost with its host.
        try session.killHost()
        let done = try session.host.call("workflow.approve", .object(named))
        #expect(done["status"] == "completed", "\(done)")
        let nodes = done["nodes"]?.arrayValue ?? []
        #expect(nodes.map { $0["kind"] } == ["plan", "plan", "develop", "review", "fix", "review"])
        #expect(nodes.allSatisfy { $0["status"] == "completed" }, "\(nodes)")
        #expect(Set(nodes.map { $0["driver_session_id"] }).count == 1, "one session of the agent's goes round")
        #expect(try String(contentsOfFile: session.work + "/till.txt", encoding: .utf8) == "two\n")
        // What the model was told at the end is all of it, once each.
        let last = try #require(try session.model.exchanges.last)
        let told = [
            "You are the architect", "You are the architect", "RUN echo one", "RUN ls", "You are a reviewer",
            "You are the developer", "You are a reviewer",
        ]
        #expect(last.prompts.count == told.count, "\(last.prompts)")
        #expect(zip(last.prompts, told).allSatisfy { $0.hasPrefix($1) }, "\(last.prompts)")
        #expect(last.prompts.count > 5 && last.prompts[1].contains("Smaller steps."))
        #expect(last.prompts.count > 5 && last.prompts[5].contains("till.txt:1: Say two."))
        #expect(last.told.contains("Write tests before what they test."))
    }
}
