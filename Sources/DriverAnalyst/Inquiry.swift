import AgentModel
import Databases
import JSON

/// A question that is answered by one query, with a look at what is behind it where there is leave for more.
struct Inquiry {
    let analyst: Analyst
    let steps: AnalystSteps
    let catalog: Catalog
    let edges: [JoinGraph.Edge]
    let intent: Intent

    func run() throws(AnalystSteps.Failure) -> RunOutcome {
        if let refusal = refusal { return analyst.end(refusal, steps: steps.count) }
        var failure: AnalystSteps.Failure?
        var binder = QueryBinder(catalog, edges, intent) { time in
            do throws(AnalystSteps.Failure) {
                return try self.range(of: time)
            } catch {
                failure = error
                return time
            }
        }
        let plan: QueryPlan
        do throws(CannotAnswer) {
            plan = try binder.plan()
        } catch {
            if let failure { throw failure }
            return analyst.end(decline(error.reason), steps: steps.count)
        }
        if let failure { throw failure }
        if intent.wantsShare, plan.groups.isEmpty {
            let reason = "A share needs groups to compare, as in \"share of revenue by category\"."
            return analyst.end(decline(reason), steps: steps.count)
        }
        if analyst.task.planOnly { return analyst.end(proposal(plan), steps: steps.count) }
        let result = try steps.run(AnswerWriter.title(plan), plan.sql)
        var answer = AnswerWriter.answer(plan, result, prompt: analyst.task.prompt)
        answer.cautions = cautions
        if intent.wantsShare { AnswerWriter.addShares(to: &answer) }
        if analyst.task.mode >= .analysis { try addBreakdowns(to: &answer, plan) }
        return analyst.finish(answer, steps)
    }

    private func range(of time: BoundTime) throws(AnalystSteps.Failure) -> BoundTime {
        let column = catalog.qualified(time.reference)
        let day = catalog.dialect.day(column, time.encoding)
        let table = catalog.tables[time.reference.table]
        let sql =
            "SELECT MIN(\(day)), MAX(\(day)), COUNT(DISTINCT \(day))\nFROM "
            + "\(catalog.dialect.table(table.namespace, table.name))"
        let row = try steps.run("First and last day of \(catalog.name(time.reference))", sql).rows.first ?? []
        var bound = time
        bound.first = row.first?.stringValue.flatMap { Day(iso: $0) }
        bound.last = row.dropFirst().first?.stringValue.flatMap { Day(iso: $0) }
        bound.days = row.last?.intValue
        return bound
    }

    // MARK: What is behind a trend

    /// For a sum over time: who and what makes it up, by the nearest tables with names, as long as steps are left.
    private func addBreakdowns(to answer: inout Answer, _ plan: QueryPlan) throws(AnalystSteps.Failure) {
        guard case .series = plan.shape, plan.isAdditive, plan.groups.count == 1 else { return }
        for table in breakdownTables.prefix(2) where steps.hasMore {
            var narrowed = intent
            narrowed.kind = .figure
            narrowed.groups = [.table(TableMatch(table: table, score: 1), columns: [])]
            narrowed.rank = Intent.Rank(isDescending: true, limit: 5)
            var binder = QueryBinder(catalog, edges, narrowed) { _ in
                plan.time ?? BoundTime(reference: ColumnRef(table: 0, column: 0), encoding: .isoText)
            }
            guard let part = try? binder.plan(), let result = try? steps.run(AnswerWriter.title(part), part.sql) else {
                continue
            }
            guard result.rows.count > 1 else { continue }
            var table = ResultTable(result)
            table.readDecimals()
            answer.sections.append(
                Answer.Section(title: AnswerWriter.title(part), text: table.markdown(rowsMax: 5)))
        }
    }

    /// Tables with names for their rows that the figure's rows lead to, nearest first.
    private var breakdownTables: [Int] {
        var binder = QueryBinder(catalog, edges, intent) { $0 }
        guard let measure = intent.measures.first, let bound = try? binder.bound(measure) else { return [] }
        binder.setRoot(bound.root)
        let candidates = catalog.tables.indices.filter { table in
            guard let path = binder.paths[table], !path.steps.isEmpty, !path.fansOut else { return false }
            let entry = catalog.tables[table]
            return !entry.label.isEmpty && entry.rowCount > 1
        }
        return candidates.sorted { ((binder.paths[$0]?.cost ?? 0), $0) < ((binder.paths[$1]?.cost ?? 0), $1) }
    }

    // MARK: What was not understood

    /// A question whose words are not all understood is not answered, unless what is left over cannot change it.
    private var refusal: String? {
        if !intent.unknown.isEmpty {
            let words = intent.unknown.uniqued().map { "'\($0)'" }.joined(separator: ", ")
            return decline("No table, column or value matches \(words).")
        }
        guard intent.kind == nil else { return nil }
        return decline("I could not tell from the question what to work out, list or count.")
    }

    private var cautions: [String] {
        analyst.reading.notes + intent.corrections.map { "'\($0.written)' was read as '\($0.read)'." }
    }

    private func decline(_ reason: String) -> String {
        var lines = ["I cannot answer this from the database: \(reason)"]
        if !cautions.isEmpty { lines.append(cautions.joined(separator: " ")) }
        if let known = analyst.task.recollection.knownBefore(analyst.task.prompt) {
            lines.append("Memory knows of it:\n\n" + known)
        }
        let understood = understoodWords
        if !understood.isEmpty { lines.append("Understood: " + understood.joined(separator: ", ") + ".") }
        lines.append(
            "What I tried: I matched the words of the question, with synonyms and typing errors, against "
                + "\(catalog.tables.count) tables, \(catalog.columns.count) columns and the values in them.")
        let suggestions = Suggestions(catalog, edges).questions
        if !suggestions.isEmpty {
            lines.append(
                "What I could answer here, for example:\n\n" + suggestions.map { "- \($0)" }.joined(separator: "\n"))
        }
        lines.append(
            "A driver with a model behind it (`claude`, `codex`, `openai`, `anthropic`) may know what the words mean; "
                + "or say it with names from the schema, or as SQL.")
        return lines.joined(separator: "\n\n") + "\n"
    }

    private var understoodWords: [String] {
        var words = intent.tables.uniqued().map { "table \(catalog.tables[$0].name)" }
        for case .metric(let metric, _) in intent.measures { words.append(metric.rawValue) }
        for case .values(_, _, let spoken) in intent.filters { words.append("'\(spoken)'") }
        words += intent.times.map(\.words)
        return words
    }

    private func proposal(_ plan: QueryPlan) -> String {
        var parts = [
            "Plan only: nothing but the schema and the range of dates was read, and nothing is written.",
            "I would work out **\(AnswerWriter.title(plan))**:",
        ]
        parts.append("```sql\n\(plan.sql)\n```")
        parts += cautions.map { "> \($0)" }
        let notes = plan.interpretation + plan.filters.map { "Only where \($0)." }
        if !notes.isEmpty {
            parts.append("How the question was read:\n\n" + notes.map { "- \($0)" }.joined(separator: "\n"))
        }
        parts.append("Then I would write `report.md`, `result.csv`" + (plan.groups.isEmpty ? "." : " and `chart.svg`."))
        return parts.joined(separator: "\n\n") + "\n"
    }
}
