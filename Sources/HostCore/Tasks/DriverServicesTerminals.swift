import AgentEngine
import Driver

/// The terminals of one run: programs that its agent has the host run, each with the last of what it wrote. Confined to
/// the loop's thread.
final class DriverTerminals {
    /// What a program of the run is started with.
    struct Surroundings {
        var environment: ChildEnvironment
        /// Names of the host's variables that the agent may see, and so its programs.
        var inherits: [String]
        var variables: [String: String]
        /// What finds the programs of the run, and of the host, wherever they went.
        var tokens: [String]
        /// Tells the terminals of this run from all others.
        var name: String
        var workingDirectory: String?
    }

    private final class Terminal {
        var child: ChildID?
        var output: OutputTail
        var status: Int?
        var waiters: [(ServiceResult) -> Void] = []

        init(bytesMax: Int) { output = OutputTail(bytesMax: bytesMax) }

        var result: ServiceResult {
            .output(TerminalOutput(text: output.text, isCut: output.isCut, status: status))
        }

        func tellWaiters(_ result: ServiceResult) {
            let told = waiters
            waiters = []
            for waiter in told { waiter(result) }
        }
    }

    static let countMax = 32
    static let outputBytesMax = 1 << 20
    /// A program gets a second after SIGTERM.
    private static let pace = StopLadder.Pace(ownWay: 0, inputClosed: 0, terminated: 1000)

    private let children: Children
    private let surroundings: Surroundings
    /// Called when a program writes something.
    private let wrote: () -> Void
    private var terminals: [String: Terminal] = [:]
    private var lastNumber = 0

    init(children: Children, surroundings: Surroundings, wrote: @escaping () -> Void) {
        self.children = children
        self.surroundings = surroundings
        self.wrote = wrote
    }

    /// Starts a program; `then` hears its terminal as soon as it runs.
    func create(_ spec: TerminalSpec, then: @escaping (ServiceResult) -> Void) {
        guard terminals.count < Self.countMax else {
            return then(.refused("There are \(Self.countMax) terminals already: release one."))
        }
        lastNumber += 1
        let child: ChildSpec
        do throws(Refusal) { child = try process(spec) } catch { return then(.refused(error.why)) }
        let id = "term-\(lastNumber)"
        let terminal = Terminal(bytesMax: min(max(0, spec.outputBytesMax ?? .max), Self.outputBytesMax))
        terminals[id] = terminal
        let number = children.spawn(child) {
        } tell: { [weak self, weak terminal] event in
            switch event {
            case .spawned: then(.terminal(id: id))
            case .spawnFailed(let why):
                self?.terminals[id] = nil
                then(.refused(why))
            case .output(let bytes):
                terminal?.output.append(bytes)
                self?.wrote()
            case .exited(let status):
                terminal?.status = status
                if let terminal { terminal.tellWaiters(terminal.result) }
            case .outputEnded, .gone: break
            }
        }
        terminal.child = number
        children.closeInput(number)
    }

    func output(_ id: String) -> ServiceResult { terminals[id]?.result ?? Self.unknown(id) }

    func wait(_ id: String, then: @escaping (ServiceResult) -> Void) {
        guard let terminal = terminals[id] else { return then(Self.unknown(id)) }
        if terminal.status == nil { terminal.waiters.append(then) } else { then(terminal.result) }
    }

    func kill(_ id: String) -> ServiceResult {
        guard let terminal = terminals[id] else { return Self.unknown(id) }
        stop(terminal)
        return .done
    }

    func release(_ id: String) -> ServiceResult {
        guard let terminal = terminals.removeValue(forKey: id) else { return Self.unknown(id) }
        stop(terminal)
        terminal.tellWaiters(.notFound("The terminal \(id) was released."))
        return .done
    }

    /// Ends every program and forgets them all.
    func endAll() {
        let ending = terminals
        terminals = [:]
        for terminal in ending.values {
            terminal.waiters = []
            stop(terminal)
        }
    }

    private func stop(_ terminal: Terminal) {
        if let child = terminal.child, terminal.status == nil { children.stop(child, Self.pace) }
    }

    private static func unknown(_ id: String) -> ServiceResult { .notFound("There is no terminal \(id).") }

    // MARK: - Processes

    private struct Refusal: Error {
        let why: String
    }

    private func process(_ spec: TerminalSpec) throws(Refusal) -> ChildSpec {
        let texts = [spec.command, spec.workingDirectory ?? ""] + spec.arguments
        guard !spec.command.isEmpty, !texts.contains(where: { $0.utf8.contains(0) }) else {
            throw Refusal(why: "The command is empty or holds a zero byte.")
        }
        let folder = spec.workingDirectory ?? surroundings.workingDirectory
        guard let folder, folder.hasPrefix("/") else { throw Refusal(why: "The working folder is no absolute path.") }
        let (executable, arguments) = try program(spec, in: folder)
        let more = spec.environment.filter { name, value in
            !name.isEmpty && !name.contains("=") && !name.hasPrefix("AGENTHOST_")
                && !name.utf8.contains(0) && !value.utf8.contains(0)
        }
        var child = ChildSpec(
            executable: executable, arguments: arguments,
            environment: surroundings.environment.assignments(
                inheriting: surroundings.inherits, adding: surroundings.variables.merging(more) { _, new in new })
                + surroundings.tokens,
            workingDirectory: folder, token: "AGENTHOST_TERMINAL=\(surroundings.name)-\(lastNumber)")
        child.joinsErrorToOutput = true
        return child
    }

    /// Without arguments, what names no program is a line for the shell: several agents send their commands that way.
    private func program(_ spec: TerminalSpec, in folder: String) throws(Refusal) -> (String, [String]) {
        let isRelative = !spec.command.hasPrefix("/") && spec.command.contains("/")
        let name = isRelative ? "\(folder)/\(spec.command)" : spec.command
        if let executable = surroundings.environment.executable(name) { return (executable, spec.arguments) }
        guard spec.arguments.isEmpty, let shell = surroundings.environment.executable("/bin/sh") else {
            throw Refusal(why: "\(spec.command) is not there or cannot be run.")
        }
        return (shell, ["-c", spec.command])
    }
}

/// The last of what a program wrote.
struct OutputTail {
    let bytesMax: Int
    private var bytes: [UInt8] = []
    private(set) var isCut = false

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    mutating func append(_ more: [UInt8]) {
        bytes += more
        guard bytes.count > bytesMax else { return }
        isCut = true
        // Now and then: what is kept is not moved for every piece that comes.
        if bytes.count > 2 * bytesMax { bytes.removeFirst(bytes.count - bytesMax) }
    }

    /// From a whole character on.
    var text: String {
        let last = bytes.suffix(bytesMax)
        let isContinuation = { (byte: UInt8) in byte & 0xc0 == 0x80 }
        return String(decoding: isCut ? last.drop(while: isContinuation) : last, as: UTF8.self)
    }
}
