import HostProtocol
import JSON

/// `agenthost doctor`: what can run here, what is missing, and what to do about it.
enum DoctorCommand {
    static let command = Command(
        "doctor", "Say which agents can run here, and what the others need.", operands: "[FLAGS]",
        about: """
            Looks at the configuration, the store and each driver: whether its program is installed, which version it \
            is and whether it is signed in. Runs each program only to ask for its version. Exits with 1 when the \
            default driver cannot run.
            """,
        flags: [.json, .store, .config], examples: ["agenthost doctor", "agenthost doctor --json"], run: run)

    private static func run(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        try arguments.none()
        let locations = try Locations(store: arguments["--store"], environment: invocation.environment)
        let loaded = try LoadedConfiguration(
            named: arguments["--config"], environment: invocation.environment,
            workingDirectory: locations.workingDirectory)
        let client = try HostClient(arguments, invocation, quiet: true)
        let drivers = try client.call(Wire.DriverListParams()).items.map { driver in
            try client.call(Wire.DriverProbeParams(driver: driver.name))
        }
        try client.finish()
        if arguments.has("--json") {
            Terminal.standardOutput.say(json(locations, loaded, drivers).description)
        } else {
            show(locations, loaded, drivers, on: .standardOutput)
        }
        return drivers.contains { $0.isDefault && $0.available } ? .completed : .failed
    }

    private static func json(
        _ locations: Locations, _ loaded: LoadedConfiguration, _ drivers: [Wire.DriverInfo]
    ) -> JSON {
        [
            "version": .string(Version.current), "store": .string(locations.store),
            "configuration": .array(
                loaded.sources.map { ["path": .string($0.path), "standing": .string($0.standing.rawValue)] }),
            "drivers": .array(drivers.map(\.json)),
        ]
    }

    private static func show(
        _ locations: Locations, _ loaded: LoadedConfiguration, _ drivers: [Wire.DriverInfo], on terminal: Terminal
    ) {
        terminal.say("agenthost \(Version.current)", .bold)
        terminal.say("Store: \(locations.store)")
        for source in loaded.sources {
            switch source.standing {
            case .used: terminal.say("Configuration: \(source.path)")
            case .absent: terminal.say("Configuration: none (\(source.path))")
            case .untrusted:
                terminal.say("Configuration: \(source.path) is not trusted and not used. Run: agenthost trust", .yellow)
            }
        }
        terminal.say("")
        var table = TextTable(["driver", "", "version", ""])
        for driver in drivers {
            table.add([
                TextTable.Cell(driver.name + (driver.isDefault ? " (default)" : ""), .bold), standing(driver),
                TextTable.Cell(driver.version ?? ""), TextTable.Cell(driver.executable ?? "", .dim),
            ])
        }
        table.print(on: terminal)
        let advice = drivers.filter { $0.advice != nil && (!$0.available || $0.signedIn == false) }
        guard !advice.isEmpty else { return }
        terminal.say("")
        for driver in advice {
            let text = [driver.missing, driver.advice].compactMap { $0 }.joined(separator: " ")
            let columns = min(terminal.columns ?? 100, 100) - 2
            let lines = TextLayout.wrap("\(driver.name): \(text)", columns: columns).split(separator: "\n")
            for (index, line) in lines.enumerated() { terminal.say((index == 0 ? "• " : "  ") + line) }
        }
    }

    private static func standing(_ driver: Wire.DriverInfo) -> TextTable.Cell {
        switch (driver.available, driver.signedIn) {
        case (false, _): TextTable.Cell("not here", .dim)
        case (true, false): TextTable.Cell("not signed in", .yellow)
        case (true, true): TextTable.Cell("ready, signed in", .green)
        case (true, nil): TextTable.Cell("ready", .green)
        }
    }
}
