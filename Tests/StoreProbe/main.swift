import AgentModel
import Foundation
import JSON
import Store
import StoreConformance
import StoreSQLite

// A host that works without end until it is killed: `store-probe FOLDER`. Tells each thing that was acknowledged as a
// line: `session ID`, `events ID LAST_SEQ`, `ended TASK_ID`, `memory ID`, `forgotten ID`. See `Rememberer` for another
// kind of work.

enum Probe {
    static func id<Kind>(of kind: Kind.Type = Kind.self) -> Identifier<Kind> {
        Identifier(UUID128(milliseconds: 1, randomA: .random(in: 0...4095), randomB: .random(in: 0...UInt64.max)))
    }

    static func host(_ folder: String, _ change: (inout StoreOptions) -> Void = { _ in }) throws -> StoreHost {
        let answers = StoreAnswers()
        var options = StoreOptions(
            folder: folder, hostID: id(), pid: Int(getpid()), startedAt: StoreHost.noon, sink: { answers.take($0) })
        change(&options)
        return StoreHost(store: try SQLiteStore.open(options), answers: answers)
    }

    static func tell(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}

/// Keeps many batches under way, so that they are committed in groups.
final class Prober: Sendable {
    private let host: StoreHost

    init(folder: String) throws { host = try Probe.host(folder) }

    func run() throws {
        while true {
            let sessions = (0..<4).map { _ in host.newSession() }
            for (session, ticket) in sessions.map({ ($0.id, host.submit([.insertSession($0)])) }) {
                _ = try host.wait(ticket)
                Probe.tell("session \(session)")
            }
            for _ in 0..<5 { try round(sessions.map(\.id)) }
            try remember(in: sessions[0].id)
        }
    }

    /// Memories of a session and of the user's, some of them replaced and some forgotten.
    private func remember(in session: SessionID) throws {
        let drafts = (0..<8).map { number in
            MemoryDraft(
                id: Probe.id(), scope: number < 4 ? .user : .session(session), namespace: "probe",
                key: "\(session) \(number)", value: .string("thing \(number) of \(session)"))
        }
        let tickets = drafts.map { host.submit([.remember($0)]) }
        for (draft, ticket) in zip(drafts, tickets) {
            _ = try host.wait(ticket)
            if draft.key?.hasSuffix("0") == false { Probe.tell("memory \(draft.id)") }
        }
        var again = drafts[1]
        again.value = "something else"
        _ = try host.wait(host.submit([.remember(again)]))
        _ = try host.wait(host.submit([.forgetMemories([drafts[0].id])]))
        Probe.tell("forgotten \(drafts[0].id)")
    }

    /// A task in each session, all at one time.
    private func round(_ sessions: [SessionID]) throws {
        let tasks = sessions.map { host.newTask(in: $0) }
        let runs = tasks.map { host.newRun(of: $0) }
        var tickets: [(session: SessionID, ended: TaskID?, ticket: StoreTicket)] = []
        for (task, run) in zip(tasks, runs) {
            let start: [StoreCommand] = [.insertTask(task, force: false, queueLimit: 8), .startTask(task.id, run)]
            tickets.append((task.sessionID, nil, host.submit(start)))
            for _ in 0..<5 {
                let event = EventDraft(.message, taskID: task.id, data: ["text": "…"])
                tickets.append((task.sessionID, nil, host.submit([.append(task.sessionID, [event, event])])))
            }
            var usage = Usage.none
            usage.inputTokens = 1
            tickets.append((task.sessionID, task.id, host.submit(host.finish(run, usage: usage))))
        }
        for entry in tickets {
            let commit = try host.wait(entry.ticket)
            Probe.tell("events \(entry.session) \(commit.events.last?.seq ?? 0)")
            if let task = entry.ended { Probe.tell("ended \(task)") }
        }
    }
}

let arguments = CommandLine.arguments.dropFirst()
switch arguments.dropFirst().first {
case "remember": try Rememberer(folder: arguments[1], arguments: Array(arguments.dropFirst(2))).run()
default: try Prober(folder: arguments[1]).run()
}
