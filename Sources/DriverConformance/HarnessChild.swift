import CSystem
import Driver

#if canImport(Glibc)
    @preconcurrency import Glibc
#elseif canImport(Darwin)
    @preconcurrency import Darwin
#endif

/// A process of the harness with its three pipes. Its methods never block but for the time given.
final class HarnessChild {
    /// What came from it at one look.
    struct News {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var hasOutputEnded = false
        /// All that the pipe held by then is in `output`.
        var exitStatus: Int?
    }

    private let pid: pid_t
    /// `AGENTHOST_RUN=...` in its environment and that of all its descendants.
    private let token: String
    private let exitDescriptor: Int32
    private var input: Int32
    private var output: Int32
    private var error: Int32
    private var unwritten: [UInt8] = []
    private var closesInput = false

    private init(pid: pid_t, token: String, input: Int32, output: Int32, error: Int32) {
        self.pid = pid
        self.token = token
        self.input = input
        self.output = output
        self.error = error
        exitDescriptor = cs_exit_descriptor(pid)
        for descriptor in [input, output, error] { _ = cs_set_nonblocking(descriptor, true) }
    }

    static func start(_ spec: ProcessSpec) -> Result<HarnessChild, ConformanceFailure> {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        guard let executable = ExecutableSearch.find(spec.executable, path: path) else {
            return .failure(ConformanceFailure("\(spec.executable) is not there or cannot be run"))
        }
        var number: UInt64 = 0
        cs_random(&number, MemoryLayout<UInt64>.size)
        let token = "AGENTHOST_RUN=run_harness_\(number)"
        var pipes: [[Int32]] = []
        for _ in 0..<3 {
            var ends: [Int32] = [-1, -1]
            guard cs_pipe(&ends) == 0 else { return .failure(ConformanceFailure("no more pipes")) }
            pipes.append(ends)
        }
        let (input, output, error) = (pipes[0], pipes[1], pipes[2])
        var pid: pid_t = 0
        let result = withCStrings([executable] + spec.arguments) { arguments in
            withCStrings(environment(spec) + [token]) { variables in
                executable.withCString { path in
                    withOptionalCString(spec.workingDirectory) { directory in
                        var options = cs_spawn_options()
                        options.path = path
                        options.arguments = arguments
                        options.environment = variables
                        options.working_directory = directory
                        (options.input, options.output, options.error) = (input[0], output[1], error[1])
                        return cs_spawn(&options, &pid)
                    }
                }
            }
        }
        for theirs in [input[0], output[1], error[1]] { _ = close(theirs) }
        guard result == 0 else {
            for ours in [input[1], output[0], error[0]] { _ = close(ours) }
            return .failure(ConformanceFailure(String(cString: strerror(-result))))
        }
        return .success(HarnessChild(pid: pid, token: token, input: input[1], output: output[0], error: error[0]))
    }

    private static func environment(_ spec: ProcessSpec) -> [String] {
        var variables: [String: String] = [:]
        for name in ["PATH", "HOME", "TMPDIR", "LANG"] + spec.inherits {
            if let value = getenv(name) { variables[name] = String(cString: value) }
        }
        variables.merge(spec.environment) { _, new in new }
        return variables.map { "\($0.key)=\($0.value)" }
    }

    // MARK: - Input

    func send(_ bytes: [UInt8]) {
        if input >= 0 { unwritten += bytes }
    }

    func closeInputWhenWritten() { closesInput = true }

    private func writeWhatFits() {
        while input >= 0, !unwritten.isEmpty {
            let count = unwritten.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
            if count <= 0 {
                if errno != EAGAIN { shut(&input) }
                break
            }
            unwritten.removeFirst(count)
        }
        if closesInput, unwritten.isEmpty { shut(&input) }
    }

    // MARK: - Output

    func wait(milliseconds: Int32) -> News {
        writeWhatFits()
        var polled = [exitDescriptor, output, error].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        polled.append(pollfd(fd: unwritten.isEmpty ? -1 : input, events: Int16(POLLOUT), revents: 0))
        poll(&polled, nfds_t(polled.count), milliseconds)
        var news = News()
        var status: Int32 = 0
        let hasExited = cs_reap(pid, &status) == 1
        var hasErrorEnded = false
        var isMore = true
        while isMore {
            let (said, complained) = (take(&output, &news.hasOutputEnded), take(&error, &hasErrorEnded))
            news.output += said
            news.errors += complained
            isMore = hasExited && !(said.isEmpty && complained.isEmpty)
        }
        if hasExited { news.exitStatus = Int(status) }
        return news
    }

    /// What is there, at most 64 KiB.
    private func take(_ descriptor: inout Int32, _ hasEnded: inout Bool) -> [UInt8] {
        guard descriptor >= 0 else { return [] }
        var failed = false
        let from = descriptor
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            let got = read(from, buffer.baseAddress, buffer.count)
            failed = got < 0
            count = max(0, got)
        }
        if bytes.isEmpty, !failed {
            shut(&descriptor)
            hasEnded = true
        }
        return bytes
    }

    // MARK: - End

    func signal(_ number: Int32) { _ = cs_signal_group(pid, number) }

    /// Ends the descendants that outlived the process; how many there were.
    func endWhatIsLeft() -> Int {
        var ended: Set<pid_t> = []
        // A process that is being started has no environment for a moment: one look may miss it.
        for _ in 0..<3 {
            var pids = [pid_t](repeating: 0, count: 256)
            let count = Int(cs_find_by_environment(token, &pids, 256))
            for pid in pids.prefix(max(0, count)) where ended.insert(pid).inserted { kill(pid, SIGKILL) }
            usleep(10_000)
        }
        return ended.count
    }

    func closeAll() {
        shut(&input)
        shut(&output)
        shut(&error)
        _ = close(exitDescriptor)
    }

    private func shut(_ descriptor: inout Int32) {
        if descriptor >= 0 { _ = close(descriptor) }
        descriptor = -1
    }
}

/// The texts as a NULL-ended array of C strings.
private func withCStrings<Value>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value
) -> Value {
    let copies = texts.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    let pointers = copies.map { UnsafePointer($0) } + [nil]
    return pointers.withUnsafeBufferPointer { buffer in
        // Never empty: the NULL at its end is there.
        buffer.baseAddress.map(body) ?? withUnsafePointer(to: nil) { body($0) }
    }
}

private func withOptionalCString<Value>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Value) -> Value {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
}
