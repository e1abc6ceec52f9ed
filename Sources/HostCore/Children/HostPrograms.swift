/// Programs that the host runs for itself, each to its end or its deadline, with the first of what it wrote. Confined
/// to the loop's thread.
final class HostPrograms {
    struct Order {
        /// A name to be looked for, or an absolute path.
        var program: String
        var arguments: [String]
        /// Absolute.
        var folder: String
        var milliseconds: Int
        var outputBytesMax: Int
        /// What it writes to stderr belongs to its output.
        var joinsErrors = false
    }

    struct Outcome {
        /// The exit code, or a signal's number negated; `nil` when it could not be run or took too long.
        var status: Int?
        var output: [UInt8] = []
        /// There was more of it.
        var isCut = false
        /// What kept it from its end, in a sentence.
        var failure: String?
    }

    private final class Running {
        var outcome = Outcome()
        var then: ((Outcome) -> Void)?

        init(_ then: @escaping (Outcome) -> Void) { self.then = then }

        func finish() {
            let told = then
            then = nil
            told?(outcome)
        }
    }

    private let children: Children
    private let environment: ChildEnvironment
    private let hostToken: String
    private let after: (UInt64, @escaping () -> Void) -> Void
    private var running: [ChildID: Running] = [:]

    /// - Parameters:
    ///   - hostToken: what finds the host's programs wherever they went.
    ///   - after: calls back after so many milliseconds.
    init(
        children: Children, environment: ChildEnvironment, hostToken: String,
        after: @escaping (UInt64, @escaping () -> Void) -> Void
    ) {
        self.children = children
        self.environment = environment
        self.hostToken = hostToken
        self.after = after
    }

    /// Runs a program and calls back once.
    func run(_ order: Order, then: @escaping (Outcome) -> Void) {
        guard let executable = environment.executable(order.program) else {
            return then(Outcome(failure: "\(order.program) is not there or cannot be run."))
        }
        var spec = ChildSpec(
            executable: executable, arguments: order.arguments,
            environment: environment.assignments(inheriting: [], adding: ["GIT_OPTIONAL_LOCKS": "0"]) + [hostToken],
            workingDirectory: order.folder, token: "AGENTHOST_RUN=program_\(HostClock().uuid())")
        spec.joinsErrorToOutput = order.joinsErrors
        let program = Running(then)
        var number: ChildID?
        let child = children.spawn(spec) {
        } tell: { [weak self] event in
            switch event {
            case .spawned, .outputEnded: break
            case .spawnFailed(let why):
                program.outcome.failure = why
                program.finish()
            case .output(let bytes):
                let room = max(0, order.outputBytesMax - program.outcome.output.count)
                program.outcome.output += bytes.prefix(room)
                if bytes.count > room { program.outcome.isCut = true }
            case .exited(let status):
                if program.outcome.failure == nil { program.outcome.status = status }
                program.finish()
            case .gone: if let number { self?.running[number] = nil }
            }
        }
        number = child
        running[child] = program
        children.closeInput(child)
        after(UInt64(max(0, order.milliseconds))) { [weak self] in
            guard program.then != nil else { return }
            program.outcome.failure = "It took longer than \(order.milliseconds) ms."
            self?.children.kill(child)
            program.finish()
        }
    }

    /// Ends them all: the host ends.
    func endAll() {
        for (child, program) in running where program.then != nil {
            program.outcome.failure = "The host ends."
            children.kill(child)
            program.finish()
        }
    }
}
