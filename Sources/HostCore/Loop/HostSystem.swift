/// What a host needs of the system around it. Others can stand in for each, so that a host's life can be repeated.
struct HostSystem: Sendable {
    var clock = HostClock()
    var processes: any ProcessSystem = ChildProcesses()
    /// Makes the threads that blocking work is done on.
    var makeWorker: @Sendable () -> any Worker = { WorkThread() }
    /// Whether signals to this process end the host.
    var hearsSignals = true
}

/// Does blocking work elsewhere than on the loop, in the order in which it is given.
protocol Worker: Sendable {
    func run(_ work: @escaping @Sendable () -> Void)
}
