#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Finds programs as a shell does.
package enum ExecutableSearch {
    /// The absolute path of a program that can be run; `nil` when there is none.
    /// - Parameters:
    ///   - name: an absolute path, or a name without `/` that is looked up.
    ///   - path: folders, separated by `:`, as in `PATH`; relative ones are passed over.
    package static func find(_ name: String, path: String) -> String? {
        guard !name.isEmpty, !name.utf8.contains(0) else { return nil }
        if name.hasPrefix("/") { return isExecutable(name) ? name : nil }
        guard !name.contains("/") else { return nil }
        return path.split(separator: ":").lazy
            .filter { $0.hasPrefix("/") }
            .map { "\($0)/\(name)" }
            .first(where: isExecutable)
    }

    /// What to say of a program that is not found, in a sentence.
    package static func missing(_ name: String) -> String {
        name.hasPrefix("/") ? "\(name) is no program that can be run here." : "There is no program \(name) in PATH."
    }

    /// Whether it is a regular file that this user may execute.
    private static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}
