import Databases

/// `agenthost worker KIND`: a process that the host starts for itself, with its work on stdin and the answer on stdout.
enum WorkerCommand {
    static func run(_ words: ArraySlice<String>) throws(CommandLineError) -> Int32 {
        guard words.count == 1, words.first == "database" else {
            throw CommandLineError("worker is for the host's own use, with one of: database")
        }
        return DatabaseWorker.main(input: 0, output: 1)
    }
}
