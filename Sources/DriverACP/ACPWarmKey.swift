import AgentModel
import Driver
import JSON

extension ACPRun {
    /// What a process has to have been started and set up with to serve this run: whoever would have done the same has
    /// the same key. `nil` for a run that has to know what only a new process tells: whether images are taken.
    func warmKey(_ sessionID: String) -> WarmKey? {
        let hasImages = request.task.input.contains { $0["type"] == "image" && $0["data"] != nil }
        guard request.task.persistence == .resume, !hasImages else { return nil }
        let environment = configuration.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let settings: [JSON] = [
            .string(configuration.executable), .array(configuration.arguments.map(JSON.string)),
            .array(environment.map(JSON.string)), .array(configuration.inherits.map(JSON.string)),
            .array(configuration.mcpServers), .string(folder), .bool(request.session.workingDirectory != nil),
            .bool(request.task.planOnly),
            .string(request.session.permissions["driver_mode"]?.stringValue ?? configuration.mode ?? ""),
            .string(request.session.model ?? configuration.model ?? ""),
        ]
        return WarmKey(
            driver: configuration.name, driverSessionID: sessionID,
            settings: String(decoding: JSON.array(settings).encoded(), as: UTF8.self))
    }
}
