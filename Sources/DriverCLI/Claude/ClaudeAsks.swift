import AgentModel
import Driver
import JSON

/// The CLI's open requests for consent and answers, and what is written back when each has its answer.
struct ClaudeAsks {
    /// What one answer came to.
    struct Settled {
        /// The line for the CLI, once its whole request is answered.
        var line: [UInt8] = []
        /// Further asks of the same request that need no answer any more.
        var withdrawn: [String] = []
    }

    private struct Request {
        let input: JSON
        var questions: [ClaudeQuestion] = []
        /// Answers by question.
        var answers: JSONObject = [:]
        /// Asks without an answer.
        var open: [String]
    }

    static let allowOnce = "allow_once"
    static let allowAlways = "allow_always"
    static let rejectOnce = "reject_once"

    /// By the id of the CLI's request.
    private var requests: OpenItems<Request>
    /// The request that an ask belongs to.
    private var requestIDs: OpenItems<String>
    private let planOnly: Bool
    private(set) var hasAsked = false

    init(openMax: Int, planOnly: Bool) {
        requests = OpenItems(countMax: openMax)
        requestIDs = OpenItems(countMax: openMax)
        self.planOnly = planOnly
    }

    /// What a `can_use_tool` request comes to: asks, or an answer at once where the task itself gives it; neither, when
    /// the request makes no sense or too much is open.
    /// - Parameter folder: where relative paths begin.
    mutating func hear(
        _ requestID: String, _ request: LineMembers, folder: String?
    ) -> (asks: [DriverAsk], line: [UInt8]) {
        guard let tool = request.name("tool_name") else { return ([], []) }
        hasAsked = true
        let input = request.value("input") ?? [:]
        let questions = tool == "AskUserQuestion" ? ClaudeQuestion.all(input) : []
        if planOnly, questions.isEmpty, !ClaudeTool.reads(tool) {
            return ([], ClaudeInput.deny(requestID, message: Self.planned))
        }
        let asks =
            questions.isEmpty
            ? [permission(requestID, tool, request, input, folder)]
            : questions.map { $0.ask(id: $0.askID(of: requestID), tool, input) }
        var open = Request(input: input, open: asks.map(\.id))
        open.questions = questions
        guard requests.open(requestID, open) else { return ([], []) }
        for (index, ask) in asks.enumerated() where !requestIDs.open(ask.id, requestID) {
            for opened in asks.prefix(index) { _ = requestIDs.close(opened.id) }
            _ = requests.close(requestID)
            return ([], ClaudeInput.deny(requestID, message: "Too many questions are open."))
        }
        return (asks, [])
    }

    private static let planned = """
        Only a plan is wanted here: nothing may be changed, and the task ends with the plan. Give it as your answer.
        """

    private func permission(
        _ requestID: String, _ tool: String, _ request: LineMembers, _ input: JSON, _ folder: String?
    ) -> DriverAsk {
        var options = [DriverAsk.Option(id: Self.allowOnce, title: "Allow", kind: "allow_once")]
        if Self.canLast(request.object["permission_suggestions"]) {
            options.append(DriverAsk.Option(id: Self.allowAlways, title: "Allow always", kind: "allow_always"))
        }
        options.append(DriverAsk.Option(id: Self.rejectOnce, title: "Do not allow", kind: "reject_once"))
        let title = [request.name("display_name") ?? tool, ClaudeTool.subject(input)].compactMap { $0 }
        var ask = DriverAsk(
            id: requestID, kind: .permission, tool: tool, title: title.joined(separator: ": "), input: input,
            options: options)
        ask.paths = ClaudeTool.paths(input, blocked: request.name("blocked_path"), folder: folder)
        return ask
    }

    /// Whether the CLI itself would offer to allow it from now on. What lasts of the answer is the host's: rules that
    /// the CLI kept would be asked of nobody any more, not even of the session's own rules, and some would be written
    /// to the project's settings.
    private static func canLast(_ suggestions: JSON?) -> Bool { suggestions?.arrayValue?.isEmpty == false }

    /// - Returns: `nil` when no such ask is open.
    mutating func answer(_ askID: String, _ optionID: String?) -> Settled? {
        guard let requestID = requestIDs.close(askID), var request = requests.close(requestID) else { return nil }
        request.open.removeAll { $0 == askID }
        guard !request.questions.isEmpty else {
            return Settled(line: Self.verdict(requestID, request, optionID))
        }
        guard let optionID else {
            for id in request.open { _ = requestIDs.close(id) }
            let line = ClaudeInput.deny(requestID, message: "The user did not answer.")
            return Settled(line: line, withdrawn: request.open)
        }
        if let question = request.questions.first(where: { $0.askID(of: requestID) == askID }) {
            request.answers[question.text] = .string(question.answer(optionID))
        }
        guard request.open.isEmpty else {
            _ = requests.open(requestID, request)
            return Settled()
        }
        var input = request.input.objectValue ?? [:]
        input["answers"] = .object(request.answers)
        return Settled(line: ClaudeInput.allow(requestID, input: .object(input)))
    }

    private static func verdict(_ requestID: String, _ request: Request, _ optionID: String?) -> [UInt8] {
        switch optionID {
        case allowOnce, allowAlways: ClaudeInput.allow(requestID, input: request.input)
        case nil: ClaudeInput.deny(requestID, message: "Nobody decided whether this is allowed.")
        default: ClaudeInput.deny(requestID, message: "The user does not allow this.")
        }
    }

    /// The CLI no longer waits for an answer.
    /// - Returns: the asks that are open no more.
    mutating func withdraw(_ requestID: String) -> [String] {
        guard let request = requests.close(requestID) else { return [] }
        for id in request.open { _ = requestIDs.close(id) }
        return request.open
    }
}

/// One of the questions of an `AskUserQuestion` call.
struct ClaudeQuestion: Sendable {
    let number: Int
    let text: String
    let labels: [String]

    /// Empty when the input is not what that tool takes: it is then a tool like others.
    static func all(_ input: JSON) -> [ClaudeQuestion] {
        let listed = (input["questions"]?.arrayValue ?? []).prefix(20)
        let questions = listed.enumerated().compactMap { index, json -> ClaudeQuestion? in
            guard let text = json["question"]?.stringValue, !text.isEmpty else { return nil }
            let labels = (json["options"]?.arrayValue ?? []).compactMap { $0["label"]?.stringValue }
            return labels.isEmpty ? nil : ClaudeQuestion(number: index + 1, text: text, labels: labels)
        }
        return questions.count == listed.count ? questions : []
    }

    func askID(of requestID: String) -> String { number == 1 ? requestID : "\(requestID)#\(number)" }

    func ask(id: String, _ tool: String, _ input: JSON) -> DriverAsk {
        DriverAsk(
            id: id, kind: .question, tool: tool, title: text, input: input,
            options: labels.enumerated().map { DriverAsk.Option(id: "\($0 + 1)", title: $1) })
    }

    /// The label of an option; words that name none are the user's own.
    func answer(_ optionID: String) -> String {
        guard let place = Int(optionID), labels.indices.contains(place - 1) else { return optionID }
        return labels[place - 1]
    }
}
