import Driver
import HostCore
import HostProtocol
import JSON

/// What configuration files say: further drivers, which one is the default, what agents may do unasked, how many
/// processes stay warm, and where memories get vectors from. A later file's members replace an earlier one's, drivers
/// by their names.
struct Configuration {
    private(set) var defaultDriver: String?
    private(set) var drivers: [any Driver] = []
    private(set) var embeddings: EmbeddingConfiguration?
    /// Of sessions that say nothing about permissions.
    private(set) var permissions: JSONObject?
    /// By driver: dangerous modes of its agent's own that sessions may ask for.
    private(set) var driverModes: [String: Set<String>] = [:]
    private(set) var warm = Warm()
    /// How long sessions are kept that nobody uses; `nil`: for good.
    private(set) var sessionsKeptDays: Int?

    struct Warm {
        var processes: Int?
        var idleSeconds: Int?
    }

    /// Whose file it is: a project's may not loosen what agents may do.
    enum Owner { case user, project }

    private static let members: Set<String> = [
        "default_driver", "driver_modes", "drivers", "memory", "permissions", "sessions", "warm",
    ]

    init() {}

    /// Takes in `{"default_driver"?, "driver_modes"?: {DRIVER: [MODE]}, "drivers"?: [{"name", "kind"?, ...}],
    /// "memory"?: {"embeddings"}, "permissions"?, "sessions"?: {"keep_days"}, "warm"?: {"processes"?, "idle_s"?}}`.
    mutating func apply(_ file: ConfigurationFile, of owner: Owner) throws(CommandLineError) {
        guard let members = file.json.objectValue else { throw file.fault("", "expected an object") }
        if let unknown = members.keys.first(where: { !Self.members.contains($0) }) {
            let near = NearestWord.to(unknown, among: Array(Self.members)).map { "; did you mean \($0)?" } ?? ""
            throw file.fault(unknown, "there is no such setting\(near)")
        }
        if let name = members["default_driver"] {
            guard let name = name.stringValue else { throw file.fault("default_driver", "expected a text") }
            defaultDriver = name
        }
        if let list = members["drivers"] { try applyDrivers(list, file, owner) }
        if let modes = members["driver_modes"] { try applyModes(modes, file, owner) }
        if let memory = members["memory"] {
            do throws(ConfigurationError) {
                embeddings = try EmbeddingConfiguration(memory: memory)
            } catch {
                throw file.fault(error.path, error.message)
            }
        }
        if let policy = members["permissions"] { try applyPermissions(policy, file, owner) }
        if let warm = members["warm"] { try applyWarm(warm, file) }
        if let sessions = members["sessions"] { try applySessions(sessions, file, owner) }
    }

    private mutating func applySessions(
        _ settings: JSON, _ file: ConfigurationFile, _ owner: Owner
    ) throws(CommandLineError) {
        guard owner == .user else {
            throw file.fault("sessions", "a project cannot set it: put it into your own configuration")
        }
        guard let object = settings.objectValue else { throw file.fault("sessions", "expected an object") }
        for member in object {
            guard member.key == "keep_days" else {
                throw file.fault("sessions.\(member.key)", "there is no such setting; did you mean keep_days?")
            }
            guard let days = member.value.intValue, (1...36_500).contains(days) else {
                throw file.fault("sessions.keep_days", "expected a whole number from 1 to 36500")
            }
            sessionsKeptDays = Int(days)
        }
    }

    private mutating func applyDrivers(
        _ list: JSON, _ file: ConfigurationFile, _ owner: Owner
    ) throws(CommandLineError) {
        guard let entries = list.arrayValue else { throw file.fault("drivers", "expected a list") }
        var names: Set<String> = []
        for (index, entry) in entries.enumerated() {
            if owner == .project, entry["mode"] != nil { throw file.fault("drivers[\(index)].mode", Self.notAProjects) }
            let driver: any Driver
            do throws(ConfigurationError) {
                driver = try DriverKinds.driver(entry)
            } catch {
                throw file.fault("drivers[\(index)].\(error.path)", error.message)
            }
            guard names.insert(driver.name).inserted else {
                throw file.fault("drivers[\(index)].name", "there are two drivers called \(driver.name)")
            }
            drivers.removeAll { $0.name == driver.name }
            drivers.append(driver)
        }
    }

    private mutating func applyPermissions(
        _ policy: JSON, _ file: ConfigurationFile, _ owner: Owner
    ) throws(CommandLineError) {
        guard let object = policy.objectValue else { throw file.fault("permissions", "expected an object") }
        if owner == .project, object["driver_mode"] != nil {
            throw file.fault("permissions.driver_mode", Self.notAProjects)
        }
        var warnings: [String] = []
        do throws(InvalidParams) {
            warnings = try Wire.PermissionPolicy.checked(policy, root: "permissions").warnings
        } catch {
            throw file.fault(error.path, "expected \(error.expected)")
        }
        if let warning = warnings.first { throw file.fault("permissions", warning) }
        permissions = object
    }

    private static let notAProjects = "a project cannot set it: put it into your own configuration or the session"

    private mutating func applyModes(
        _ modes: JSON, _ file: ConfigurationFile, _ owner: Owner
    ) throws(CommandLineError) {
        guard owner == .user else {
            throw file.fault("driver_modes", "a project cannot set it: put it into your own configuration")
        }
        guard let object = modes.objectValue else { throw file.fault("driver_modes", "expected an object") }
        for member in object {
            let names = member.value.arrayValue?.compactMap(\.stringValue)
            guard let names, names.count == member.value.arrayValue?.count else {
                throw file.fault("driver_modes.\(member.key)", "expected a list of texts")
            }
            driverModes[member.key] = Set(names)
        }
    }

    private mutating func applyWarm(_ settings: JSON, _ file: ConfigurationFile) throws(CommandLineError) {
        guard let object = settings.objectValue else { throw file.fault("warm", "expected an object") }
        for member in object {
            guard let number = member.value.intValue, (0...86_400).contains(number) else {
                throw file.fault("warm.\(member.key)", "expected a whole number from 0 to 86400")
            }
            switch member.key {
            case "processes": warm.processes = Int(number)
            case "idle_s": warm.idleSeconds = Int(number)
            default: throw file.fault("warm.\(member.key)", "there is no such setting")
            }
        }
    }
}
