import CSystem

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Ctrl-C as bytes on a descriptor, from the making of this on.
struct Interrupts {
    let descriptor: Int32

    init() {
        var pair: [Int32] = [-1, -1]
        // Whoever started us may have had it blocked.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        let isOpen = cs_pipe(&pair) == 0 && cs_forward_signal(SIGINT, pair[1]) == 0
        descriptor = isOpen ? pair[0] : -1
    }

    /// Takes one away.
    func take() {
        var byte: UInt8 = 0
        _ = read(descriptor, &byte, 1)
    }
}
