/// What this program ends with: `sysexits.h` where that has a word for it.
enum ExitCode: Int32, CaseIterable {
    case completed = 0
    case failed = 1
    case notFinished = 2
    case usage = 64
    case dataError = 65
    case noInput = 66
    case driverUnavailable = 69
    case internalFault = 70
    case storeFailed = 74
    case temporary = 75
    case denied = 77
    case configuration = 78
    case hungUp = 129
    case interrupted = 130
    case terminated = 143

    var meaning: String {
        switch self {
        case .completed: "done; the task completed"
        case .failed: "the task failed, or what was asked for is not so"
        case .notFinished: "not at its end: cancelled or interrupted by someone else, or waiting for somebody"
        case .usage: "wrong arguments"
        case .dataError: "the prompt, the id or the database is not what it should be"
        case .noInput: "a file cannot be read"
        case .driverUnavailable: "the driver cannot run here"
        case .internalFault: "a fault of this program"
        case .storeFailed: "the store cannot be read or written"
        case .temporary: "busy: the same call may pass later"
        case .denied: "not allowed"
        case .configuration: "the configuration is wrong"
        case .hungUp: "ended by SIGHUP"
        case .interrupted: "ended by Ctrl-C"
        case .terminated: "ended by SIGTERM"
        }
    }
}
