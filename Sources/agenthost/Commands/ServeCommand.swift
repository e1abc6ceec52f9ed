import AgentModel
import CSystem
import Driver
import DriverAnalyst
import HostCore
import JSON
import Store
import StoreSQLite

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// `agenthost serve`: the protocol on stdin and stdout.
enum ServeCommand {
    static let command = Command(
        "serve", "Speak the protocol on stdin and stdout.", operands: "[FLAGS]",
        about: """
            One JSON-RPC 2.0 message per line in and out, notes on stderr; agenthost schema prints the protocol. The \
            end of the input means that no more requests come: what was received is finished first.
            """,
        flags: [
            .store, .config,
            Flag(
                "--default-driver", "NAME", "The agent of sessions that name none.",
                standard: "the configuration's, else analyst"),
            Flag("--on-eof", "WHAT", "Running tasks at the end of the input: finish or cancel.", standard: "finish"),
            Flag(
                "--on-disconnect", "WHAT", "Running tasks when the client reads no more: interrupt or finish.",
                standard: "interrupt"),
            Flag("--stall-timeout-ms", "N", "How long an agent may say nothing.", standard: "600000"),
            Flag("--runs-max", "N", "Agents at a time; further tasks wait.", standard: "64"),
            Flag("--queued-tasks-max", "N", "Tasks that wait in one session.", standard: "1000"),
            Flag("--requests-max", "N", "Requests received and not answered.", standard: "1024"),
            Flag("--line-bytes-max", "N", "A line in.", standard: "16777216"),
            Flag(
                "--output-bytes-max", "N", "Output that the client has not read; then agents wait.",
                standard: "33554432"),
            Flag("--quiet", "Say nothing on stderr but errors."),
        ],
        examples: [
            "echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"host.status\"}' | agenthost serve",
            "agenthost serve --on-eof cancel --store ./state < requests.jsonl",
        ], run: run)

    private static func run(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        try arguments.none()
        let environment = ChildEnvironment.current()
        let locations = try Locations(store: arguments["--store"], environment: environment.variables)
        try locations.prepare()
        let options = try options(arguments, locations, environment, invocation.executable)
        let host = try Host(options) { sink in try open(locations, sink) }
        return ExitCode(rawValue: host.run()) ?? .internalFault
    }

    private static func options(
        _ arguments: Arguments, _ locations: Locations, _ environment: ChildEnvironment, _ executable: String
    ) throws(CommandLineError) -> HostOptions {
        let loaded = try LoadedConfiguration(
            named: arguments["--config"], environment: environment.variables,
            workingDirectory: locations.workingDirectory)
        if let advice = loaded.advice, !arguments.has("--quiet") { Terminal.note(advice) }
        let configuration = loaded.configuration
        var options = HostOptions(
            version: Version.current, resultsRoot: locations.results, trashRoot: locations.trash,
            worker: [executable, "worker"], environment: environment)
        options.workingDirectory = locations.workingDirectory
        let analyst = AnalystDriver(executable: executable, refusing: [locations.database])
        options.drivers = DriverKinds.all(analyst, configuration.drivers)
        options.driverModes = configuration.driverModes
        options.permissions = configuration.permissions ?? [:]
        options.warmProcessesMax = configuration.warm.processes ?? options.warmProcessesMax
        if let seconds = configuration.warm.idleSeconds { options.warmIdleMilliseconds = seconds * 1000 }
        options.defaultDriver = arguments["--default-driver"] ?? configuration.defaultDriver ?? options.defaultDriver
        options.embeddings = configuration.embeddings
        options.sessionsKeptSeconds = configuration.sessionsKeptDays.map { $0 * 86_400 }
        guard options.drivers.contains(where: { $0.name == options.defaultDriver }) else {
            throw CommandLineError("there is no driver called \(options.defaultDriver)", .configuration)
        }
        options.atEndOfInput = try arguments.word("--on-eof", HostOptions.AtEndOfInput.self) ?? options.atEndOfInput
        options.atDisconnect =
            try arguments.word("--on-disconnect", HostOptions.AtDisconnect.self) ?? options.atDisconnect
        options.stallMilliseconds =
            try arguments.number("--stall-timeout-ms", 1...86_400_000) ?? options.stallMilliseconds
        options.lineBytesMax = try arguments.number("--line-bytes-max", 1024...1 << 30) ?? options.lineBytesMax
        options.requestsMax = try arguments.number("--requests-max", 1...1 << 20) ?? options.requestsMax
        options.outputBytesMax = try arguments.number("--output-bytes-max", 4096...1 << 30) ?? options.outputBytesMax
        options.queuedTasksMax = try arguments.number("--queued-tasks-max", 1...1 << 20) ?? options.queuedTasksMax
        options.runsMax = try arguments.number("--runs-max", 1...4096) ?? options.runsMax
        if !arguments.has("--quiet") { options.log = { Terminal.note($0) } }
        return options
    }

    private static func open(
        _ locations: Locations, _ sink: @escaping @Sendable (StoreEvent) -> Void
    ) throws(StoreFailure) -> SQLiteStore {
        try SQLiteStore.open(
            StoreOptions(
                folder: locations.store, hostID: HostIdentity.make(), pid: Int(getpid()),
                startedAt: Timestamp(milliseconds: cs_wall_ms()), sink: sink))
    }
}

/// The identity of this life of this process.
enum HostIdentity {
    static func make() -> HostID {
        var random: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &random) { cs_random($0.baseAddress, $0.count) }
        return HostID(UUID128(milliseconds: cs_wall_ms(), randomA: random.0, randomB: random.1))
    }
}
