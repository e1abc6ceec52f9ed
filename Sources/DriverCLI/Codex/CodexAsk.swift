import AgentModel
import JSON

/// Something that Codex's app-server asks of the user, and the reply for each way to answer.
struct CodexAsk {
    /// The request's id, as it came: they count from 0.
    let requestID: JSON
    let ask: DriverAsk
    /// By option's id.
    private let results: [String: JSON]
    private let cancelled: JSON

    /// - Parameter dialogue: knows what the item that is asked about does.
    /// - Returns: `nil` for what is no question to a user, or one that has no options to choose from.
    init?(requestID: JSON, method: String, params: JSON, dialogue: CodexDialogue) {
        self.requestID = requestID
        let itemID = params["itemId"]?.stringValue ?? ""
        let form: Form? =
            switch method {
            case "item/commandExecution/requestApproval": Self.command(params)
            case "item/fileChange/requestApproval": Self.fileChange(params, itemID, dialogue)
            case "item/permissions/requestApproval": Self.permissions(params)
            case "mcpServer/elicitation/request": Self.elicitation(params)
            case "item/tool/requestUserInput": Self.question(params)
            default: nil
            }
        guard let form else { return nil }
        results = form.results
        cancelled = form.cancelled
        var ask = DriverAsk(
            id: "\(requestID)", kind: form.kind, tool: form.tool, title: form.title, input: form.input,
            options: form.options)
        ask.paths = form.paths
        self.ask = ask
    }

    /// - Parameter optionID: `nil`, or one that was not offered: nobody chose.
    func result(_ optionID: String?) -> JSON { optionID.flatMap { results[$0] } ?? cancelled }

    // MARK: - The kinds of asks

    private struct Form {
        var kind = DriverAsk.Kind.permission
        var tool: String?
        var title: String
        var input: JSON
        var paths: [String] = []
        var options: [DriverAsk.Option]
        var results: [String: JSON]
        var cancelled: JSON
    }

    private static let consent: [DriverAsk.Option] = [
        DriverAsk.Option(id: "accept", title: "Allow", kind: "allow_once"),
        DriverAsk.Option(id: "acceptForSession", title: "Allow for this session", kind: "allow_always"),
        DriverAsk.Option(id: "decline", title: "Deny", kind: "reject_once"),
    ]

    /// Declined, the agent goes on without; when nobody chose, its turn ends.
    private static let decisions: [String: JSON] = [
        "accept": ["decision": "accept"], "acceptForSession": ["decision": "acceptForSession"],
        "decline": ["decision": "decline"],
    ]

    private static func command(_ params: JSON) -> Form {
        let members = CodexMembers(params)
        let command = members.text("command")
        let host = members["networkApprovalContext"]?["host"]?.stringValue
        let about = command ?? host.map { "network access to \($0)" } ?? "a command"
        var input: JSONObject = [:]
        for key in ["command", "cwd", "reason", "networkApprovalContext"] { input[key.snakeCase] = members[key] }
        return Form(
            tool: "command_execution", title: members.text("reason").map { "Run \(about): \($0)" } ?? "Run \(about)?",
            input: .object(input), options: consent, results: decisions, cancelled: ["decision": "cancel"])
    }

    private static func fileChange(_ params: JSON, _ itemID: String, _ dialogue: CodexDialogue) -> Form {
        let members = CodexMembers(params)
        var paths = dialogue.paths(ofTool: itemID)
        if let root = members.text("grantRoot") { paths.append(root) }
        var input = dialogue.input(ofTool: itemID)?.objectValue ?? [:]
        for key in ["reason", "grantRoot"] { input[key.snakeCase] = members[key] }
        return Form(
            tool: "file_change", title: paths.isEmpty ? "Change files?" : "Change \(paths.joined(separator: ", "))?",
            input: .object(input), paths: paths, options: consent, results: decisions,
            cancelled: ["decision": "cancel"])
    }

    private static func permissions(_ params: JSON) -> Form {
        let members = CodexMembers(params)
        let asked = members["permissions"] ?? [:]
        let none: JSON = ["permissions": [:], "scope": "turn"]
        return Form(
            tool: "permissions", title: members.text("reason") ?? "Give the agent further permissions?",
            input: ["permissions": asked], options: consent,
            results: [
                "accept": ["permissions": asked, "scope": "turn"],
                "acceptForSession": ["permissions": asked, "scope": "session"], "decline": none,
            ], cancelled: none)
    }

    /// An MCP server that wants consent. One that wants a form filled in gets none.
    private static func elicitation(_ params: JSON) -> Form? {
        let members = CodexMembers(params)
        let fields = members["requestedSchema"]?["properties"]?.objectValue
        guard members.text("mode") != "url", fields?.isEmpty ?? true else { return nil }
        let server = members.text("serverName") ?? ""
        func answer(_ action: String) -> JSON {
            ["action": .string(action), "content": action == "accept" ? [:] : nil, "_meta": nil]
        }
        return Form(
            tool: "mcp__\(server)", title: members.text("message") ?? "\(server) asks for consent.", input: params,
            options: [consent[0], consent[2]], results: ["accept": answer("accept"), "decline": answer("decline")],
            cancelled: answer("cancel"))
    }

    /// A question with answers to choose from. Several at once, or one that wants words, have no form here.
    private static func question(_ params: JSON) -> Form? {
        guard let questions = params["questions"]?.arrayValue, questions.count == 1,
            let id = questions[0]["id"]?.stringValue, let choices = questions[0]["options"]?.arrayValue
        else { return nil }
        let labels = choices.compactMap { $0["label"]?.stringValue }.filter { !$0.isEmpty }
        guard !labels.isEmpty else { return nil }
        let answers = labels.map { label -> (String, JSON) in
            (label, ["answers": .object([id: ["answers": [.string(label)]]])])
        }
        return Form(
            kind: .question, title: questions[0]["question"]?.stringValue ?? "", input: questions[0],
            options: labels.map { DriverAsk.Option(id: $0, title: $0) },
            results: Dictionary(answers, uniquingKeysWith: { first, _ in first }), cancelled: ["answers": [:]])
    }
}
