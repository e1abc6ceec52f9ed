import JSON

#if canImport(Glibc)
    @preconcurrency import Glibc
#elseif canImport(Darwin)
    @preconcurrency import Darwin
#endif

/// A process that the agent leaves behind, as agents' tools do: it sleeps, and keeps the agent's descriptors open.
enum Grandchild {
    static let flag = "--grandchild"

    /// POSIX_SPAWN_SETSID, which the C library hides from strict POSIX.
    #if canImport(Glibc)
        private static let ownSession: Int16 = 0x80
    #else
        private static let ownSession: Int16 = 0x400
    #endif

    /// Starts one, in the state that the step asks for from its first moment on; its pid.
    static func start(_ step: JSON) -> pid_t {
        let ignoresTermination = step["ignore_sigterm"]?.boolValue ?? false
        let before = ignoresTermination ? signal(SIGTERM, SIG_IGN) : nil
        defer { if ignoresTermination { signal(SIGTERM, before) } }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        if step["setsid"]?.boolValue == true { posix_spawnattr_setflags(&attributes, ownSession) }

        let program = CommandLine.arguments[0]
        let seconds = String(step["seconds"]?.intValue ?? 600)
        let words: [UnsafeMutablePointer<CChar>?] = [strdup(program), strdup(flag), strdup(seconds), nil]
        defer { words.forEach { free($0) } }
        var pid: pid_t = 0
        guard posix_spawnp(&pid, program, nil, &attributes, words, environ) == 0 else {
            fail(64, "cannot start a grandchild")
        }
        return pid
    }
}
