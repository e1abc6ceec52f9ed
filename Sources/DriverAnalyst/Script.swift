import AgentModel
import Databases
import JSON

/// Runs the SQL of a prompt as it stands, one statement in `query` mode, several in `script` and beyond.
struct Script {
    let analyst: Analyst
    let steps: AnalystSteps

    func run(_ parts: [SQLPrompt.Part]) throws(AnalystSteps.Failure) -> RunOutcome {
        let statements = parts.compactMap { if case .statement(let sql) = $0 { sql } else { nil } }
        if analyst.task.planOnly { return analyst.end(proposal(statements), steps: 0) }
        guard !statements.isEmpty else { return analyst.end("The prompt has no SQL statement to run.", steps: 0) }
        if analyst.task.mode == .query, statements.count > 1 {
            let text =
                "Mode `query` runs one statement, and the prompt has \(statements.count). Use mode `script` for "
                + "several."
            return analyst.end(text, steps: 0)
        }
        steps.expect(statements.count)
        return statements.count == 1 ? try single(statements[0]) : try several(parts, count: statements.count)
    }

    private func proposal(_ statements: [String]) -> String {
        "Plan only: nothing was run. I would run:\n\n"
            + statements.map { "```sql\n\($0)\n```" }.joined(separator: "\n\n") + "\n"
    }

    private func single(_ sql: String) throws(AnalystSteps.Failure) -> RunOutcome {
        let result = try steps.run("Run the statement", sql)
        return analyst.finish(
            Answer(title: "Query result", headline: headline(result), table: ResultTable(result)), steps)
    }

    private func headline(_ result: QueryResult) -> String {
        if let changes = result.changes { return "**\(changes) rows changed.**" }
        if result.rows.count == 1, result.columns.count == 1 {
            return "**\(result.columns[0]): \(ResultTable(result).text(0, 0))**"
        }
        return "**\(result.rows.count)\(result.isTruncated ? " or more" : "") rows.**"
    }

    /// Each statement with its result as a section; the first that fails ends the script, and what was done is told.
    private func several(_ parts: [SQLPrompt.Part], count: Int) throws(AnalystSteps.Failure) -> RunOutcome {
        var answer = Answer(title: "Script of \(count) statements", headline: "")
        var done = 0
        var problem: String?
        var stopReason = StopReason.endTurn
        for part in parts where problem == nil {
            switch part {
            case .note(let text): answer.sections.append(Answer.Section(title: "Note", text: text))
            case .statement(let sql):
                do throws(AnalystSteps.Failure) {
                    let result = try steps.run("Statement \(done + 1) of \(count)", sql)
                    done += 1
                    answer.table = result.columns.isEmpty ? answer.table : ResultTable(result)
                    answer.sections.append(section(done, sql, result))
                } catch {
                    switch error {
                    case .database(let failure):
                        problem =
                            "Statement \(done + 1) was refused: \(failure.message) (`\(failure.reason.rawValue)`)."
                    case .limit:
                        problem = "The limit of \(analyst.task.stepsMax) steps (`recursion_limit`) was reached."
                        stopReason = .recursionLimit
                    }
                }
            }
        }
        answer.headline =
            problem.map { "**\(done) of \(count) statements ran.** \($0)" } ?? "**All \(count) statements ran.**"
        let lines = answer.sections.filter { $0.title != "Note" }.map(\.title)
        if !lines.isEmpty { answer.headline += "\n\n" + lines.map { "- \($0)" }.joined(separator: "\n") }
        return analyst.finish(answer, steps, stopReason: stopReason)
    }

    private func section(_ number: Int, _ sql: String, _ result: QueryResult) -> Answer.Section {
        let rows = result.changes.map { "\($0) rows changed" } ?? "\(result.rows.count) rows"
        var text = "```sql\n\(sql)\n```"
        if !result.columns.isEmpty { text += "\n\n" + ResultTable(result).markdown(rowsMax: 20) }
        return Answer.Section(title: "Statement \(number): \(rows)", text: text)
    }
}
