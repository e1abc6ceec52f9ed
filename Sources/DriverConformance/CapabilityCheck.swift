import AgentModel
import Driver

extension DriverCapabilities {
    /// Holds what a run that shows everything did against what is declared: no less, no more.
    func check(_ events: [DriverEvent], _ outcome: RunOutcome) throws(ConformanceFailure) {
        let usage = outcome.usage
        let shown: [(name: String, isDeclared: Bool, isShown: Bool)] = [
            ("streams_text", streamsText, events.contains { if case .textDelta = $0 { true } else { false } }),
            ("asks_permission", asksPermission, events.contains { if case .ask = $0 { true } else { false } }),
            ("structured_output", structuredOutput, outcome.structuredOutput != nil),
            ("reports_usage", reportsUsage != .none, usage != nil || events.contains(where: \.isTotal)),
            ("reports_cost", reportsCost, usage?.cost != nil),
            ("driver sessions", resumes || acceptsSessionID, outcome.driverSessionID != nil),
        ]
        for capability in shown where capability.isDeclared != capability.isShown {
            throw ConformanceFailure(
                capability.isDeclared
                    ? "\(capability.name) is declared, and the run does not show it"
                    : "\(capability.name) is not declared, and the run shows it")
        }
        if forks, !resumes { throw ConformanceFailure("what forks must resume") }
    }
}

extension DriverEvent {
    /// A count that goes on over the runs of a driver session: its host makes the run's usage of it.
    fileprivate var isTotal: Bool { if case .usageTotal = self { true } else { false } }
}
