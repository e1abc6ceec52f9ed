#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where things are on this machine.
struct Locations {
    /// The folder of the store, absolute.
    let store: String
    let workingDirectory: String

    var database: String { store + "/agenthost.db" }
    var results: String { store + "/results" }
    var trash: String { store + "/.trash" }

    /// By `--store`, else `AGENTHOST_HOME`, else the platform's folder for state.
    init(store flag: String?, environment: [String: String]) throws(CommandLineError) {
        workingDirectory = Self.currentDirectory()
        let named = flag ?? environment["AGENTHOST_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        let folder = if let named { named } else { try Self.platform(environment) }
        store = folder.hasPrefix("/") ? folder : workingDirectory + "/" + folder
    }

    private static func platform(_ environment: [String: String]) throws(CommandLineError) -> String {
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/agenthost" }
        guard let home = environment["HOME"], home.hasPrefix("/") else {
            throw CommandLineError(
                "there is no HOME: say where the store is with --store or AGENTHOST_HOME", .configuration)
        }
        #if os(macOS)
            return home + "/Library/Application Support/agenthost"
        #else
            return home + "/.local/state/agenthost"
        #endif
    }

    static func currentDirectory() -> String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }

    /// The running executable, absolute: what workers are started from.
    static func executable(_ argument: String) -> String {
        #if os(Linux)
            if let path = realpath("/proc/self/exe", nil) {
                defer { free(path) }
                return String(cString: path)
            }
        #endif
        guard let path = realpath(argument, nil) else { return argument }
        defer { free(path) }
        return String(cString: path)
    }

    /// Makes the folders above the store's, for this user only.
    func prepare() throws(CommandLineError) {
        var made = ""
        for component in store.split(separator: "/").dropLast() {
            made += "/" + component
            guard mkdir(made, 0o700) == 0 || errno == EEXIST else {
                throw CommandLineError(
                    "cannot make the folder \(made): \(String(cString: strerror(errno)))", .storeFailed)
            }
        }
    }
}
