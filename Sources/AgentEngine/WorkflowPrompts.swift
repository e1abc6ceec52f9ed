package import AgentModel
import JSON

/// What each role is asked.
package struct WorkflowPrompts: Sendable {
    private let goal: String
    private let profile: WorkflowProfile

    package init(_ workflow: Workflow) {
        goal = Self.goal(workflow)
        profile = workflow.profile
    }

    private static func goal(_ workflow: Workflow) -> String {
        guard let issue = workflow.issue else { return workflow.goal }
        let parts = ["id", "title", "description"].compactMap { issue[$0]?.stringValue }
        return parts.joined(separator: "\n")
    }

    package func architect(feedback: [String]) -> String {
        var parts = [
            "You are the architect. Look at the project and make a plan that reaches the goal; change nothing yourself.",
            "The goal:\n\(goal)",
            "Order the work in batches of steps. A step is one task of a developer; its prompt says all that is needed. "
                + "Name what a step depends on by ids of steps of its batch or of earlier ones. Give each batch a risk: "
                + "low, medium or high. Say in `reasoning` why it is done so.",
        ]
        if let last = feedback.last {
            parts.append("Your plan before was not accepted. Make another one that takes this into account:\n\(last)")
        }
        return joined(parts, .architect)
    }

    /// What the developer is told beside the first step of a plan.
    package func developer(isTestFirst: Bool) -> String {
        joined(
            [
                "You are the developer now, and are given the steps of a plan. What it is for:\n\(goal)",
                isTestFirst ? "Write tests before what they test." : nil,
            ].compactMap(\.self), .developer)
    }

    package func fix(_ verdicts: [ReviewVerdict]) -> String {
        let comments = verdicts.filter { !$0.approves }.flatMap(\.comments).map(Self.line)
        return joined(
            [
                "You are the developer. The reviewers do not approve of what was done for this goal:\n\(goal)",
                "Mend what they found:\n" + (comments.isEmpty ? "- no comments" : comments.joined(separator: "\n")),
            ], .developer)
    }

    private static func line(_ comment: JSON) -> String {
        let message = comment["message"]?.stringValue ?? "\(comment)"
        guard let file = comment["file"]?.stringValue else { return "- \(message)" }
        return "- \(file)\(comment["line"]?.intValue.map { ":\($0)" } ?? ""): \(message)"
    }

    /// - Parameter changes: what was done to the files, as a text.
    package func reviewer(focus: String, round: Int, changes: String) -> String {
        joined(
            [
                "You are a reviewer. Judge what was done for this goal; change nothing yourself.",
                "The goal:\n\(goal)",
                focus == "General" ? "Look at everything that matters." : "Look at this alone: \(focus).",
                "What was done" + (round > 1 ? ", after \(round - 1) round(s) of review:" : ":") + "\n\(changes)",
                "Approve only what can stay as it is. Each comment names the file and line that it is about, where it "
                    + "has one, and says what to do.",
            ], .reviewer)
    }

    private func joined(_ parts: [String], _ role: WorkflowRole) -> String {
        (parts + [profile.roles[role]?.instructions].compactMap(\.self)).joined(separator: "\n\n")
    }
}
