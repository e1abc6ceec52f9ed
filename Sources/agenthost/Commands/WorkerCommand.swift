import Databases

/// `agenthost worker KIND`: a process that the host starts for itself, with its work on stdin and the answer on stdout.
enum WorkerCommand {
    static let command = Command(
        "worker", "A process that the host starts for itself.", operands: "database", isHidden: true
    ) { arguments, _ in
        guard arguments.rest == ["database"] else {
            throw CommandLineError("worker is for the host's own use, with one of: database")
        }
        return DatabaseWorker.main(input: 0, output: 1) == 0 ? .completed : .failed
    }
}
