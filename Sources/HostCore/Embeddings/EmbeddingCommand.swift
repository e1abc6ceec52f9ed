import AgentEngine
import Driver
import JSON

/// Vectors from a program that goes on running, by the protocol of `docs/embedding-commands.md`. It is started with
/// the first texts, and again with the next ones after it has ended.
final class EmbeddingCommand: EmbeddingSource {
    private static let lineBytesMax = 64 << 20
    /// A program that leaves texts without an answer for so long hangs and is ended.
    private static let silenceMilliseconds = 60_000

    private final class Question {
        var then: ((Result<[[Float]], EmbeddingFailure>) -> Void)?

        init(_ then: @escaping (Result<[[Float]], EmbeddingFailure>) -> Void) { self.then = then }

        func finish(_ result: Result<[[Float]], EmbeddingFailure>) {
            let then = self.then
            self.then = nil
            then?(result)
        }
    }

    /// One life of the program.
    private final class Life {
        var child: ChildID?
        var splitter = LineSplitter(lineBytesMax: EmbeddingCommand.lineBytesMax)
        var questions: [Int: Question] = [:]
    }

    private let command: [String]
    private let inherits: [String]
    private let children: Children
    private let files: FileThread
    private let environment: ChildEnvironment
    private let after: (UInt64, @escaping () -> Void) -> Void
    private var life: Life?
    private var lastID = 0
    private var isClosed = false

    /// - Parameters:
    ///   - command: program and arguments.
    ///   - files: the thread on which long answers are read.
    ///   - after: calls back after so many milliseconds.
    init(
        _ command: [String], inherits: [String], children: Children, files: FileThread, environment: ChildEnvironment,
        after: @escaping (UInt64, @escaping () -> Void) -> Void
    ) {
        self.command = command
        self.inherits = inherits
        self.children = children
        self.files = files
        self.environment = environment
        self.after = after
    }

    func embed(
        _ texts: [String], milliseconds: Int, then: @escaping (Result<[[Float]], EmbeddingFailure>) -> Void
    ) {
        guard let life = isClosed ? nil : life ?? start() else {
            let name = command.first ?? ""
            return then(.failure(EmbeddingFailure(.unavailable, "there is no program \(name) that can be run")))
        }
        guard let child = life.child else { return }
        lastID += 1
        let id = lastID
        let question = Question(then)
        life.questions[id] = question
        let line: JSON = ["id": .int(Int64(id)), "input": .array(texts.map(JSON.string))]
        children.write(child, line.encoded() + [UInt8(ascii: "\n")])
        after(UInt64(milliseconds)) {
            question.finish(.failure(EmbeddingFailure(.timedOut, "no vector within \(milliseconds) ms")))
        }
        after(UInt64(max(milliseconds, Self.silenceMilliseconds))) { [weak self] in
            guard let self, life.questions[id] != nil else { return }
            children.kill(child)
            end(life, "the command gave no answer for too long")
        }
    }

    func close() {
        isClosed = true
        guard let life else { return }
        self.life = nil
        for question in life.questions.values { question.then = nil }
        if let child = life.child { children.stop(child, .finished) }
    }

    // MARK: - The program

    private func start() -> Life? {
        guard let name = command.first, let executable = environment.executable(name) else { return nil }
        let spec = ChildSpec(
            executable: executable, arguments: Array(command.dropFirst()),
            environment: environment.assignments(inheriting: inherits, adding: [:]),
            token: "AGENTHOST_RUN=embeddings_\(HostClock().uuid())")
        let life = Life()
        self.life = life
        life.child = children.spawn(spec) {
        } tell: { [weak self, weak life] event in
            guard let self, let life else { return }
            hear(event, life)
        }
        return life
    }

    private func hear(_ event: ChildEvent, _ life: Life) {
        switch event {
        case .spawned, .outputEnded, .gone: break
        case .spawnFailed(let why): end(life, why)
        case .output(let bytes):
            for line in life.splitter.split(bytes) {
                switch line {
                case .line(let line): take(Array(line), life)
                case .overlong:
                    if let child = life.child { children.kill(child) }
                    end(life, "the command wrote a line of more than \(Self.lineBytesMax) bytes")
                }
            }
        case .exited(let status):
            let said = life.child.map(children.stderrTail)?.split(separator: "\n").last.map { ": \($0.suffix(300))" }
            let how = status < 0 ? "by signal \(-status)" : "with exit code \(status)"
            end(life, "the command ended \(how)\(said ?? "")")
        }
    }

    private func take(_ line: [UInt8], _ life: Life) {
        guard line.count > EmbeddingAnswer.bytesOnLoopMax else {
            return answer(EmbeddingAnswer.command(line), life)
        }
        files.perform {
            EmbeddingAnswer.command(line)
        } then: { [weak self] found in
            self?.answer(found, life)
        }
    }

    /// What is no answer, or one to a question that nobody asks any more, is passed over.
    private func answer(_ found: (id: Int, result: Result<[[Float]], EmbeddingFailure>)?, _ life: Life) {
        guard let found else { return }
        life.questions.removeValue(forKey: found.id)?.finish(found.result)
    }

    private func end(_ life: Life, _ why: String) {
        if self.life === life { self.life = nil }
        let questions = life.questions.sorted { $0.key < $1.key }
        life.questions = [:]
        for (_, question) in questions { question.finish(.failure(EmbeddingFailure(.unavailable, why))) }
    }
}
