import AgentEngine
import CSystem

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The host's child processes: their pipes on the loop, their ends by the ladder. Confined to the loop's thread.
///
/// Every child is told of exactly once as `gone`, after all its output; then nothing of it is left: no process that
/// descends from it, no zombie, no descriptor.
final class Children {
    /// A descriptor of a child's, as the loop knows it.
    enum Pipe: Hashable { case input, output, error, exit }

    /// What the spawner's thread answers.
    enum Report: Sendable {
        case spawned(ChildID, Result<SpawnedChild, SystemError>)
        case hunted(ChildID, left: Int)
    }

    private final class Child {
        let id: ChildID
        let spec: ChildSpec
        var tell: (ChildEvent) -> Void
        var spawned: SpawnedChild?
        var pending = ByteQueue()
        var isInputClosing = false
        var isReadingPaused = false
        var ladder = StopLadder()
        /// Descendants seen before the group was killed.
        var descendants: [pid_t] = []
        var hasExited = false
        var hasOutputEnded = false
        var stderrTail: [UInt8] = []
        /// What the ladder asks of the driver.
        var cancel: () -> Void

        init(id: ChildID, spec: ChildSpec, cancel: @escaping () -> Void, tell: @escaping (ChildEvent) -> Void) {
            self.id = id
            self.spec = spec
            self.cancel = cancel
            self.tell = tell
        }

        /// Lets go of the descriptors that are left.
        func closeAll() {
            guard let spawned else { return }
            if spawned.input >= 0 { close(spawned.input) }
            if !hasOutputEnded { close(spawned.output) }
            if !hasExited {
                close(spawned.error)
                close(spawned.exitDescriptor)
            }
        }
    }

    private static let stderrTailMax = 16 << 10
    private static let readMax = 64 << 10
    /// What a pipe can hold at most (1 MiB unless an administrator allows more), in reads.
    private static let lastReadsMax = (1 << 20) / readMax

    let processes: any ProcessSystem
    private let worker: any Worker
    private let post: @Sendable (Report) -> Void
    private let watch: (Int32, ChildID, Pipe, _ readable: Bool, _ writable: Bool) -> Void
    private let unwatch: (Int32) -> Void
    private let setDeadline: (ChildID, UInt64) -> Void
    private var children: [ChildID: Child] = [:]
    private var lastNumber: UInt64 = 0
    private var readBuffer = [UInt8](repeating: 0, count: readMax)
    /// Reading is paused for all: the client does not take what agents say.
    private var isAllPaused = false

    /// - Parameters:
    ///   - post: brings a report of the spawner's thread to the loop, which gives it to `handle`.
    ///   - watch, unwatch: tell the loop what to wait for.
    ///   - setDeadline: asks for `deadline` to be called after so many milliseconds; a later call replaces it.
    init(
        _ system: HostSystem, post: @escaping @Sendable (Report) -> Void,
        watch: @escaping (Int32, ChildID, Pipe, _ readable: Bool, _ writable: Bool) -> Void,
        unwatch: @escaping (Int32) -> Void, setDeadline: @escaping (ChildID, UInt64) -> Void
    ) {
        processes = system.processes
        worker = system.makeWorker()
        self.post = post
        self.watch = watch
        self.unwatch = unwatch
        self.setDeadline = setDeadline
    }

    deinit { abandonAll() }

    /// Lets go of all of them, as the end of the host's process does: none is told of any more.
    func abandonAll() {
        for child in children.values { child.closeAll() }
        children = [:]
    }

    var count: Int { children.count }

    /// Starts a program. What it does is told later, in order: `spawned` or `spawnFailed`, then the rest.
    /// - Parameter cancel: the gentlest way of ending it, called by the ladder.
    func spawn(_ spec: ChildSpec, cancel: @escaping () -> Void, tell: @escaping (ChildEvent) -> Void) -> ChildID {
        lastNumber += 1
        let id = ChildID(number: lastNumber)
        children[id] = Child(id: id, spec: spec, cancel: cancel, tell: tell)
        worker.run { [post, processes] in post(.spawned(id, processes.spawn(spec))) }
        return id
    }

    /// Whether it runs and nobody has told it to end.
    func isAlive(_ id: ChildID) -> Bool {
        guard let child = children[id] else { return false }
        return child.spawned != nil && !child.hasExited && !child.hasOutputEnded && !child.isInputClosing
            && !child.ladder.hasBegun
    }

    /// What a child does from now on is told to somebody else, who knows nothing of what it wrote to stderr before.
    func adopt(_ id: ChildID, cancel: @escaping () -> Void, tell: @escaping (ChildEvent) -> Void) {
        guard let child = children[id] else { return }
        readErrorsLeft(child)
        child.stderrTail = []
        child.cancel = cancel
        child.tell = tell
    }

    func write(_ id: ChildID, _ bytes: [UInt8]) {
        guard let child = children[id], !child.isInputClosing else { return }
        child.pending.append(bytes)
        flushInput(child)
    }

    /// Closes the child's input once all that was written has gone out.
    func closeInput(_ id: ChildID) {
        guard let child = children[id], !child.isInputClosing else { return }
        child.isInputClosing = true
        flushInput(child)
    }

    func stop(_ id: ChildID, _ pace: StopLadder.Pace) {
        guard let child = children[id] else { return }
        perform(child.ladder.begin(pace), child)
    }

    /// Ends a child that has nothing to save.
    func kill(_ id: ChildID) {
        guard let child = children[id] else { return }
        perform(child.ladder.kill(), child)
    }

    /// Ends every child that is left, at once.
    func killAll() { for id in Array(children.keys) { kill(id) } }

    func deadline(_ id: ChildID) {
        guard let child = children[id] else { return }
        perform(child.ladder.deadline(), child)
    }

    func stderrTail(_ id: ChildID) -> String {
        if let child = children[id], child.spawned != nil, !child.hasExited { readErrorsLeft(child) }
        return children[id].map { String(decoding: $0.stderrTail, as: UTF8.self) } ?? ""
    }

    /// Stops reading one child's output, so that it waits as soon as its pipe is full.
    func setPaused(_ id: ChildID, _ isPaused: Bool) {
        guard let child = children[id], child.isReadingPaused != isPaused else { return }
        child.isReadingPaused = isPaused
        watchOutput(child)
    }

    /// Stops reading any child's output.
    func setAllPaused(_ isPaused: Bool) {
        guard isAllPaused != isPaused else { return }
        isAllPaused = isPaused
        for child in children.values { watchOutput(child) }
    }

    func handle(_ report: Report) {
        switch report {
        case .spawned(let id, let result):
            guard let child = children[id] else { return }
            switch result {
            case .success(let spawned): started(child, spawned)
            case .failure(let error):
                children[id] = nil
                child.tell(.spawnFailed(error.description))
                child.tell(.gone)
            }
        case .hunted(let id, let left):
            guard let child = children[id] else { return }
            perform(child.ladder.hunted(isClean: left == 0), child)
        }
    }

    /// Also told of what was ready together with the child's exit: its descriptors are closed by then, and their
    /// numbers may be another child's.
    func ready(_ id: ChildID, _ pipe: Pipe) {
        guard let child = children[id], let spawned = child.spawned, !child.hasExited else { return }
        switch pipe {
        case .input: flushInput(child)
        case .output: readOutput(child)
        case .error: readError(child)
        case .exit:
            if let status = processes.reap(spawned.pid) { exited(child, status) }
        }
    }

    // MARK: - Life

    private func started(_ child: Child, _ spawned: SpawnedChild) {
        child.spawned = spawned
        watch(spawned.exitDescriptor, child.id, .exit, true, false)
        watch(spawned.error, child.id, .error, true, false)
        watchOutput(child)
        flushInput(child)
        child.tell(.spawned)
        guard child.ladder.hasBegun else { return }
        // It was told to end before it was there: from the top, quickly.
        let wasKilled = child.ladder.hasKilled
        child.ladder = StopLadder()
        perform(wasKilled ? child.ladder.kill() : child.ladder.begin(.brisk), child)
    }

    private func exited(_ child: Child, _ status: Int) {
        guard !child.hasExited, let spawned = child.spawned else { return }
        child.hasExited = true
        unwatch(spawned.exitDescriptor)
        close(spawned.exitDescriptor)
        // What it wrote before it ended is in the pipes; a descendant that keeps them open, or even goes on writing,
        // is not waited for.
        child.isReadingPaused = false
        for _ in 0..<Self.lastReadsMax where !readOutput(child) { break }
        endOutput(child)
        readErrorsLeft(child)
        unwatch(spawned.error)
        close(spawned.error)
        child.isInputClosing = true
        child.pending.removeAll()
        closeInputNow(child)
        child.tell(.exited(status))
        perform(child.ladder.exited(), child)
    }

    private func perform(_ effects: [StopLadder.Effect], _ child: Child) {
        for effect in effects {
            switch effect {
            case .cancelDriver: child.cancel()
            case .closeInput: closeInput(child.id)
            case .terminateGroup: signal(child, SIGTERM)
            case .killGroup: kill(child)
            case .hunt:
                let (id, token, descendants) = (child.id, child.spec.token, child.descendants)
                worker.run { [post, processes] in
                    post(.hunted(id, left: processes.hunt(token: token, descendants: descendants)))
                }
            case .wait(let milliseconds): setDeadline(child.id, milliseconds)
            case .done:
                children[child.id] = nil
                child.tell(.gone)
            }
        }
    }

    private func signal(_ child: Child, _ number: Int32) {
        guard let spawned = child.spawned, !child.hasExited else { return }
        processes.signal(spawned.pid, number)
    }

    private func kill(_ child: Child) {
        guard let spawned = child.spawned, !child.hasExited else { return }
        child.descendants = processes.descendants(of: spawned.pid)
        signal(child, SIGKILL)
    }

    // MARK: - Pipes

    private func flushInput(_ child: Child) {
        guard let spawned = child.spawned, spawned.input >= 0, !child.hasExited else { return }
        switch child.pending.write(to: spawned.input) {
        case .drained where child.isInputClosing: closeInputNow(child)
        case .drained: unwatch(spawned.input)
        case .blocked: watch(spawned.input, child.id, .input, false, true)
        case .broken:
            child.pending.removeAll()
            closeInputNow(child)
        }
    }

    private func closeInputNow(_ child: Child) {
        guard let input = child.spawned?.input, input >= 0 else { return }
        unwatch(input)
        close(input)
        child.spawned?.input = -1
    }

    private func watchOutput(_ child: Child) {
        guard let spawned = child.spawned, !child.hasOutputEnded else { return }
        if isAllPaused || child.isReadingPaused {
            unwatch(spawned.output)
        } else {
            watch(spawned.output, child.id, .output, true, false)
        }
    }

    /// Reads once. Returns whether there may be more.
    @discardableResult
    private func readOutput(_ child: Child) -> Bool {
        guard let spawned = child.spawned, !child.hasOutputEnded else { return false }
        let count = readBuffer.withUnsafeMutableBytes { read(spawned.output, $0.baseAddress, $0.count) }
        if count > 0 {
            child.tell(.output(Array(readBuffer[..<count])))
            return true
        }
        if count < 0, errno == EAGAIN || errno == EINTR { return errno == EINTR }
        endOutput(child)
        return false
    }

    private func endOutput(_ child: Child) {
        guard let spawned = child.spawned, !child.hasOutputEnded else { return }
        child.hasOutputEnded = true
        unwatch(spawned.output)
        close(spawned.output)
        child.tell(.outputEnded)
    }

    private func readErrorsLeft(_ child: Child) { for _ in 0..<Self.lastReadsMax where !readError(child) { break } }

    /// Keeps the last of what the child writes to stderr. Returns whether there may be more.
    @discardableResult
    private func readError(_ child: Child) -> Bool {
        guard let spawned = child.spawned else { return false }
        let count = readBuffer.withUnsafeMutableBytes { read(spawned.error, $0.baseAddress, $0.count) }
        if count > 0 {
            child.stderrTail += readBuffer[max(0, count - Self.stderrTailMax)..<count]
            let excess = child.stderrTail.count - Self.stderrTailMax
            if excess > 0 { child.stderrTail.removeFirst(excess) }
            return true
        }
        if count < 0, errno == EAGAIN || errno == EINTR { return errno == EINTR }
        unwatch(spawned.error)
        return false
    }
}
