import AgentModel
import CSQLite
import Databases
import Driver
import Foundation
import JSON
import Testing

@testable import DriverAnalyst

/// A database made by statements, in a file of its own that goes with the value.
final class Fixture {
    let path: String
    let database: any Database

    init(_ statements: String) throws {
        path = NSTemporaryDirectory() + "analyst-\(UUID().uuidString).db"
        var handle: OpaquePointer?
        try #require(sqlite3_open(path, &handle) == SQLITE_OK)
        var message: UnsafeMutablePointer<CChar>?
        let code = sqlite3_exec(handle, statements, nil, nil, &message)
        let text = message.map { String(cString: $0) } ?? ""
        sqlite3_close(handle)
        try #require(code == SQLITE_OK, "\(text)")
        database = try SQLiteDatabase(path: path, readOnly: true)
    }

    deinit { unlink(path) }

    /// The rows of a statement as the analyst's CSV file would have them.
    func rows(_ sql: String) throws -> [[String]] {
        let result = try database.query(sql, [], QueryLimits())
        return ResultTable(result).csv.csvRows
    }

    func ask(
        _ prompt: String, mode: SessionMode = .query, planOnly: Bool = false, stepsMax: Int = 100,
        remembering memories: [Recollection.Item] = [], from state: JSON? = nil
    ) -> Reply {
        let sink = RecordingSink()
        let output = MemoryOutput()
        let task = Analyst.Task(
            prompt: prompt, mode: mode, planOnly: planOnly, stepsMax: stepsMax, recollection: Recollection(memories),
            taken: StepRecord.read(state))
        let outcome = Analyst(task, sink: sink, output: output).run(on: database)
        return Reply(outcome: outcome, events: sink.events, files: output.files)
    }
}

struct Reply: Equatable {
    let outcome: RunOutcome
    let events: [DriverEvent]
    let files: [AnalystFile]

    var text: String { outcome.output }
    func file(_ name: String) -> String? { files.first { $0.name == name }?.text }

    /// The rows of `result.csv` without the header.
    var rows: [[String]] { file("result.csv")?.csvRows ?? [] }

    /// The statements that were announced, in order.
    var statements: [String] {
        events.compactMap { event in
            guard case .toolStarted(_, "sql", _, let input) = event else { return nil }
            return input["sql"]?.stringValue
        }
    }
}

final class RecordingSink: AnalystSink {
    private(set) var events: [DriverEvent] = []
    func emit(_ event: DriverEvent) { events.append(event) }
}

final class MemoryOutput: AnalystOutput {
    private(set) var files: [AnalystFile] = []

    func write(_ files: [AnalystFile]) throws(AnalystOutputError) -> [String] {
        self.files += files
        return files.map(\.name)
    }
}

extension String {
    /// The rows of a CSV text after its header; the fixtures have no quoted fields.
    var csvRows: [[String]] {
        split(separator: "\n", omittingEmptySubsequences: false).dropFirst().dropLast()
            .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }
}
