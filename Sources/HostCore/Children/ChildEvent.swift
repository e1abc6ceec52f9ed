/// Names a child process for as long as the host lives; pids come back, these do not.
struct ChildID: Hashable, Sendable {
    let number: UInt64
}

/// What a child process did.
enum ChildEvent {
    case spawned
    case spawnFailed(String)
    case output([UInt8])
    case outputEnded
    /// Exit code, or the number of the signal negated.
    case exited(Int)
    /// The process has ended and nothing that descends from it is left.
    case gone
}

/// A program to start, resolved: absolute path, whole environment.
struct ChildSpec: Sendable {
    var executable: String
    var arguments: [String]
    /// `NAME=VALUE`
    var environment: [String]
    var workingDirectory: String?
    var memoryBytesMax: UInt64 = 0
    var processorSecondsMax: UInt64 = 0
    var fileBytesMax: UInt64 = 0
    /// What it writes on stderr comes as output, in the order in which it wrote both.
    var joinsErrorToOutput = false
    /// `AGENTHOST_RUN=<run_id>`: what finds the child's descendants wherever they went.
    var token: String
}
