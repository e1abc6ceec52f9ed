package import AgentModel
package import JSON

/// Where a task had come to that is retried from its checkpoint.
package struct Continuation: Hashable, Sendable {
    /// The checkpoint after its last turn, if it left one.
    package var checkpointID: CheckpointID?
    /// Turns that it had taken by then.
    package var turn = 0
    /// What its driver said of its own state then.
    package var state: JSON?
    /// The agent's own session in which the prompt is known.
    package var driverSessionID: String?
    /// Runs of it whose results were not accepted, where it was interrupted in one more.
    package var rejectedRuns = 0

    package init() {}

    /// What an agent is told that goes on in a session of its own: nothing is repeated that it knows.
    ///
    /// - Parameter resumeID: the session that it goes on in.
    package func input(for input: [JSON], resumeID: String) -> [JSON] {
        let isKnown = resumeID == driverSessionID
        let text = isKnown ? Self.goOn : Self.goOn + "\n\nThis is what was asked for:"
        return [["type": "text", "text": .string(text)]] + (isKnown ? [] : input)
    }

    private static let goOn =
        "Go on where you stopped: you were ended before you had finished what was asked for last. "
        + "Do not repeat what is done already."
}

extension Continuation {
    /// As it stands in the first line that a line agent hears; `nil` without a state.
    var line: JSON? {
        guard let state else { return nil }
        var object: JSONObject = [:]
        object.set("checkpoint_id", checkpointID?.description)
        object.set("turn", turn)
        object["state"] = state
        return .object(object)
    }

    /// `nil` for what has no state.
    init?(line json: JSON?) {
        guard let members = json?.objectValue.map(LineMembers.init(object:)), let state = members.value("state") else {
            return nil
        }
        self.init()
        self.state = state
        turn = members.count("turn") ?? 0
        checkpointID = members.name("checkpoint_id").flatMap { CheckpointID($0) }
    }
}
