import AgentModel
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What an imported session acts with from now on. A file comes from anywhere: what it says of that counts only where
/// the importer has said so, and its consent never.
struct ImportedSettings: Sendable {
    let areOfFile: Bool
    /// These three are what the importer named, and count in any case.
    let driver: String?
    let model: String?
    /// Absolute.
    let workingDirectory: String?
    /// Of a new session.
    let defaultDriver: String
    /// Those that are configured.
    let drivers: Set<String>
    let permissions: JSONObject

    /// - Parameter written: as the file has it.
    func applied(to written: AgentSession, resultsRoot: String) -> AgentSession {
        var session = written
        session.permissions = permissions
        if !areOfFile {
            let new = AgentSession(
                id: written.id, driver: defaultDriver, resultsDirectory: "\(resultsRoot)/none/\(written.id)",
                at: written.createdAt)
            session.driver = new.driver
            session.model = new.model
            session.workingDirectory = new.workingDirectory
            session.connectionID = new.connectionID
            session.projectID = new.projectID
            session.planID = new.planID
            session.learning = new.learning
            session.resultsDirectory = new.resultsDirectory
            session.mode = min(written.mode, new.mode)
            session.recursionLimit = min(written.recursionLimit, new.recursionLimit)
        }
        session.driver = driver ?? session.driver
        session.model = model ?? session.model
        session.workingDirectory = workingDirectory ?? session.workingDirectory
        return session
    }

    /// What its next task will lack. Blocks: for the file thread.
    func warnings(of session: AgentSession) -> [String] {
        var warnings: [String] = []
        if !drivers.contains(session.driver) { warnings.append("the driver \(session.driver) is not configured here") }
        if let folder = session.workingDirectory, !Self.isFolder(folder) {
            warnings.append("the folder \(folder) is not here")
        }
        return warnings
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The fields that are otherwise than the file has them.
    static func differences(of session: AgentSession, from written: AgentSession) -> [String] {
        let fields = [
            ("driver", session.driver == written.driver), ("model", session.model == written.model),
            ("working_dir", session.workingDirectory == written.workingDirectory),
            ("mode", session.mode == written.mode),
            ("recursion_limit", session.recursionLimit == written.recursionLimit),
            // One that has not learned loses nothing.
            ("learning", session.learning == written.learning || written.learning["enabled"]?.boolValue != true),
            ("project_id", session.projectID == written.projectID),
            ("db_connection_id", session.connectionID == written.connectionID),
            ("plan_id", session.planID == written.planID),
        ]
        return fields.filter { !$0.1 }.map(\.0)
    }
}
