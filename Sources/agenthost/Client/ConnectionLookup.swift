import AgentModel
import HostProtocol
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Finds or makes the connection to a database that people name by its file or URL.
extension HostClient {
    /// - Parameters:
    ///   - name: a path, or `postgresql://user@host:port/database`.
    ///   - passwordEnv: the environment variable that holds the password.
    func connection(to name: String, passwordEnv: String?) throws -> Wire.Connection {
        let (place, isURL) = try Self.place(name)
        let known = try firstConnection { connection in
            (isURL ? connection.url : connection.path) == place && connection.readOnly
                && connection.passwordEnv == passwordEnv
        }
        if let known { return known }
        let title = place.split(separator: "/").last.map(String.init) ?? place
        var params: JSONObject = ["name": .string(String(title.prefix(200)))]
        params["dialect"] = isURL ? "postgresql" : "sqlite"
        params[isURL ? "url" : "path"] = .string(place)
        params["password_env"] = passwordEnv.map(JSON.string)
        return try Wire.Connection(lenient: try rawCall(.connectionCreate, .object(params)))
    }

    /// The newest connection to a database, if there is one.
    func knownConnection(to name: String) throws -> Wire.Connection? {
        let (place, isURL) = try Self.place(name)
        return try firstConnection { (isURL ? $0.url : $0.path) == place }
    }

    private func firstConnection(where isMeant: (Wire.Connection) -> Bool) throws -> Wire.Connection? {
        var cursor: String?
        repeat {
            let page = try call(Wire.ConnectionListParams(limit: 1000, cursor: cursor))
            if let found = page.items.first(where: isMeant) { return found }
            cursor = page.nextCursor
        } while cursor != nil
        return nil
    }

    private static func place(_ name: String) throws(CommandLineError) -> (place: String, isURL: Bool) {
        let isURL = name.contains("://")
        return (isURL ? name : try file(name), isURL)
    }

    /// The absolute path of a file that is there.
    private static func file(_ name: String) throws(CommandLineError) -> String {
        guard let path = realpath(name, nil) else {
            throw CommandLineError("cannot read \(name): \(String(cString: strerror(errno)))", .noInput)
        }
        defer { free(path) }
        guard access(path, R_OK) == 0 else {
            throw CommandLineError("cannot read \(name): \(String(cString: strerror(errno)))", .noInput)
        }
        return String(cString: path)
    }
}
