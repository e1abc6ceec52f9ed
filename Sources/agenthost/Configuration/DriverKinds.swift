import Driver
import DriverACP
import DriverCLI
import JSON

/// The kinds of driver that a configuration may name, and those that are there without one.
enum DriverKinds {
    private static let names = ["command", "claude", "codex", "acp"]

    /// The analyst, the agents that need no configuration, and what the configuration adds or replaces.
    static func all(_ analyst: any Driver, _ configured: [any Driver]) -> [any Driver] {
        let names = Set(configured.map(\.name))
        return ([analyst] + known).filter { !names.contains($0.name) } + configured
    }

    private static let known: [any Driver] =
        [ClaudeDriver(), CodexDriver(hostVersion: Version.current)]
        + ACPPresets.all.map { ACPDriver($0, hostVersion: Version.current) }

    /// Reads `{"name", "kind"?, ...}`; the kind is `command` unless it says otherwise.
    static func driver(_ entry: JSON) throws(ConfigurationError) -> any Driver {
        let kind = entry["kind"] ?? "command"
        return switch kind {
        case "command": CommandDriver(try CommandConfiguration(entry))
        case "claude": ClaudeDriver(try ClaudeConfiguration(entry))
        case "codex": CodexDriver(try CodexConfiguration(entry), hostVersion: Version.current)
        case "acp": ACPDriver(try ACPConfiguration(entry), hostVersion: Version.current)
        default:
            throw ConfigurationError(path: "kind", message: "expected one of \(names.joined(separator: ", "))")
        }
    }
}
