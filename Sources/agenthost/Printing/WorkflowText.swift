import HostProtocol
import JSON

/// A workflow as people read it: the plan that waits for them, and what became of it.
struct WorkflowText {
    let workflow: Wire.Workflow
    let terminal: Terminal

    /// The architect's plan: its batches with their risk, their steps, and why it is so.
    func sayProposal() {
        guard let proposal = workflow.proposal, let plan = proposal["plan"] else { return }
        terminal.say(line(plan["title"]) ?? workflow.title, .bold)
        let minutes = plan["estimated_minutes"]?.intValue.map { "about \(Quantity.counted(Int($0), "minute"))" }
        let facts = [minutes, plan["test_first"] == true ? "tests first" : nil].compactMap { $0 }
        sayParagraph([line(plan["goal"]), facts.isEmpty ? nil : "(\(facts.joined(separator: ", ")))"])
        for (number, batch) in (plan["batches"]?.arrayValue ?? []).enumerated() {
            let risk = batch["risk"]?.stringValue ?? "low"
            let title = ["\(number + 1).", line(batch["title"]), "(\(risk) risk)"].compactMap { $0 }
            terminal.say(title.joined(separator: " "), risk == "high" ? .red : risk == "medium" ? .yellow : nil)
            let steps = batch["steps"]?.arrayValue ?? []
            let width = steps.map { TextLayout.width(line($0["id"]) ?? "") }.max() ?? 0
            for step in steps { say(step, idColumns: width) }
        }
        sayParagraph([line(plan["risk_summary"])])
        sayParagraph([line(proposal["reasoning"])])
    }

    /// Whole, however long it is: a person decides upon it.
    private func say(_ step: JSON, idColumns: Int) {
        let before = (step["depends_on"]?.arrayValue ?? []).compactMap(\.stringValue)
        let after = before.isEmpty ? "" : " (after \(before.joined(separator: ", ")))"
        let text = TextLayout.oneLine((line(step["description"]) ?? "") + after)
        let indent = idColumns + 5
        let lines = TextLayout.wrap(text, columns: max(20, columns - indent)).split(separator: "\n")
        let id = TextLayout.padded(line(step["id"]) ?? "", idColumns)
        terminal.say("   \(terminal.styled(id, .bold))  \(lines.first ?? "")")
        for line in lines.dropFirst() { terminal.say(String(repeating: " ", count: indent) + line) }
    }

    /// A line for each piece of work, with the comments of reviewers below theirs, then one for the whole.
    /// - Parameter plan: the plan that the developer executed.
    func sayReport(_ plan: Wire.Plan?) {
        var table = TextTable()
        for node in workflow.nodes {
            let status = node.status.rawValue
            table.add([
                .init(node.role.rawValue, .bold), .init(what(node)), .init(status, StatusStyle.of(status)),
                .init(outcome(node)),
            ])
        }
        for (node, row) in zip(workflow.nodes, table.lines(for: terminal)) {
            terminal.say(row)
            for detail in details(node, plan) { sayParagraph([detail], indent: 4) }
        }
        let status = workflow.status.rawValue
        let reason = workflow.reason.map { ": \(TextLayout.oneLine($0))" } ?? ""
        let rounds = workflow.round == 0 ? "" : " after \(Quantity.counted(workflow.round, "round")) of review"
        terminal.say("\(TextLayout.oneLine(workflow.title)): \(status)\(rounds)\(reason)", StatusStyle.of(status))
    }

    /// A developer's steps, a reviewer's comments.
    private func details(_ node: Wire.WorkflowNode, _ plan: Wire.Plan?) -> [String] {
        if node.kind == .develop, node.planID == plan?.id, let plan { return PlanText.steps(plan) }
        return (node.result?["comments"]?.arrayValue ?? []).map(text)
    }

    private func what(_ node: Wire.WorkflowNode) -> String {
        switch node.kind.rawValue {
        case "plan": "plan \(node.round)"
        case "review": "review \(node.round), \(node.focus ?? "General")"
        default: node.kind.rawValue
        }
    }

    private func outcome(_ node: Wire.WorkflowNode) -> String {
        if let reason = node.reason { return reason }
        guard let approved = node.result?["approved"]?.boolValue else { return "" }
        return approved ? "approved" : "not approved, severity \(line(node.result?["severity"]) ?? "unknown")"
    }

    private func text(of comment: JSON) -> String {
        let place = [line(comment["file"]), comment["line"]?.intValue.map { "\($0)" }].compactMap { $0 }
        let message = line(comment["message"]) ?? comment.stringValue ?? comment.description
        return place.isEmpty ? message : "\(place.joined(separator: ":")): \(message)"
    }

    private var columns: Int { min(terminal.columns ?? 100, 100) }

    private func line(_ json: JSON?) -> String? { json?.stringValue.map(TextLayout.oneLine) }

    private func sayParagraph(_ parts: [String?], indent: Int = 0) {
        let text = parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ")
        guard !text.isEmpty else { return }
        for line in TextLayout.wrap(text, columns: columns - indent).split(separator: "\n") {
            terminal.say(String(repeating: " ", count: indent) + line, .dim)
        }
    }
}
