package import AgentModel
package import Databases
import Driver
import JSON

/// The analyst at work on one task: reads the question and the schema, plans, asks the database, writes the report.
/// The same database and the same task give the same bytes.
package struct Analyst {
    package struct Task: Hashable, Sendable {
        package var prompt: String
        package var mode: SessionMode
        package var planOnly: Bool
        /// Steps that may be taken, the reading of the schema included.
        package var stepsMax: Int
        /// What the database is called, for the report.
        package var databaseName: String
        /// What memory knows that may matter here.
        package var recollection: Recollection
        /// Steps that were taken before, in their order: they are not taken again.
        package var taken: [StepRecord]

        package init(
            prompt: String, mode: SessionMode = .fullAutonomy, planOnly: Bool = false, stepsMax: Int = 100,
            databaseName: String = "", recollection: Recollection = Recollection(),
            taken: [StepRecord] = []
        ) {
            self.prompt = prompt
            self.mode = mode
            self.planOnly = planOnly
            self.stepsMax = stepsMax
            self.databaseName = databaseName
            self.recollection = recollection
            self.taken = taken
        }
    }

    let task: Task
    /// The prompt with the words that memory explains replaced by what they mean.
    let reading: Recollection.Reading
    let sink: any AnalystSink
    let output: any AnalystOutput

    package init(_ task: Task, sink: any AnalystSink, output: any AnalystOutput) {
        self.task = task
        reading = task.recollection.reading(of: task.prompt)
        self.sink = sink
        self.output = output
    }

    /// - Parameter database: `nil` when the task has none: then the answer says what is needed.
    package func run(on database: (any Database)?) -> RunOutcome {
        guard let database else { return end(Self.needsDatabase, steps: 0) }
        let steps = AnalystSteps(database, sink, stepsMax: task.stepsMax, taken: task.taken)
        do throws(AnalystSteps.Failure) {
            return try answer(steps, SQLDialect(system: database.dialect))
        } catch {
            switch error {
            case .limit: return limitReached(steps)
            case .database(let failure): return failed(failure, steps)
            }
        }
    }

    private func answer(_ steps: AnalystSteps, _ dialect: SQLDialect) throws(AnalystSteps.Failure) -> RunOutcome {
        if let statements = SQLPrompt.statements(in: task.prompt, mode: task.mode) {
            return try Script(analyst: self, steps: steps).run(statements)
        }
        let (catalog, schemas) = try steps.readSchema()
        let matcher = SchemaMatcher(catalog)
        var reader = MentionReader(matcher)
        let mentions = reader.mentions(in: reading.prompt)
        let intent = Interpreter.intent(of: mentions, corrections: reader.corrections, in: catalog)
        let edges = KeyInference.edges(of: catalog, schemas: schemas)
        switch intent.kind {
        case .profile?:
            return try DatabaseProfile(analyst: self, steps: steps, catalog: catalog, edges: edges).run(
                only: intent.tables)
        case .schema?: return finish(SchemaAnswer.answer(catalog, edges), steps)
        default: return try Inquiry(analyst: self, steps: steps, catalog: catalog, edges: edges, intent: intent).run()
        }
    }

    // MARK: Endings

    /// Writes the files, says the answer and ends.
    func finish(_ answer: Answer, _ steps: AnalystSteps, stopReason: StopReason = .endTurn) -> RunOutcome {
        var answer = answer
        answer.known = task.recollection.knownBefore(task.prompt)
        var written: [String] = []
        if !task.planOnly {
            var files = [AnalystFile]()
            if let table = answer.table { files.append(AnalystFile(name: "result.csv", text: table.csv)) }
            if let chart = answer.chart { files.append(AnalystFile(name: "chart.svg", text: chart)) }
            let names = files.map(\.name)
            let report = answer.report(
                prompt: task.prompt, database: task.databaseName, statements: steps.statements, files: names)
            files.insert(AnalystFile(name: "report.md", text: report), at: 0)
            do {
                written = try output.write(files)
                for name in written { sink.emit(.artifact(path: name)) }
            } catch {
                sink.emit(.warning("The files could not be written: \(error.message)"))
            }
        }
        var outcome = end(
            answer.message(statements: steps.statements, files: written), steps: steps.count, stopReason: stopReason)
        let sql = answer.mainStatement(steps.statements)
        if !task.planOnly { outcome.findings = [Recollection.finding(answer, to: task.prompt, sql: sql)] }
        return outcome
    }

    /// Says a text without files and ends.
    func end(_ text: String, steps: Int, stopReason: StopReason = .endTurn) -> RunOutcome {
        sink.emit(.progress(done: 1, total: 1, message: "Done"))
        sink.emit(.message(id: "answer", role: "assistant", text: text))
        var outcome = RunOutcome(stopReason: stopReason, output: text)
        var usage = Usage()
        usage.turns = max(0, steps - task.taken.count)
        usage.cost = Cost(nanoDollars: 0)
        usage.accuracy = .known
        outcome.usage = usage
        return outcome
    }

    private func limitReached(_ steps: AnalystSteps) -> RunOutcome {
        let text =
            "The limit of \(task.stepsMax) steps (`recursion_limit`) was reached before the question was answered. "
            + "Done so far: \(steps.count) steps. Raise the limit or ask for less at a time."
        return end(text, steps: steps.count, stopReason: .recursionLimit)
    }

    private func failed(_ failure: DatabaseError, _ steps: AnalystSteps) -> RunOutcome {
        let text =
            "The database refused: \(failure.message) (`\(failure.reason.rawValue)`)."
            + (steps.statements.last.map { "\n\nThe statement was:\n\n```sql\n\($0)\n```" } ?? "")
        return end(text, steps: steps.count)
    }

    private static let needsDatabase = """
        I analyse a database, and this task has none. Name one: `agenthost run "..." --db FILE` on the command line, \
        or `db_connection_id` of a connection made with `connection.create`.
        """
}
