import HostCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

let table = CommandTable(
    commands: [
        RunCommand.command, PlanCommand.command, WorkLists.plans, WorkflowCommand.command, WorkLists.workflows,
        SessionsCommand.command, SessionShowCommand.command, SessionEventsCommand.command,
        SessionDeleteCommand.command, SessionSweepCommand.command,
    ] + SessionTransferCommands.commands + [
        RememberCommand.command, RecallCommand.command, MemoriesCommand.command, MemoryShowCommand.command,
        MemoryForgetCommand.command,
    ] + MemoryTransferCommands.commands + [SchemaCommand.command] + StoreUpkeep.commands + [
        DoctorCommand.command, TrustCommand.command, ServeCommand.command, WorkerCommand.command,
    ])
let words = CommandLine.arguments.dropFirst()
let invocation = Invocation(
    executable: Locations.executable(CommandLine.arguments.first ?? "agenthost"),
    environment: ChildEnvironment.current().variables)

do {
    let isPiped = words.isEmpty && isatty(0) == 0
    exit(try table.run(isPiped ? ["serve"] : Array(words), invocation).rawValue)
} catch {
    let failure = CommandLineError(error)
    if !failure.description.isEmpty { Terminal.note(failure.sentence) }
    exit(failure.exitCode.rawValue)
}
