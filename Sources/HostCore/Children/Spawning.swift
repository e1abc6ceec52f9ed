import CSystem

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A process that was started, with the descriptors to it.
struct SpawnedChild: Sendable {
    var pid: pid_t
    /// Readable when it has ended.
    var exitDescriptor: Int32
    /// Ours: written, read, read; none blocks.
    var input: Int32
    var output: Int32
    var error: Int32
}

/// What processes are started by, and ended. `spawn` and `hunt` block: they are called on a worker.
protocol ProcessSystem: Sendable {
    func spawn(_ spec: ChildSpec) -> Result<SpawnedChild, SystemError>
    /// To its whole group.
    func signal(_ pid: pid_t, _ number: Int32)
    /// How a process has ended, as an exit code or a signal's number negated; `nil` while it runs.
    func reap(_ pid: pid_t) -> Int?
    func descendants(of pid: pid_t) -> [pid_t]
    /// Kills whatever descends from the process or carries the token, until a look finds nothing, or for half a second.
    /// Returns how many are left: a process that was killed may take its time to go, while the kernel waits for a disk
    /// or a network for it.
    func hunt(token: String, descendants: [pid_t]) -> Int
}

/// The system's own processes.
struct ChildProcesses: ProcessSystem {
    func spawn(_ spec: ChildSpec) -> Result<SpawnedChild, SystemError> {
        var opened: [Int32] = []
        func fail(_ action: String, _ code: Int32) -> Result<SpawnedChild, SystemError> {
            for descriptor in opened { close(descriptor) }
            return .failure(SystemError(action, code))
        }
        var pipes: [(read: Int32, write: Int32)] = []
        for _ in 0..<3 {
            var pair: [Int32] = [-1, -1]
            let result = cs_pipe(&pair)
            guard result == 0 else { return fail("open a pipe", result) }
            opened += pair
            pipes.append((pair[0], pair[1]))
        }
        var pid: pid_t = 0
        let error = spec.joinsErrorToOutput ? pipes[1].write : pipes[2].write
        let result = start(spec, input: pipes[0].read, output: pipes[1].write, error: error, &pid)
        guard result == 0 else { return fail("start \(spec.executable)", result) }
        for theirs in [pipes[0].read, pipes[1].write, pipes[2].write] { close(theirs) }
        let ours = [pipes[0].write, pipes[1].read, pipes[2].read]
        for descriptor in ours { _ = cs_set_nonblocking(descriptor, true) }
        let exitDescriptor = cs_exit_descriptor(pid)
        guard exitDescriptor >= 0 else {
            _ = cs_signal_group(pid, SIGKILL)
            opened = ours
            return fail("watch a process", exitDescriptor)
        }
        return .success(
            SpawnedChild(
                pid: pid, exitDescriptor: exitDescriptor, input: ours[0], output: ours[1], error: ours[2]))
    }

    private func start(
        _ spec: ChildSpec, input: Int32, output: Int32, error: Int32, _ pid: inout pid_t
    ) -> Int32 {
        withCStrings([spec.executable] + spec.arguments) { arguments in
            withCStrings(spec.environment + [spec.token]) { environment in
                spec.executable.withCString { path in
                    withOptionalCString(spec.workingDirectory) { folder in
                        var options = cs_spawn_options()
                        options.path = path
                        options.arguments = arguments
                        options.environment = environment
                        options.working_directory = folder
                        options.input = input
                        options.output = output
                        options.error = error
                        options.dies_with_parent = true
                        options.memory_bytes_max = spec.memoryBytesMax
                        options.cpu_seconds_max = spec.processorSecondsMax
                        options.file_bytes_max = spec.fileBytesMax
                        return cs_spawn(&options, &pid)
                    }
                }
            }
        }
    }

    func signal(_ pid: pid_t, _ number: Int32) { _ = cs_signal_group(pid, number) }

    func reap(_ pid: pid_t) -> Int? {
        var status: Int32 = 0
        return cs_reap(pid, &status) == 0 ? nil : Int(status)
    }

    func hunt(token: String, descendants: [pid_t]) -> Int {
        for pid in descendants { _ = kill(pid, SIGKILL) }
        var found = [pid_t](repeating: 0, count: 256)
        var left = 0
        for attempt in 0..<20 {
            left = Int(cs_find_by_environment(token, &found, Int32(found.count)))
            guard left != 0, !Self.areOutOfSight(left) else { return 0 }
            for pid in found[..<min(max(0, left), found.count)] { _ = kill(pid, SIGKILL) }
            usleep(useconds_t(500 << min(attempt, 6)))
        }
        return abs(left)
    }

    /// Whether a look has failed as every look would: where processes cannot be seen, none is found. One that failed
    /// for want of descriptors or memory has found out nothing.
    private static func areOutOfSight(_ result: Int) -> Bool {
        [ENOENT, EACCES, EPERM].contains(Int32(clamping: -result))
    }

    func descendants(of pid: pid_t) -> [pid_t] {
        var found = [pid_t](repeating: 0, count: 1024)
        let count = Int(cs_descendants(pid, &found, Int32(found.count)))
        return Array(found[..<max(0, min(count, found.count))])
    }
}

/// Lends a NULL-ended array of C strings.
func withCStrings<R>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R) -> R {
    let array = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() { array[index] = UnsafePointer(strdup(string)) }
    array[strings.count] = nil
    defer {
        for index in strings.indices { free(UnsafeMutablePointer(mutating: array[index])) }
        array.deallocate()
    }
    return body(array)
}

private func withOptionalCString<R>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> R) -> R {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
}
