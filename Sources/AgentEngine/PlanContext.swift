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

    /// - Returns: `nil` when nothing is done yet and the folder is empty.
    package func text(for step: PlanStep, of plan: Plan, bytesMax: Int = bytesMaxByDefault) -> String? {
        let done = plan.steps.filter { plan.state.steps[$0.id]?.status == .completed }
        guard !done.isEmpty || !paths.isEmpty else { return nil }
        var text = Budgeted(bytesMax: bytesMax)
        let goal = plan.goal.map { " Goal: \($0)" } ?? ""
        text.add("This is the step \"\(step.id)\" of the plan \"\(plan.title)\".\(goal)")
        let needed = done.filter { step.dependsOn.contains($0.id) }
        section("The steps that it builds on:", needed, Self.dependencyBytesMax, &text)
        files(of: plan, &text)
        let others = done.filter { !step.dependsOn.contains($0.id) }
        section("Other steps that are done:", others, Self.otherBytesMax, &text)
        if !paths.isEmpty, text.add("Files in the working folder:") {
            for path in paths where !text.add("- \(path)") { break }
        }
        return text.text
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

    private func files(of plan: Plan, _ text: inout Budgeted) {
        var latest: [String: FileChange] = [:]
        for step in plan.steps {
            for change in plan.state.steps[step.id]?.files ?? [] { latest[change.path] = change }
        }
        let there = latest.values.filter { $0.change != .deleted }.sorted { $0.path < $1.path }
        guard !there.isEmpty, text.add("Files that earlier steps made or changed:") else { return }
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
