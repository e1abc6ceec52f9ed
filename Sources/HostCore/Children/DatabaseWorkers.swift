import AgentModel
import Databases
import JSON

/// Asks a worker process about a user's database: one process a question, killed at its deadline. The host itself
/// never opens such a database.
final class DatabaseWorkers {
    private static let memoryBytesMax: UInt64 = 2 << 30
    private static let fileBytesMax: UInt64 = 1 << 40
    /// What a worker gets beyond the time of its question, to start and to answer.
    private static let graceMilliseconds = 2000

    /// One question under way.
    private final class Question {
        var answer: [UInt8] = []
        var then: ((DatabaseReply) -> Void)?

        init(_ then: @escaping (DatabaseReply) -> Void) { self.then = then }

        func finish(_ reply: DatabaseReply) {
            then?(reply)
            then = nil
        }
    }

    private let children: Children
    private let environment: ChildEnvironment
    private let command: [String]
    private let after: (UInt64, @escaping () -> Void) -> Void

    /// - Parameters:
    ///   - command: the worker's executable and arguments.
    ///   - after: calls back after so many milliseconds.
    init(
        children: Children, environment: ChildEnvironment, command: [String],
        after: @escaping (UInt64, @escaping () -> Void) -> Void
    ) {
        self.children = children
        self.environment = environment
        self.command = command
        self.after = after
    }

    /// Asks, and calls back once: with the worker's answer, or with what kept it from answering.
    /// - Returns: what ends the question early; the answer is then that it was not allowed to end.
    @discardableResult
    func ask(_ request: DatabaseRequest, then: @escaping (DatabaseReply) -> Void) -> () -> Void {
        let question = Question(then)
        guard let executable = command.first else {
            question.finish(.failed(DatabaseError(.failed, "no worker is configured")))
            return {}
        }
        var spec = ChildSpec(
            executable: executable, arguments: Array(command.dropFirst()) + ["database"],
            environment: environment.assignments(
                inheriting: [request.target.passwordEnv].compactMap { $0 }, adding: [:]),
            // Of this worker alone: another host's must not be taken for a descendant of it.
            token: "AGENTHOST_RUN=worker_\(HostClock().uuid())")
        spec.memoryBytesMax = Self.memoryBytesMax
        spec.fileBytesMax = Self.fileBytesMax
        spec.processorSecondsMax = UInt64(request.limits.milliseconds / 1000 + 5)
        let child = children.spawn(spec) {
        } tell: { event in
            Self.hear(event, question)
        }
        children.write(child, request.json.encoded() + [UInt8(ascii: "\n")])
        children.closeInput(child)
        after(UInt64(request.limits.milliseconds + Self.graceMilliseconds)) { [weak self] in
            guard question.then != nil else { return }
            self?.children.kill(child)
            question.finish(
                .failed(DatabaseError(.timedOut, "no answer within \(request.limits.milliseconds) ms")))
        }
        return { [weak self] in
            self?.children.kill(child)
            question.finish(.failed(DatabaseError(.failed, "the question was withdrawn")))
        }
    }

    private static func hear(_ event: ChildEvent, _ question: Question) {
        switch event {
        case .spawned, .gone: break
        case .spawnFailed(let why): question.finish(.failed(DatabaseError(.failed, why)))
        case .output(let bytes): question.answer += bytes
        case .outputEnded:
            guard let json = try? JSON.parse(question.answer), let reply = DatabaseReply(json) else { return }
            question.finish(reply)
        case .exited(let status):
            let message =
                status < 0
                ? "the worker was ended by signal \(-status): the statement took more memory or time than it may"
                : "the worker ended without an answer (exit code \(status))"
            question.finish(.failed(DatabaseError(status < 0 ? .limit : .failed, message)))
        }
    }
}
