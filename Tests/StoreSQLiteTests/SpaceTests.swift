import AgentModel
import JSON
import Store
import StoreConformance
import Testing

@testable import StoreSQLite

@Suite struct SpaceTests {
    /// A thousand turns, each a prompt, a query with its result and an answer.
    @Test func aThousandTurnsTakeOneAndAHalfTimesTheirPayload() throws {
        let folder = try TemporaryFolder()
        let host = try folder.host()
        let session = try host.makeSession()
        let empty = try bytes(folder)
        let prompt = "Look at the orders and tell me how revenue changed between the months, by country."
        let sql =
            "SELECT strftime('%Y-%m', o.date), sum(d.price * d.quantity) FROM orders o JOIN d USING (id) GROUP BY 1"
        let answer = "Revenue grew from 27,861 in July to 123,798 in April; the last month is not complete yet."
        var tickets: [StoreTicket] = []
        for _ in 0..<1000 {
            let task = host.newTask(in: session.id) { $0.input = [["type": "text", "text": .string(prompt)]] }
            let run = host.newRun(of: task)
            func event(_ type: EventType, _ data: JSONObject) -> EventDraft {
                EventDraft(type, taskID: task.id, runID: run.id, data: data)
            }
            tickets.append(
                host.submit([
                    .insertTask(task, force: false, queueLimit: 8), .startTask(task.id, run),
                    .append(
                        session.id,
                        [
                            event(.toolStarted, ["id": "t1", "name": "sql", "input": ["sql": .string(sql)]]),
                            event(.toolFinished, ["id": "t1", "is_error": false, "output": ["rows": 23]]),
                            event(.message, ["id": "m1", "role": "assistant", "text": .string(answer)]),
                        ]),
                ]))
            tickets.append(host.submit(host.finish(run)))
        }
        var payload = 0
        for ticket in tickets {
            payload += try host.wait(ticket).events.reduce(0) { $0 + JSON.object($1.data).encoded().count }
        }
        host.store.close()
        let grown = try bytes(folder) - empty
        #expect(Double(grown) < Double(payload) * 1.5, "\(grown) bytes for \(payload)")
    }

    /// What a row leaves free of its page depends on its length: half a page and a little more is the worst.
    @Test(arguments: [300, 1000, 1800])
    func messagesTakeOneAndAHalfTimesTheirPayload(length: Int) throws {
        let folder = try TemporaryFolder()
        let host = try folder.host()
        let session = try host.makeSession()
        let empty = try bytes(folder)
        let data: JSONObject = [
            "message_id": "m1", "role": "assistant", "text": .string(String(repeating: "x", count: length)),
        ]
        let tickets = (0..<1000).map { _ in host.submit([.append(session.id, [EventDraft(.message, data: data)])]) }
        for ticket in tickets { _ = try host.wait(ticket) }
        host.store.close()
        let payload = JSON.object(data).encoded().count * 1000
        let grown = try bytes(folder) - empty
        #expect(Double(grown) < Double(payload) * 1.5, "\(grown) bytes for \(payload)")
    }

    /// The pages of the database as they are with its log written back.
    private func bytes(_ folder: TemporaryFolder) throws -> Int {
        let database = try folder.connection()
        defer { database.close() }
        return Int(try database.integer("PRAGMA page_count") * database.integer("PRAGMA page_size"))
    }
}
