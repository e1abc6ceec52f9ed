import AgentModel
import CSystem
import Driver
import HostCore
import Store
import StoreSQLite

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// `agenthost serve`: the protocol on stdin and stdout.
enum ServeCommand {
    static let flags: Set<String> = ["--quiet"]
    static let valued: Set<String> = [
        "--store", "--config", "--on-eof", "--on-disconnect", "--default-driver", "--stall-timeout-ms",
        "--line-bytes-max", "--requests-max", "--output-bytes-max", "--queued-tasks-max", "--runs-max",
    ]

    static func run(_ words: ArraySlice<String>, executable: String) throws -> Int32 {
        let arguments = try Arguments(words, flags: flags, valued: valued)
        guard arguments.rest.isEmpty else { throw CommandLineError("serve takes no \(arguments.rest[0])") }
        let environment = ChildEnvironment.current()
        let locations = try Locations(store: arguments["--store"], environment: environment.variables)
        try locations.prepare()
        let host = try Host(try options(arguments, locations, environment, executable)) { sink in
            try open(locations, sink)
        }
        return host.run()
    }

    private static func options(
        _ arguments: Arguments, _ locations: Locations, _ environment: ChildEnvironment, _ executable: String
    ) throws(CommandLineError) -> HostOptions {
        let configuration = try arguments["--config"].map(Configuration.init(path:)) ?? Configuration()
        var options = HostOptions(
            version: Version.current, resultsRoot: locations.results, trashRoot: locations.trash,
            worker: [executable, "worker"], environment: environment)
        options.workingDirectory = locations.workingDirectory
        options.drivers = configuration.drivers
        options.defaultDriver = arguments["--default-driver"] ?? configuration.defaultDriver ?? options.defaultDriver
        guard options.drivers.isEmpty || options.drivers.contains(where: { $0.name == options.defaultDriver }) else {
            throw CommandLineError("there is no driver called \(options.defaultDriver)", exitCode: 78)
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
