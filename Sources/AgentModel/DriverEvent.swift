package import JSON

/// What an agent said or did, in the host's words.
package enum DriverEvent: Hashable, Sendable {
    /// The agent's own session id, as soon as it is known.
    case driverSession(id: String, resumed: Bool)
    case textDelta(messageID: String, text: String)
    case thoughtDelta(messageID: String, text: String)
    /// A whole message; replaces the deltas with its id.
    case message(id: String, role: String, text: String)
    case toolStarted(id: String, name: String, title: String?, input: JSON)
    case toolUpdated(id: String, data: JSON)
    case toolFinished(id: String, isError: Bool, output: JSON)
    case planUpdated(JSON)
    case progress(done: Double, total: Double?, message: String?)
    case warning(String)
    /// A turn of the agent's loop ended; counted against `recursion_limit`.
    case turnEnded
    /// What the agent needs to go on from here in another process; after the end of a turn.
    case checkpoint(state: JSON)
    /// What the run has used so far, as a whole.
    case usage(Usage)
    /// What the agent's session had used before this run, where the agent tells.
    case usageBefore(Usage)
    /// What the agent's session has used by now, over all its runs and what it was forked from.
    case usageTotal(Usage)
    /// The agent asks for consent or an answer.
    case ask(DriverAsk)
    case askWithdrawn(askID: String)
    /// A file it wrote, relative to the results folder.
    case artifact(path: String)
    /// A line that the driver does not understand, kept as it came.
    case raw(JSON)
}

package struct DriverAsk: Hashable, Sendable {
    package enum Kind: String, Sendable { case permission, question }

    package struct Option: Hashable, Sendable {
        package var id: String
        package var title: String
        /// `allow_once`, `allow_always`, `reject_once`, `reject_always`, or none for a plain answer.
        package var kind: String?

        package init(id: String, title: String, kind: String? = nil) {
            self.id = id
            self.title = title
            self.kind = kind
        }
    }

    package var id: String
    package var kind: Kind
    package var tool: String?
    package var title: String
    package var input: JSON
    package var options: [Option]
    /// Files that it is about, absolute, as far as the driver knows.
    package var paths: [String] = []

    package init(id: String, kind: Kind, tool: String? = nil, title: String, input: JSON = nil, options: [Option]) {
        self.id = id
        self.kind = kind
        self.tool = tool
        self.title = title
        self.input = input
        self.options = options
    }
}

/// How a run ended, as its driver sees it.
package struct RunOutcome: Hashable, Sendable {
    package var stopReason: StopReason
    package var output: String
    package var structuredOutput: JSON?
    /// What is worth remembering, where the session learns.
    package var findings: [Finding] = []
    package var driverSessionID: String?
    /// The whole of what the run used; `nil` when the agent did not say.
    package var usage: Usage?
    /// Set when it failed.
    package var error: TaskError?
    /// The driver session to resume is gone: the host may try once more with a new one.
    package var isResumeLost = false

    package init(stopReason: StopReason, output: String = "", error: TaskError? = nil) {
        self.stopReason = stopReason
        self.output = output
        self.error = error
    }
}
