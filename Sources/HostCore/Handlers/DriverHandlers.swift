import Driver
import HostProtocol
import JSONRPC

extension Host {
    func listDrivers(_ params: Wire.DriverListParams, _ call: Call) {
        reply(call, Wire.DriverInfoPage(items: options.drivers.map(info)))
    }

    func getDriver(_ params: Wire.DriverGetParams, _ call: Call) throws(RPCError) {
        reply(call, info(try driver(params.driver)))
    }

    func probeDriver(_ params: Wire.DriverProbeParams, _ call: Call) throws(RPCError) {
        let driver = try driver(params.driver)
        let probe = driver.probe()
        guard let command = probe.versionCommand else { return reply(call, info(driver, probe)) }
        firstLine(of: command) { [self] line in
            var probe = probe
            probe.version = line.map(AgentVersion.of)
            reply(call, info(driver, probe))
        }
    }

    /// What a program writes first, within ten seconds; `nil` when it fails.
    private func firstLine(of command: ProcessSpec, then: @escaping (String?) -> Void) {
        guard let executable = options.environment.executable(command.executable) else { return then(nil) }
        let spec = ChildSpec(
            executable: executable, arguments: command.arguments,
            environment: options.environment.assignments(
                inheriting: command.inherits, adding: command.environment),
            token: "AGENTHOST_RUN=probe_\(clock.uuid())")
        var output: [UInt8] = []
        var isAnswered = false
        func answer(_ line: String?) {
            guard !isAnswered else { return }
            isAnswered = true
            then(line)
        }
        let child = children.spawn(spec) {
        } tell: { event in
            switch event {
            case .output(let bytes): output += bytes.prefix(max(0, Self.versionBytesMax - output.count))
            case .exited(0):
                answer(output.split(separator: UInt8(ascii: "\n")).first.map { String(decoding: $0, as: UTF8.self) })
            case .exited, .spawnFailed: answer(nil)
            case .spawned, .outputEnded, .gone: break
            }
        }
        children.closeInput(child)
        after(milliseconds: Self.versionMilliseconds) { [self] in
            guard !isAnswered else { return }
            children.kill(child)
            answer(nil)
        }
    }

    private static let versionBytesMax = 4096
    private static let versionMilliseconds: UInt64 = 10_000

    private func driver(_ name: String) throws(RPCError) -> any Driver {
        guard let driver = options.drivers.first(where: { $0.name == name }) else {
            let known = options.drivers.map { "\"\($0.name)\"" }.joined(separator: ", ")
            throw RPCError(
                .notFound, "there is no driver called \(name)", path: "params.driver", expected: "one of \(known)")
        }
        return driver
    }

    func info(_ driver: any Driver) -> Wire.DriverInfo { info(driver, driver.probe()) }

    private func info(_ driver: any Driver, _ probe: DriverProbe) -> Wire.DriverInfo {
        let can = driver.capabilities
        return Wire.DriverInfo(
            name: driver.name, isDefault: driver.name == options.defaultDriver, available: probe.isAvailable,
            version: probe.version, executable: probe.executable, signedIn: probe.isSignedIn, missing: probe.missing,
            advice: probe.advice,
            capabilities: Wire.DriverCapabilities(
                acceptsSessionID: can.acceptsSessionID, resumes: can.resumes, forks: can.forks,
                structuredOutput: can.structuredOutput, asksPermission: can.asksPermission,
                streamsText: can.streamsText, reportsUsage: Wire.UsageReports(rawValue: can.reportsUsage.rawValue),
                reportsCost: can.reportsCost, steers: can.steers, takesImages: can.takesImages,
                concurrentRunsSafe: can.concurrentRunsSafe, usesConnections: can.usesConnections,
                takesMemories: can.takesMemories, planOnly: can.plansOnly,
                checkpoints: can.checkpoints))
    }
}

/// The version in what a program says of it: `codex-cli 0.163.0`, `2.1.329 (Claude Code)`.
enum AgentVersion {
    /// The first word that begins like a number with points; the whole line if there is none.
    static func of(_ line: String) -> String {
        let words = line.split(separator: " ").map { $0.hasPrefix("v") ? $0.dropFirst() : $0 }
        let version = words.first { $0.first?.isNumber == true && $0.contains(".") }
        return version.map(String.init) ?? String(line.prefix(100))
    }
}
