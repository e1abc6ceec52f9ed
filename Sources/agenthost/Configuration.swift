import Driver
import DriverACP
import DriverCLI
import HostCore
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a configuration file says: further drivers, which one is the default, and where memories get vectors from.
struct Configuration {
    var defaultDriver: String?
    var drivers: [any Driver] = []
    var embeddings: EmbeddingConfiguration?

    init() {}

    /// Reads `{"default_driver": NAME, "drivers": [{"name", "executable", ...}], "memory": {"embeddings": {...}}}`.
    init(path: String) throws(CommandLineError) {
        guard let bytes = InputBytes.read(path: path) else {
            throw CommandLineError("cannot read \(path): \(String(cString: strerror(errno)))", .noInput)
        }
        let json: JSON
        do throws(JSONParseError) {
            json = try JSON.parse(bytes)
        } catch {
            throw CommandLineError("\(path) is not JSON: \(error)", .configuration)
        }
        guard let members = json.objectValue else {
            throw CommandLineError("\(path): expected an object", .configuration)
        }
        if let unknown = members.keys.first(where: { !["default_driver", "drivers", "memory"].contains($0) }) {
            throw CommandLineError("\(path): there is no setting \(unknown)", .configuration)
        }
        defaultDriver = json["default_driver"]?.stringValue
        for (index, driver) in (json["drivers"]?.arrayValue ?? []).enumerated() {
            do throws(ConfigurationError) {
                drivers.append(try Self.driver(driver))
            } catch {
                throw CommandLineError("\(path): drivers[\(index)].\(error)", .configuration)
            }
        }
        if let memory = json["memory"] {
            do throws(ConfigurationFault) {
                embeddings = try EmbeddingConfiguration(memory: memory)
            } catch {
                throw CommandLineError("\(path): \(error)", .configuration)
            }
        }
    }

    /// The agents that need no configuration: a driver of the same name replaces one.
    static let builtIn: [any Driver] =
        [CodexDriver(hostVersion: Version.current)]
        + ACPPresets.all.map { ACPDriver($0, hostVersion: Version.current) }

    private static func driver(_ json: JSON) throws(ConfigurationError) -> any Driver {
        switch json["kind"]?.stringValue ?? "command" {
        case "command": CommandDriver(try CommandConfiguration(json))
        case "codex": CodexDriver(try CodexConfiguration(json), hostVersion: Version.current)
        case "acp": ACPDriver(try ACPConfiguration(json), hostVersion: Version.current)
        default: throw ConfigurationError(path: "kind", message: "expected command, codex or acp")
        }
    }
}
