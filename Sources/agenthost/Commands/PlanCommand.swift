import HostProtocol
import JSON

/// `agenthost plan`: a plan to its end, with how far it has come on stderr and what became of each step on stdout.
enum PlanCommand {
    static let command = Command(
        "plan", "Run a plan of several steps to its end.", operands: "FILE|-|PLAN_ID [FLAGS]",
        about: """
            The file is a JSON object: {"title", "batches": [{"steps": [{"id", "description"}]}]}, and whatever else \
            plan.create takes. Steps run in one session; with "parallel" in the file, independent ones side by side \
            in forks of it. The id of a plan that was interrupted or has failed goes on with it: what is completed is \
            not run again. Ctrl-C cancels the plan and waits for its end; a second one does not wait.
            """,
        flags: [
            Flag("--driver", "NAME", "The agent.", standard: "the file's, else the configuration's, else analyst"),
            .allow,
            Flag("--json", "Print the whole plan as JSON."),
            Flag("--quiet", "Say nothing on stderr but errors."),
            .store, .config,
        ],
        examples: [
            "agenthost plan shop.json --driver claude --allow Edit --allow Write",
            "agenthost plan plan_0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d0061",
        ], run: run)

    private static func run(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        guard let operand = arguments.rest.first, arguments.rest.count == 1 else {
            throw CommandLineError("name one file with a plan", advice: "For instance: agenthost plan shop.json")
        }
        let isQuiet = arguments.has("--quiet")
        let isID = operand.hasPrefix("plan_") && !InputBytes.exists(operand)
        guard !isID || arguments.permissions == nil else {
            throw CommandLineError("--allow is for a new plan: this one keeps what it was made with")
        }
        let given: JSON? = isID ? .none : try definition(operand, arguments)
        let client = try HostClient(arguments, invocation, quiet: isQuiet)
        let progress = TaskProgress(on: .standardError, quiet: isQuiet)
        let id: String
        if let given {
            id = try Wire.Plan(lenient: try client.rawCall(.planCreate, given)).id
            progress.say("Plan \(id)", .dim)
        } else {
            id = try client.planID(operand)
        }
        try client.attend(with: progress, quiet: isQuiet)
        client.cancelsOnInterrupt(with: progress) { [unowned client] in
            _ = try? client.send(.planCancel, ["plan_id": .string(id)])
        }
        let raw = try client.rawCall(.planExecute, ["plan_id": .string(id)])
        progress.end()
        let plan = try Wire.Plan(lenient: raw)
        if arguments.has("--json") { Terminal.standardOutput.say(raw.description) } else { PlanText.say(plan) }
        progress.noteRefusals()
        try client.finish()
        if client.hasAskedToCancel { return .interrupted }
        switch plan.status.rawValue {
        case "completed": return .completed
        case "failed": return .failed
        default: return .notFinished
        }
    }

    /// The parameters of `plan.create`: the file's, in this folder unless it names another.
    private static func definition(_ operand: String, _ arguments: Arguments) throws(CommandLineError) -> JSON {
        var object = try Arguments.object(in: operand)
        if object["working_dir"] == nil, object["session_id"] == nil, object["project_id"] == nil {
            object["working_dir"] = .string(Locations.currentDirectory())
        }
        if let driver = arguments["--driver"] { object["driver"] = .string(driver) }
        if let permissions = arguments.permissions { object["permissions"] = permissions }
        return .object(object)
    }
}
