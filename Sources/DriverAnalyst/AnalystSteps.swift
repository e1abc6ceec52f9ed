package import AgentModel
import Databases
import JSON

/// Where an analysis tells what it does.
package protocol AnalystSink: AnyObject {
    func emit(_ event: DriverEvent)
}

/// Where an analysis puts its files.
package protocol AnalystOutput: AnyObject {
    /// Writes files that belong together and returns their names, which differ from those asked for when files of
    /// these names are there already.
    func write(_ files: [AnalystFile]) throws(AnalystOutputError) -> [String]
}

package struct AnalystFile: Hashable, Sendable {
    package let name: String
    package let text: String
}

package struct AnalystOutputError: Error, Hashable, Sendable {
    package let message: String
}

/// The statements of one analysis: each is announced, run, counted against the limit, and told with its outcome.
final class AnalystSteps {
    enum Failure: Error {
        /// Another step was needed than the limit allows.
        case limit
        case database(DatabaseError)
    }

    private let database: any Database
    private let sink: any AnalystSink
    let stepsMax: Int
    private(set) var count = 0
    /// The statements that were run, in order.
    private(set) var statements: [String] = []
    private var total: Int
    /// Steps that were taken before and are still to be gone through.
    private var replay: ArraySlice<StepRecord>
    private var records: [StepRecord] = []

    static let limits = QueryLimits(rows: 10_000, bytes: 16 << 20, milliseconds: 60_000)

    init(
        _ database: any Database, _ sink: any AnalystSink, stepsMax: Int, total: Int = 2, taken: [StepRecord] = []
    ) {
        replay = taken[...]
        self.database = database
        self.sink = sink
        self.stepsMax = stepsMax
        self.total = total
    }

    var hasMore: Bool { count < stepsMax }

    /// Says that this many more steps are foreseen.
    func expect(_ more: Int) { total = count + more }

    /// Runs one statement as a step that the reader sees.
    func run(_ title: String, _ sql: String, limits: QueryLimits = AnalystSteps.limits) throws(Failure) -> QueryResult {
        if let record = next(sql) { return try again(record, sql, limits) }
        let id = try begin("sql", title, ["sql": .string(sql)])
        statements.append(sql)
        do {
            let result = try database.query(sql, [], limits)
            records.append(StepRecord(sql, .result(result), after: records))
            var output: JSONObject = [
                "rows": .int(Int64(result.rows.count)), "columns": .array(result.columns.map { .string($0) }),
            ]
            if result.isTruncated { output["truncated"] = true }
            if let changes = result.changes { output["changes"] = .int(Int64(changes)) }
            end(id, isError: false, .object(output))
            return result
        } catch {
            records.append(StepRecord(sql, .failed(error), after: records))
            end(id, isError: true, ["error": .string(error.message), "reason": .string(error.reason.rawValue)])
            throw .database(error)
        }
    }

    /// The step that was taken here before. Another one means that the analysis takes another way from here on.
    private func next(_ sql: String?) -> StepRecord? {
        guard let record = replay.first, record.sql == sql, hasMore else {
            replay = []
            return nil
        }
        replay.removeFirst()
        records.append(record)
        count += 1
        return record
    }

    /// What the database said when the step was taken.
    private func again(_ record: StepRecord, _ sql: String, _ limits: QueryLimits) throws(Failure) -> QueryResult {
        statements.append(sql)
        switch record.answer {
        case .result(let result)?: return result
        case .failed(let error)?: throw .database(error)
        default:
            do throws(DatabaseError) {
                return try database.query(sql, [], limits)
            } catch {
                throw .database(error)
            }
        }
    }

    private func readSchemaAgain() throws(Failure) -> (catalog: Catalog, schemas: [TableSchema]) {
        var reader = CatalogReader(database)
        do throws(DatabaseError) {
            return try reader.read()
        } catch {
            throw .database(error)
        }
    }

    /// Reads the schema with samples as one step; its output lists the statements.
    func readSchema() throws(Failure) -> (catalog: Catalog, schemas: [TableSchema]) {
        if next(nil) != nil { return try readSchemaAgain() }
        let id = try begin("read_schema", "Read the schema and samples", [:])
        var reader = CatalogReader(database)
        let before = Double(count - 1)
        let foreseen = Double(max(self.total, count))
        reader.progress = { [sink] done, total, table in
            let part = Double(done) / Double(max(1, total))
            sink.emit(.progress(done: before + part, total: foreseen, message: "Reading \(table)"))
        }
        do {
            let read = try reader.read()
            let tables = read.catalog.tables.map { table -> JSON in
                [
                    "table": .string(table.name), "rows": .int(Int64(table.rowCount)),
                    "columns": .int(Int64(table.columns.count)),
                ]
            }
            records.append(.schema)
            end(id, isError: false, ["tables": .array(tables), "sql": .array(reader.statements.map { .string($0) })])
            return read
        } catch {
            end(id, isError: true, ["error": .string(error.message), "reason": .string(error.reason.rawValue)])
            throw .database(error)
        }
    }

    private func begin(_ name: String, _ title: String, _ input: JSON) throws(Failure) -> String {
        guard hasMore else { throw .limit }
        count += 1
        let id = "step-\(count)"
        sink.emit(.progress(done: Double(count - 1), total: Double(max(total, count)), message: title))
        sink.emit(.toolStarted(id: id, name: name, title: title, input: input))
        return id
    }

    private func end(_ id: String, isError: Bool, _ output: JSON) {
        sink.emit(.toolFinished(id: id, isError: isError, output: output))
        sink.emit(.turnEnded)
        sink.emit(.checkpoint(state: StepRecord.state(records)))
    }
}
