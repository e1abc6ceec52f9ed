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
        reply(call, info(try driver(params.driver)))
    }

    private func driver(_ name: String) throws(RPCError) -> any Driver {
        guard let driver = options.drivers.first(where: { $0.name == name }) else {
            let known = options.drivers.map { "\"\($0.name)\"" }.joined(separator: ", ")
            throw RPCError(
                .notFound, "there is no driver called \(name)", path: "params.driver", expected: "one of \(known)")
        }
        return driver
    }

    func info(_ driver: any Driver) -> Wire.DriverInfo {
        let probe = driver.probe()
        let can = driver.capabilities
        return Wire.DriverInfo(
            name: driver.name, isDefault: driver.name == options.defaultDriver, available: probe.isAvailable,
            version: probe.version, missing: probe.missing, advice: probe.advice,
            capabilities: Wire.DriverCapabilities(
                acceptsSessionID: can.acceptsSessionID, resumes: can.resumes, forks: can.forks,
                structuredOutput: can.structuredOutput, asksPermission: can.asksPermission,
                streamsText: can.streamsText, reportsUsage: Wire.UsageReports(rawValue: can.reportsUsage.rawValue),
                reportsCost: can.reportsCost, steers: can.steers, takesImages: can.takesImages,
                concurrentRunsSafe: can.concurrentRunsSafe, usesConnections: can.usesConnections,
                takesMemories: can.takesMemories))
    }
}
