import Databases
import Store

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

let words = CommandLine.arguments
let executable = Locations.executable(words[0])

func runCommand() throws -> Int32 {
    let rest = words.dropFirst(2)
    switch words.dropFirst().first {
    case "serve": return try ServeCommand.run(rest, executable: executable)
    case "worker": return try WorkerCommand.run(rest)
    case nil where isatty(0) == 0: return try ServeCommand.run([], executable: executable)
    case "worker" where rest.first == "database": return DatabaseWorker.main(input: 0, output: 1)
    case "--version":
        Terminal.say("agenthost \(Version.current)")
        return 0
    case let word?: throw CommandLineError("there is no command \(word)")
    case nil: throw CommandLineError("say what to do")
    }
}

do {
    exit(try runCommand())
} catch let error as CommandLineError {
    Terminal.note("\(error)")
    exit(error.exitCode)
} catch let failure as StoreFailure {
    Terminal.note("the store cannot be opened: \(failure)")
    exit(75)
} catch {
    Terminal.note("\(error)")
    exit(70)
}
