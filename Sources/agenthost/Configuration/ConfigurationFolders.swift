#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where configuration is looked for.
struct ConfigurationFolders {
    /// This user's folder; `nil` without a home.
    let user: String?
    /// The project's own file, in the working folder or the nearest one above it, the home folder excepted.
    let project: String?

    var userFile: String? { user.map { $0 + "/config.json" } }
    /// Which projects' files this user has looked at and trusts.
    var trustFile: String? { user.map { $0 + "/trusted.json" } }

    init(environment: [String: String], workingDirectory: String) {
        let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        user = Self.userFolder(environment, home)
        project = Self.projectFile(above: workingDirectory, home: home)
    }

    private static func userFolder(_ environment: [String: String], _ home: String?) -> String? {
        if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") { return folder + "/agenthost" }
        #if os(macOS)
            return home.map { $0 + "/Library/Application Support/agenthost" }
        #else
            return home.map { $0 + "/.config/agenthost" }
        #endif
    }

    private static func projectFile(above folder: String, home: String?) -> String? {
        var folder = folder
        while folder.hasPrefix("/"), folder != "/", folder != home {
            let candidate = folder + "/.agenthost/config.json"
            if access(candidate, F_OK) == 0 { return candidate }
            folder = String(folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)])
        }
        return nil
    }
}
