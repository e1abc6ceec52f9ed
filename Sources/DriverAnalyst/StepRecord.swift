package import Databases
package import JSON

/// A step that an analysis has taken, as it stands in a checkpoint: the same analysis goes on from a list of them
/// without asking the database again.
package struct StepRecord: Hashable, Sendable {
    /// The statement; `nil` for the reading of the schema, which is derived anew when it is needed.
    package var sql: String?
    /// What the database said; `nil` for rows too many to be kept, which are asked for again.
    package var answer: DatabaseReply?

    package static let schema = StepRecord(sql: nil, answer: nil)

    /// Of the answers that are kept, each and together.
    private static let answerBytesMax = 256 << 10
    private static let bytesMax = 2 << 20

    private init(sql: String?, answer: DatabaseReply?) {
        self.sql = sql
        self.answer = answer
    }

    /// A statement that writes is never run again: of its answer at least the number of changes is kept.
    init(_ sql: String, _ answer: DatabaseReply, after others: [StepRecord]) {
        self.sql = sql
        let bytes = answer.json.encoded().count
        let bytesBefore = others.reduce(0) { $0 + ($1.answer?.json.encoded().count ?? 0) }
        if bytes <= Self.answerBytesMax, bytesBefore + bytes <= Self.bytesMax {
            self.answer = answer
        } else if case .result(var result) = answer, result.changes != nil {
            (result.rows, result.isTruncated) = ([], true)
            self.answer = .result(result)
        }
    }

    var json: JSON {
        var object: JSONObject = [:]
        object["sql"] = sql.map { .string($0) }
        object["answer"] = answer?.json
        return .object(object)
    }

    /// The state that goes with the steps taken.
    static func state(_ records: [StepRecord]) -> JSON { ["steps": .array(records.map(\.json))] }

    /// Reads what `state` wrote.
    package static func read(_ state: JSON?) -> [StepRecord] {
        (state?["steps"]?.arrayValue ?? []).map { step in
            StepRecord(sql: step["sql"]?.stringValue, answer: step["answer"].flatMap(DatabaseReply.init))
        }
    }
}
