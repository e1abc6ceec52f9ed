/// The loop's side of blocking work on files: gives it to a thread of its own and brings back what came out. Confined
/// to the loop's thread but for `post`.
final class FileThread {
    struct Report: Sendable {
        fileprivate let ticket: UInt64
        fileprivate let answer: any Sendable
    }

    private let worker: any Worker
    private let post: @Sendable (Report) -> Void
    var waiting: [UInt64: (any Sendable) -> Void] = [:]
    private var lastTicket: UInt64 = 0

    /// - Parameter post: brings a report to the loop, which gives it to `handle`.
    init(_ worker: any Worker, post: @escaping @Sendable (Report) -> Void) {
        self.worker = worker
        self.post = post
    }

    var isIdle: Bool { waiting.isEmpty }

    /// Does blocking work elsewhere and goes on with its answer on the loop.
    func perform<Answer: Sendable>(_ work: @escaping @Sendable () -> Answer, then: @escaping (Answer) -> Void) {
        lastTicket += 1
        let ticket = lastTicket
        waiting[ticket] = { answer in
            if let answer = answer as? Answer { then(answer) }
        }
        worker.run { [post] in post(Report(ticket: ticket, answer: work())) }
    }

    func handle(_ report: Report) { waiting.removeValue(forKey: report.ticket)?(report.answer) }
}
