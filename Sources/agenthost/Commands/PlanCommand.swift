import HostProtocol
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// `agenthost plan`: a plan to its end, with how far it has come on stderr and what became of each step on stdout.
enum PlanCommand {
    static let command = Command(
        "plan", "Run a plan of several steps to its end.", operands: "FILE|-|PLAN_ID [FLAGS]",
        about: """
            The file is a JSON object: {"title", "batches": [{"steps": [{"id", "description"}]}]}, and whatever else \
            plan.create takes. Steps run in one session, independent ones side by side in forks of it. The id of a plan that was interrupted or has failed goes \
            on with it: what is completed is not run again. Ctrl-C cancels the plan and waits for its end; a second \
            one does not wait.
            """,
        flags: [
            Flag("--driver", "NAME", "The agent.", standard: "the file's, else the configuration's, else analyst"),
            Flag("--json", "Print the whole plan as JSON."),
            Flag("--quiet", "Say nothing on stderr but errors."),
            .store, .config,
        ],
        examples: [
            "agenthost plan shop.json --driver claude",
            "agenthost plan plan_0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d0061",
        ], run: run)

    private static func run(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        guard let operand = arguments.rest.first, arguments.rest.count == 1 else {
            throw CommandLineError("name one file with a plan", advice: "For instance: agenthost plan shop.json")
        }
        let isQuiet = arguments.has("--quiet")
        let given: JSON? = operand.hasPrefix("plan_") ? .none : try definition(operand, arguments)
        let client = try HostClient(arguments, invocation, quiet: isQuiet)
        let progress = TaskProgress(on: .standardError, quiet: isQuiet)
        var id = operand
        if let given {
            id = try Wire.Plan(lenient: try client.rawCall(.planCreate, given)).id
            progress.say("Plan \(id)", .dim)
        }
        client.onEvent = { event in show(event, progress) }
        if Terminal.isInputTerminal, Terminal.standardError.isTerminal, !isQuiet {
            let prompt = AskPrompt(terminal: .standardError, typedLine: client.typedLine)
            progress.showsAsks = false
            try client.answersAsks { ask in
                progress.end()
                return prompt.answer(ask)
            }
        }
        var wasInterrupted = false
        client.onInterrupt = {
            wasInterrupted = true
            progress.say("Cancelling; Ctrl-C again to leave at once.", .yellow)
            _ = try? client.send(.planCancel, ["plan_id": .string(id)])
        }
        let raw = try client.rawCall(.planExecute, ["plan_id": .string(id)])
        progress.end()
        let plan = try Wire.Plan(lenient: raw)
        if arguments.has("--json") { Terminal.standardOutput.say(raw.description) } else { report(plan) }
        try client.finish()
        if wasInterrupted { return .interrupted }
        switch plan.status.rawValue {
        case "completed": return .completed
        case "failed": return .failed
        default: return .notFinished
        }
    }

    /// The parameters of `plan.create`: the file's, in this folder unless it names another.
    private static func definition(_ operand: String, _ arguments: Arguments) throws(CommandLineError) -> JSON {
        guard let bytes = operand == "-" ? InputBytes.read(0) : InputBytes.read(path: operand) else {
            throw CommandLineError("cannot read \(operand): \(String(cString: strerror(errno)))", .noInput)
        }
        guard var object = (try? JSON.parse(bytes))?.objectValue else {
            throw CommandLineError("\(operand) is no JSON object", .dataError)
        }
        if object["working_dir"] == nil, object["session_id"] == nil, object["project_id"] == nil {
            object["working_dir"] = .string(Locations.currentDirectory())
        }
        if let driver = arguments["--driver"] { object["driver"] = .string(driver) }
        return .object(object)
    }

    private static func show(_ event: JSON, _ progress: TaskProgress) {
        guard event["type"] == "progress", let data = event["data"], data["plan_id"] != nil else {
            return progress.show(event)
        }
        let count = "\(data["done"]?.intValue ?? 0)/\(data["total"]?.intValue ?? 0)"
        progress.say("[\(count)] \(data["message"]?.stringValue ?? "")", .bold)
    }

    /// A line for each step, then one for the plan.
    private static func report(_ plan: Wire.Plan) {
        let output = Terminal.standardOutput
        for step in plan.steps {
            let files = step.artifacts.map { "\($0.change.rawValue) \($0.path)" }
            let about = step.reason ?? files.joined(separator: ", ")
            output.say("\(step.status.rawValue)  \(step.id)" + (about.isEmpty ? "" : "  \(TextLayout.oneLine(about))"))
        }
        output.say("\(plan.title): \(plan.status.rawValue), \(plan.done) of \(plan.total) steps")
    }
}
