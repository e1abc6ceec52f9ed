#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a child may see of the host's environment: what any program needs, and what its driver names. Nothing else,
/// least of all somebody's keys.
package struct ChildEnvironment: Sendable {
    private static let allowed: Set<String> = [
        "COLORTERM", "HOME", "LANG", "LANGUAGE", "LOGNAME", "NO_COLOR", "PATH", "SHELL", "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "TERM", "TMPDIR", "TZ", "USER", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR",
        "XDG_STATE_HOME",
    ]

    package let variables: [String: String]

    package init(_ variables: [String: String]) { self.variables = variables }

    /// The environment of this process.
    package static func current() -> ChildEnvironment {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            next += 1
        }
        return ChildEnvironment(variables)
    }

    /// `NAME=VALUE` for each variable that the child gets, in the order of the names.
    func assignments(inheriting names: [String], adding more: [String: String]) -> [String] {
        var result = variables.filter { name, _ in
            Self.allowed.contains(name) || name.hasPrefix("LC_") || names.contains(name)
        }
        result.merge(more) { _, new in new }
        return result.map { "\($0.key)=\($0.value)" }.sorted()
    }

    /// An absolute path for a program: as it is, or the first that can be run of those that `PATH` offers.
    package func executable(_ name: String) -> String? {
        let candidates =
            name.contains("/")
            ? [name]
            : (variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map { "\($0)/\(name)" }
        return candidates.first { candidate in
            var status = stat()
            return stat(candidate, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(candidate, X_OK) == 0
        }
    }
}
