/// Shows the host at work: `demo AGENTHOST HOME DATABASE PROMPT`. `./dev demo` calls it.
#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

let arguments = CommandLine.arguments
guard arguments.count == 5 else {
    print("usage: demo AGENTHOST HOME DATABASE PROMPT (all paths absolute); ./dev demo calls it")
    exit(64)
}
signal(SIGPIPE, SIG_IGN)
do {
    try Demo(executable: arguments[1], home: arguments[2], database: arguments[3], prompt: arguments[4]).run()
} catch {
    print("demo: \(error)")
    exit(1)
}
