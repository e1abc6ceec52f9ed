import HostProtocol

/// What became of a plan, as people read it.
enum PlanText {
    /// A line for each step, then one for the plan.
    static func say(_ plan: Wire.Plan) {
        let output = Terminal.standardOutput
        for line in steps(plan) { output.say(line) }
        output.say("\(TextLayout.oneLine(plan.title)): \(plan.status.rawValue), \(plan.done) of \(plan.total) steps")
    }

    /// Each step with its files, or with why it is not completed.
    static func steps(_ plan: Wire.Plan) -> [String] {
        plan.steps.map { step in
            let files = step.artifacts.map { "\($0.change.rawValue) \($0.path)" }
            let about = step.reason ?? files.joined(separator: ", ")
            return [step.status.rawValue, step.id, about].filter { !$0.isEmpty }.map(TextLayout.oneLine)
                .joined(separator: "  ")
        }
    }
}
