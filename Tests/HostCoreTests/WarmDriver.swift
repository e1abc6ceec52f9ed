import AgentModel
import Driver
import DriverCLI
import Foundation
import JSON

/// A line agent whose process serves one run after the other of a driver session.
struct WarmDriver: Driver {
    let executable: String
    /// Where the agent keeps its sessions.
    let sessions: String

    let name = "warm"

    var capabilities: DriverCapabilities {
        var capabilities = DriverCapabilities()
        capabilities.acceptsSessionID = true
        capabilities.resumes = true
        capabilities.steers = true
        capabilities.reportsUsage = .cumulative
        return capabilities
    }

    func probe() -> DriverProbe { DriverProbe(isAvailable: true) }

    /// What stands in a file of the session's, in place of what an agent would have there.
    func lastPrompt(of driverSessionID: String) -> String? {
        try? String(contentsOfFile: "\(sessions)/\(driverSessionID).last", encoding: .utf8)
    }

    func makeRun(_ request: RunRequest) -> any DriverRun {
        let process = ProcessSpec(executable: executable, arguments: ["--stay", "--sessions", sessions])
        return WarmRun(
            run: LineRun(request, process: process), session: request.resumeID ?? request.offeredID ?? "",
            settings: request.session.model ?? "")
    }
}

private struct WarmRun: DriverRun {
    var run: LineRun
    var session: String
    let settings: String

    private var key: WarmKey { WarmKey(driver: "warm", driverSessionID: session, settings: settings) }

    mutating func handle(_ input: DriverInput) -> [DriverEffect] {
        run.handle(input).flatMap { effect -> [DriverEffect] in
            switch effect {
            case .spawn(var spec):
                spec.warmKey = key
                return [.spawn(spec)]
            case .finish: return [.keepWarm(key), effect]
            default: return [effect]
            }
        }
    }
}
