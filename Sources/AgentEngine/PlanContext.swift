package import AgentModel

/// What a step's agent is told of the plan when it does not know it from its own session: what is done, which files
/// there are and what they give to others, and how the folder looks. What matters most comes first; what does not fit
/// is left out and said to be.
package struct PlanContext: Sendable {
    package static let bytesMaxByDefault = 24 << 10
    private static let dependencyBytesMax = 4 << 10
    private static let otherBytesMax = 400

    /// By step: what its last task answered.
    package var outputs: [String: String] = [:]
    /// By file of the working folder.
    package var exports: [String: [String]] = [:]
    /// Files of the working folder.
    package var paths: [String] = []

    package init() {}

    /// What an agent is told that knows nothing of the plan.
    /// - Returns: `nil` when nothing is done yet, the folder is empty and the plan has no instructions.
    package func text(for step: PlanStep, of plan: Plan, bytesMax: Int = bytesMaxByDefault) -> String? {
        let done = plan.steps.filter { plan.state.steps[$0.id]?.status == .completed }
        guard !done.isEmpty || !paths.isEmpty || plan.instructions != nil else { return nil }
        var text = Budgeted(bytesMax: bytesMax)
        let goal = plan.goal.map { " Goal: \($0)" } ?? ""
        text.add(Self.heading(step, plan) + goal)
        if let instructions = plan.instructions { text.add(instructions) }
        let needed = done.filter { step.dependsOn.contains($0.id) }
        section("The steps that it builds on:", needed, Self.dependencyBytesMax, &text)
        files(of: plan.steps, plan, "Files that earlier steps made or changed:", &text)
        let others = done.filter { !step.dependsOn.contains($0.id) }
        section("Other steps that are done:", others, Self.otherBytesMax, &text)
        if !paths.isEmpty, text.add("Files in the working folder:") {
            for path in paths where !text.add("- \(path)") { break }
        }
        return text.text
    }

    /// What an agent is told that goes on in a session of its own, and does not know these steps from it.
    /// - Parameter isNew: it has not worked on the plan yet.
    /// - Returns: `nil` when there is nothing that it does not know.
    package func text(
        of unseen: Set<String>, for step: PlanStep, of plan: Plan, isNew: Bool = false,
        bytesMax: Int = bytesMaxByDefault
    ) -> String? {
        let steps = plan.steps.filter { unseen.contains($0.id) }
        let instructions = isNew ? plan.instructions : nil
        guard !steps.isEmpty || instructions != nil else { return nil }
        var text = Budgeted(bytesMax: bytesMax)
        let beside = steps.isEmpty ? "" : " Since you last worked on the plan, others have worked on it beside you."
        text.add(Self.heading(step, plan) + beside)
        if let instructions { text.add(instructions) }
        let needed = steps.filter { step.dependsOn.contains($0.id) }
        section("The steps that it builds on:", needed, Self.dependencyBytesMax, &text)
        files(of: steps, plan, "Files that the others made or changed:", &text)
        let rest = steps.filter { !step.dependsOn.contains($0.id) }
        section("Steps that they have done:", rest, Self.dependencyBytesMax, &text)
        return text.text
    }

    private static func heading(_ step: PlanStep, _ plan: Plan) -> String {
        "This is the step \"\(step.id)\" of the plan \"\(plan.title)\"."
    }

    private func section(_ title: String, _ steps: [PlanStep], _ bytesMax: Int, _ text: inout Budgeted) {
        guard !steps.isEmpty, text.add(title) else { return }
        for step in steps {
            guard text.add("- \(step.id): \(step.description)") else { return }
            guard let output = outputs[step.id], !output.isEmpty else { continue }
            let head = RecordLimits.parts(output, bytesMax: bytesMax)[0].text
            let cut = head.utf8.count < output.utf8.count ? " [... cut]" : ""
            let lines = head.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
            text.add(lines.joined(separator: "\n") + cut)
        }
    }

    private func files(of steps: [PlanStep], _ plan: Plan, _ title: String, _ text: inout Budgeted) {
        var latest: [String: FileChange] = [:]
        for step in steps.sorted(by: { plan.order($0) < plan.order($1) }) {
            for change in plan.state.steps[step.id]?.files ?? [] { latest[change.path] = change }
        }
        let there = latest.values.filter { $0.change != .deleted }.sorted { $0.path < $1.path }
        guard !there.isEmpty, text.add(title) else { return }
        for change in there {
            let names = exports[change.path] ?? []
            let what = names.isEmpty ? "" : ": exports \(names.joined(separator: ", "))"
            guard text.add("- \(change.path) (\(change.change.rawValue))\(what)") else { return }
        }
    }

    /// Lines within a number of bytes.
    private struct Budgeted {
        private static let leftOut = "[What does not fit is left out.]"
        private var bytesLeft: Int
        private var lines: [String] = []
        private var isCut = false

        init(bytesMax: Int) { bytesLeft = max(0, bytesMax - Self.leftOut.utf8.count - 1) }

        /// - Returns: whether it did fit.
        @discardableResult
        mutating func add(_ line: String) -> Bool {
            let size = line.utf8.count + 1
            guard size <= bytesLeft else {
                isCut = true
                return false
            }
            bytesLeft -= size
            lines.append(line)
            return true
        }

        var text: String { (lines + (isCut ? [Self.leftOut] : [])).joined(separator: "\n") }
    }
}

extension Plan {
    /// The completed steps that the agents' own session of a driver in the plan's session does not know: they ran in
    /// forks of it or with other drivers, since one that it did there.
    /// - Parameter standard: the driver of the steps that name none.
    package func unseenSteps(by driver: String, otherwise standard: String) -> Set<String> {
        let done = steps.filter { state.steps[$0.id]?.status == .completed }
        func isOwn(_ step: PlanStep) -> Bool {
            (step.driver ?? standard) == driver && state.steps[step.id]?.isForked == false
        }
        let last = done.filter(isOwn).map(order).max() ?? 0
        return Set(done.filter { !isOwn($0) && order($0) > last }.map(\.id))
    }

    /// Whether the agents' own session of a driver in the plan's session has done none of its steps.
    /// - Parameter standard: the driver of the steps that name none.
    package func isNew(to driver: String, otherwise standard: String) -> Bool {
        !steps.contains {
            let step = state.steps[$0.id]
            return step?.status == .completed && step?.isForked == false && ($0.driver ?? standard) == driver
        }
    }

    fileprivate func order(_ step: PlanStep) -> Int { state.steps[step.id]?.order ?? 0 }
}
