import Databases
import DriverAnalyst

/// `agenthost worker KIND`: a process that the host starts for itself, with its work on stdin and the answer on stdout.
enum WorkerCommand {
    static let command = Command(
        "worker", "A process that the host starts for itself.", operands: "database | analyst [REFUSED...]",
        isHidden: true
    ) { arguments, _ in
        let code: Int32 =
            switch arguments.rest.first {
            case "database": DatabaseWorker.main(input: 0, output: 1)
            case "analyst": AnalystWorker.main(refusing: Array(arguments.rest.dropFirst()))
            default: throw CommandLineError("worker is for the host's own use, with one of: database, analyst")
            }
        return code == 0 ? .completed : .failed
    }
}
