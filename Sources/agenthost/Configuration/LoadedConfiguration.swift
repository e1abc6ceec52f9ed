/// The configuration that counts here, and what became of each file.
struct LoadedConfiguration {
    enum Standing: String {
        case used
        /// There is none.
        case absent
        /// A project's that this user has not looked at, or that has changed since.
        case untrusted
    }

    struct Source {
        var path: String
        var owner: Configuration.Owner
        var standing: Standing
    }

    private(set) var configuration = Configuration()
    private(set) var sources: [Source] = []

    /// - Parameter named: a file that takes the place of the user's.
    init(named: String?, environment: [String: String], workingDirectory: String) throws(CommandLineError) {
        let folders = ConfigurationFolders(environment: environment, workingDirectory: workingDirectory)
        if let named {
            try use(ConfigurationFile(path: named), of: .user)
        } else if let path = folders.userFile {
            if InputBytes.exists(path) {
                try use(ConfigurationFile(path: path), of: .user)
            } else {
                sources.append(Source(path: path, owner: .user, standing: .absent))
            }
        }
        guard let path = folders.project else { return }
        let file = try Self.projectFile(path)
        if let file, let trust = folders.trustFile, TrustedFiles(path: trust).trusts(file) {
            try use(file, of: .project)
        } else {
            sources.append(Source(path: path, owner: .project, standing: .untrusted))
        }
    }

    /// What to tell a person who starts a host here.
    var advice: String? {
        sources.first { $0.standing == .untrusted }.map {
            "\($0.path) is not trusted and not used; look at it, then run: agenthost trust"
        }
    }

    private mutating func use(_ file: ConfigurationFile, of owner: Configuration.Owner) throws(CommandLineError) {
        try configuration.apply(file, of: owner)
        sources.append(Source(path: file.path, owner: owner, standing: .used))
    }

    /// A stranger's file that is not even JSON stops nobody: it is not trusted.
    private static func projectFile(_ path: String) throws(CommandLineError) -> ConfigurationFile? {
        guard let bytes = InputBytes.read(path: path) else { return nil }
        return try? ConfigurationFile(path: path, bytes: bytes)
    }
}
