import HostProtocol
import JSON

/// `agenthost workflow`: a goal through architect, developer and reviewers, with the plan put to the person in between.
enum WorkflowCommand {
    static let command = Command(
        "workflow", "Take a goal through architect, developer and reviewers.", operands: "GOAL|-|WORKFLOW_ID [FLAGS]",
        about: """
            The architect's plan is shown and waits for you, unless its risk is small enough: say yes, or say what \
            should be different and get another. Where nobody is at the terminal it goes on waiting, and the \
            workflow's id goes on with it: with --approve or --reject, later or elsewhere. The id of one that was \
            interrupted or has failed goes on where it stopped. Ctrl-C cancels it and waits for its end; a second one \
            does not wait.
            """,
        flags: [
            Flag("--driver", "NAME", "The agent in every role.", standard: "the configuration's"),
            Flag("--issue", "FILE", "Take the goal from a JSON object {\"title\", \"description\", \"id\"}."),
            Flag("--reviewer", "FOCUS", "What a reviewer looks at; may be given several times.", standard: "General"),
            Flag(
                "--approve-up-to", "RISK", "Plans of at most this risk need no approval: low, medium, high.",
                standard: "each plan waits"),
            .allow,
            Flag("--approve", "Approve the plan."),
            Flag("--reject", "FEEDBACK", "Have another plan made of the one that waits."),
            Flag("--retry", "ROLE", "Go on from a role's work on: architect, developer, reviewer."),
            Flag("--json", "Print the whole workflow as JSON."),
            Flag("--quiet", "Say nothing on stderr but errors."),
            .store, .config,
        ],
        examples: [
            "agenthost workflow \"Let the till round to cents\" --driver claude --allow Edit --allow Write",
            "agenthost workflow --issue issue.json --reviewer Correctness --reviewer Security",
            "agenthost workflow flow_0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d0091 --reject \"write the tests first\"",
        ], run: run)

    private enum Risk: String, CaseIterable { case low, medium, high }
    private enum Role: String, CaseIterable { case architect, developer, reviewer }
    private enum Decision {
        case approve
        case reject(String)
    }

    private static func run(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        let operand = arguments.rest.first.flatMap { $0.hasPrefix("flow_") && arguments.rest.count == 1 ? $0 : nil }
        let start = operand == nil ? try start(arguments) : nil
        let retry = try arguments.word("--retry", Role.self).map { Wire.WorkflowRole(rawValue: $0.rawValue) }
        guard operand == nil || arguments.permissions == nil else {
            throw CommandLineError("--allow is for a new workflow: this one keeps what it was made with")
        }
        guard operand != nil || retry == nil && arguments["--reject"] == nil else {
            throw CommandLineError("--retry and --reject go with a workflow's id")
        }
        guard [arguments.has("--approve"), arguments["--reject"] != nil, retry != nil].count(where: \.self) < 2 else {
            throw CommandLineError("say one of --approve, --reject and --retry")
        }
        let isQuiet = arguments.has("--quiet")
        let client = try HostClient(arguments, invocation, quiet: isQuiet)
        let progress = TaskProgress(on: .standardError, quiet: isQuiet)
        let id = try operand.map(client.workflowID)
        let isAttended = try client.attend(with: progress, quiet: isQuiet)
        client.cancelsOnInterrupt(with: progress) { [unowned client] in
            guard let id else { return client.cancelRequest() }
            _ = try? client.send(.workflowCancel, ["workflow_id": .string(id)])
        }
        var decision = flagged(arguments)
        var raw: JSON
        if let start {
            var params = start.json.objectValue ?? [:]
            // Only what was said: a deadline that is named is waited for, even where nobody answers.
            params["permissions"] = arguments.permissions
            raw = try client.rawCall(.workflowStart, .object(params))
        } else if let id, let given = decision {
            decision = nil
            raw = try decide(given, id, client)
        } else {
            raw = try goOn(id ?? "", retry, client)
        }
        while raw["status"] == "awaiting_permission", !client.hasAskedToCancel {
            progress.end()
            let workflow = try Wire.Workflow(lenient: raw)
            if decision == nil, !arguments.has("--json") {
                WorkflowText(workflow: workflow, terminal: .standardOutput).sayProposal()
            }
            guard let next = decision ?? (isAttended ? asked(client) : nil) else { break }
            raw = try decide(next, workflow.id, client)
        }
        progress.end()
        progress.noteRefusals()
        return try end(raw, arguments, client, isQuiet: isQuiet)
    }

    private static func start(_ arguments: Arguments) throws -> Wire.WorkflowStartParams {
        var profile = Wire.WorkflowProfile()
        let settings = arguments["--driver"].map { Wire.WorkflowRoleSettings(driver: $0) }
        (profile.architect, profile.developer, profile.reviewer) = (settings, settings, settings)
        if !arguments.all("--reviewer").isEmpty { profile.reviewers = arguments.all("--reviewer") }
        profile.approveUpTo = try arguments.word("--approve-up-to", Risk.self).map { .init(rawValue: $0.rawValue) }
        var params = Wire.WorkflowStartParams(
            workingDirectory: Locations.currentDirectory(), profile: profile, wait: true)
        guard let file = arguments["--issue"] else {
            params.goal = try arguments.prompt(
                "say what to reach", advice: "For instance: agenthost workflow \"Let the till round to cents\"")
            return params
        }
        try arguments.none()
        let issue = try Arguments.object(in: file)
        guard let title = issue["title"]?.stringValue, !title.isEmpty else {
            throw CommandLineError("\(file) has no \"title\"", .dataError)
        }
        params.issue = Wire.Issue(
            id: issue["id"].map { $0.stringValue ?? $0.description }, title: title,
            description: issue["description"]?.stringValue)
        return params
    }

    /// One that is there: as it is while it waits or when it is completed, else from where it stopped.
    private static func goOn(_ id: String, _ role: Wire.WorkflowRole?, _ client: HostClient) throws -> JSON {
        let raw = try client.rawCall(Wire.WorkflowGetParams(workflowID: id))
        let status = raw["status"]?.stringValue ?? ""
        guard role != nil || !["awaiting_permission", "completed"].contains(status) else { return raw }
        return try client.rawCall(Wire.WorkflowRetryParams(workflowID: id, role: role, wait: true))
    }

    private static func flagged(_ arguments: Arguments) -> Decision? {
        arguments["--reject"].map(Decision.reject) ?? (arguments.has("--approve") ? .approve : nil)
    }

    /// What the person at the terminal says; `nil` to leave it waiting.
    private static func asked(_ client: HostClient) -> Decision? {
        let terminal = Terminal.standardError
        terminal.write(terminal.styled("y go ahead · n make another plan · Enter leave it for later? ", .bold))
        guard let word = client.typedLine()?.lowercased().filter({ !$0.isWhitespace }), !word.isEmpty else {
            return nil
        }
        guard word.hasPrefix("n") else { return word.hasPrefix("y") ? .approve : asked(client) }
        terminal.write(terminal.styled("What should be different? ", .bold))
        guard let feedback = client.typedLine(), !feedback.allSatisfy(\.isWhitespace) else { return asked(client) }
        return .reject(feedback)
    }

    private static func decide(_ decision: Decision, _ id: String, _ client: HostClient) throws -> JSON {
        switch decision {
        case .approve: try client.rawCall(Wire.WorkflowApproveParams(workflowID: id, wait: true))
        case .reject(let feedback):
            try client.rawCall(Wire.WorkflowRejectParams(workflowID: id, feedback: feedback, wait: true))
        }
    }

    private static func end(
        _ raw: JSON, _ arguments: Arguments, _ client: HostClient, isQuiet: Bool
    ) throws -> ExitCode {
        let workflow = try Wire.Workflow(lenient: raw)
        let waits = workflow.status == .awaitingPermission
        if arguments.has("--json") {
            Terminal.standardOutput.say(raw.description)
        } else if !waits {
            let plan = try workflow.planID.map { try client.call(Wire.PlanGetParams(planID: $0)) }
            WorkflowText(workflow: workflow, terminal: .standardOutput).sayReport(plan)
        }
        client.onInterrupt = nil
        try client.finish()
        if !isQuiet { sayHowToGoOn(workflow, waits: waits) }
        if client.hasAskedToCancel { return .interrupted }
        switch workflow.status.rawValue {
        case "completed": return .completed
        case "failed": return .failed
        default: return .notFinished
        }
    }

    private static func sayHowToGoOn(_ workflow: Wire.Workflow, waits: Bool) {
        let terminal = Terminal.standardError
        if waits {
            terminal.say()
            terminal.say("The plan waits for somebody:", .yellow)
            terminal.say("  agenthost workflow \(workflow.id) --approve")
            terminal.say("  agenthost workflow \(workflow.id) --reject \"what should be different\"")
            return
        }
        let isDone = workflow.status == .completed
        let parts = [
            EventText.usage(workflow.usage.json), isDone ? nil : "go on with agenthost workflow \(workflow.id)",
        ]
        let line = parts.compactMap { $0 }.joined(separator: " · ")
        if !line.isEmpty { terminal.say("\n" + line, isDone ? .green : .yellow) }
    }
}
