import CSystem

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Paths of a client's that the host itself opens. A store's files are none of them: closing a descriptor of our own
/// would drop the locks that SQLite holds. Every call blocks: for the file thread.
struct OutsideStore: Sendable {
    enum Failure: Error, Hashable, Sendable {
        case notFound
        /// A folder, a pipe, a device.
        case notARegularFile
        case ofTheStore
        case exists
        case io(SystemError)
    }

    /// The store's database, as it was opened.
    let database: String
    /// The folder in the store's that is open to everyone.
    let results: String

    /// The path of a file that is there, without links.
    func resolve(_ path: String) throws(Failure) -> String {
        guard let resolved = Self.real(path) else { throw Self.failure(errno, path) }
        var status = stat()
        guard stat(resolved, &status) == 0 else { throw Self.failure(errno, path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notARegularFile }
        try check(resolved)
        // A second name of the same file is not told by its path.
        for suffix in ["", "-wal", "-shm", "-journal"] {
            var own = stat()
            if stat(database + suffix, &own) == 0, own.st_dev == status.st_dev, own.st_ino == status.st_ino {
                throw .ofTheStore
            }
        }
        return resolved
    }

    /// The path of a file to be made, in a folder that is there, without links but perhaps for its last part.
    func place(_ path: String) throws(Failure) -> String {
        guard let slash = path.lastIndex(of: "/") else { throw .notFound }
        let name = path[path.index(after: slash)...]
        guard !name.isEmpty, name != ".", name != ".." else { throw .notARegularFile }
        let folder = String(path[..<slash])
        guard let resolved = Self.real(folder.isEmpty ? "/" : folder) else { throw Self.failure(errno, folder) }
        let whole = resolved == "/" ? "/\(name)" : "\(resolved)/\(name)"
        try check(whole)
        return whole
    }

    /// Refuses what lies in the store's folder. The path is one without links.
    func check(_ path: String) throws(Failure) {
        guard let slash = database.lastIndex(of: "/"), let store = Self.real(String(database[..<slash])),
            path.hasPrefix(store + "/")
        else { return }
        guard let results = Self.real(results), path.hasPrefix(results + "/") else { throw .ofTheStore }
    }

    /// The path of something that is there, without links; `nil` sets `errno`.
    static func real(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }

    static func failure(_ code: Int32, _ path: String) -> Failure {
        switch code {
        case ENOENT: .notFound
        case ENOTDIR, EISDIR, ELOOP, ENXIO: .notARegularFile
        case EEXIST: .exists
        default: .io(SystemError("open \(path)", code))
        }
    }
}
