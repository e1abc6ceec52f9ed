import JSON

/// Work that an agent does in turns, each with one tool call. After each it says where it stands.
struct TurnWork {
    private let job: String
    private let turns: Int
    private var done: [Int] = []

    init(_ job: String, turns: Int) { (self.job, self.turns) = (job, turns) }

    /// Goes on from what an agent has said; `nil` for what none has.
    init?(state: JSON) {
        guard let job = state["job"]?.stringValue, let turns = state["turns"]?.intValue,
            let done = state["done"]?.arrayValue?.compactMap(\.intValue), done == Array(1..<(done.count + 1))
        else { return nil }
        (self.job, self.turns, self.done) = (job, turns, done)
    }

    var state: JSON {
        ["job": .string(job), "turns": .int(Int64(turns)), "done": .array(done.map { .int(Int64($0)) })]
    }

    var turnsLeft: Int { max(0, turns - done.count) }

    /// What it says while it takes the next turn.
    mutating func takeTurn() -> [JSON] {
        let turn = done.count + 1
        done.append(turn)
        let id = JSON.string("turn-\(turn)")
        let input: JSON = ["job": .string(job), "turn": .int(Int64(turn))]
        return [
            ["type": "tool.started", "id": id, "name": "work", "input": input],
            ["type": "tool.finished", "id": id, "output": "done"],
            ["type": "turn"],
            ["type": "checkpoint", "state": state],
        ]
    }
}
