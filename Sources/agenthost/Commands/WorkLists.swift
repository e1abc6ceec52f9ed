import CSystem
import HostProtocol
import JSON

/// `agenthost plans` and `agenthost workflows`: the work over many tasks that the store knows, newest first.
enum WorkLists {
    static let plans = Command(
        "plans", "List the plans, newest first.", operands: "[FLAGS]",
        about: "agenthost plan goes on with one of them by its id.", flags: flags,
        examples: ["agenthost plans", "agenthost plans --limit 5 --json"]
    ) { arguments, invocation in
        try list(arguments, invocation, Wire.PlanListParams(limit: try limit(arguments)), none: "plan FILE") { page in
            (page.items.map(row), page.nextCursor)
        }
    }

    static let workflows = Command(
        "workflows", "List the workflows, newest first.", operands: "[FLAGS]",
        about: "agenthost workflow goes on with one of them by its id.", flags: flags,
        examples: ["agenthost workflows", "agenthost workflows --limit 5 --json"]
    ) { arguments, invocation in
        try list(arguments, invocation, Wire.WorkflowListParams(limit: try limit(arguments)), none: "workflow GOAL") {
            ($0.items.map(row), $0.nextCursor)
        }
    }

    /// What people see of one.
    private struct Row {
        let id: String
        let status: String
        let standing: String
        let updatedAt: String
        let title: String
    }

    private static let flags = [
        Flag("--limit", "N", "At most so many, up to 1000.", standard: "20"), .json, .store, .config,
    ]

    private static func limit(_ arguments: Arguments) throws(CommandLineError) -> Int {
        try arguments.none()
        return try arguments.number("--limit", 1...1000) ?? 20
    }

    private static func row(_ plan: Wire.Plan) -> Row {
        Row(
            id: plan.id, status: plan.status.rawValue,
            standing: plan.waitsFor == nil ? "\(plan.done)/\(plan.total) steps" : "waits for permission",
            updatedAt: plan.updatedAt, title: plan.title)
    }

    private static func row(_ workflow: Wire.Workflow) -> Row {
        Row(
            id: workflow.id, status: workflow.status.rawValue,
            standing: workflow.waitsFor.map { "waits for \($0)" } ?? workflow.reason ?? "",
            updatedAt: workflow.updatedAt, title: workflow.title)
    }

    private static func list<Params: WireParams>(
        _ arguments: Arguments, _ invocation: Invocation, _ params: Params, none command: String,
        _ rows: (Params.Result) -> ([Row], String?)
    ) throws -> ExitCode where Params.Result: WireObject {
        let client = try HostClient(arguments, invocation)
        let raw = try client.rawCall(params)
        try client.finish()
        guard !arguments.has("--json") else {
            Terminal.standardOutput.say(raw.description)
            return .completed
        }
        let (rows, cursor) = rows(try Params.Result(lenient: raw))
        guard !rows.isEmpty else {
            Terminal.note("none here; agenthost \(command) makes one")
            return .completed
        }
        let now = cs_wall_ms()
        var table = TextTable(["ID", "STATUS", "", "CHANGED", "TITLE"])
        for row in rows {
            table.add([
                .init(shortWorkID(row.id), .bold), .init(row.status, StatusStyle.of(row.status)),
                .init(TextLayout.cut(TextLayout.oneLine(row.standing), 30)),
                .init(Quantity.age(of: row.updatedAt, now: now)), .init(row.title),
            ])
        }
        table.print(on: .standardOutput)
        if cursor != nil { Terminal.note("there are more; --limit shows them") }
        return .completed
    }
}
