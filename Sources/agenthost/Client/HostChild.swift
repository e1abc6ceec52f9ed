import CSystem

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An `agenthost serve` of our own, in a session of its own: Ctrl-C reaches us and not it. Its stderr is ours.
struct HostChild {
    let pid: pid_t
    let input: Int32
    let output: Int32

    init(_ arguments: [String], environment: [String: String]) throws(CommandLineError) {
        var toHost: [Int32] = [-1, -1]
        var fromHost: [Int32] = [-1, -1]
        guard cs_pipe(&toHost) == 0, cs_pipe(&fromHost) == 0 else {
            throw CommandLineError("no pipe: \(String(cString: strerror(errno)))", .temporary)
        }
        cs_ignore_sigpipe()
        let started = Self.spawn(
            arguments, environment.map { "\($0.key)=\($0.value)" }, input: toHost[0], output: fromHost[1])
        close(toHost[0])
        close(fromHost[1])
        guard case .success(let pid) = started else {
            throw CommandLineError("cannot start \(arguments[0])", .internalFault)
        }
        self.pid = pid
        input = toHost[1]
        output = fromHost[0]
    }

    private struct SpawnFailure: Error {}

    private static func spawn(
        _ arguments: [String], _ environment: [String], input: Int32, output: Int32
    ) -> Result<pid_t, SpawnFailure> {
        let allocated = (arguments + environment).map { strdup($0) }
        defer { allocated.forEach { free($0) } }
        let pointers = allocated.map { UnsafePointer($0) }
        let argv = Array(pointers.prefix(arguments.count)) + [nil]
        let envp = Array(pointers.dropFirst(arguments.count)) + [nil]
        var pid: pid_t = 0
        let status = argv.withUnsafeBufferPointer { argv in
            envp.withUnsafeBufferPointer { envp in
                var options = cs_spawn_options()
                options.path = pointers[0]
                options.arguments = argv.baseAddress
                options.environment = envp.baseAddress
                options.input = input
                options.output = output
                options.error = 2
                return cs_spawn(&options, &pid)
            }
        }
        return status == 0 ? .success(pid) : .failure(SpawnFailure())
    }

    /// Writes all of it. Returns whether the host still reads.
    func write(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                let count = systemWrite(input, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                written += count
            }
            return true
        }
    }

    /// Waits for its end. Returns its exit code, or the negated number of the signal that ended it.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
    }
}
