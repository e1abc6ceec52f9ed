import CSystem
import Store

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What lies where in a store's folder. Only SQLite opens the database and the files beside it: closing a descriptor of
/// our own would drop the locks that SQLite holds on the same file.
struct StoreFolder: Sendable {
    let path: String

    var database: String { path + "/agenthost.db" }
    var storeLock: String { path + "/store.lock" }
    var hosts: HostLocks { HostLocks(folder: path + "/hosts") }
    var results: String { path + "/results" }
    var trash: String { path + "/.trash" }

    /// The database and the two files that SQLite keeps beside it, as endings of its name.
    static let databaseParts = ["", "-wal", "-shm"]

    /// Where a new database is made before it gets its name.
    private var draft: String { path + "/agenthost.db.new" }

    /// SQLite gives a new file the mode of the lock file (0600), whatever the umask.
    var draftURI: String { "file:\(Self.escaped(draft))?modeof=\(Self.escaped(storeLock))" }
    var databaseURI: String { "file:\(Self.escaped(database))" }

    /// An empty file is no database: SQLite would take it for a new one and delete the log beside it.
    var isDatabaseThere: Bool { Self.bytes(of: database) > 0 }
    var isAnyPartThere: Bool { Self.databaseParts.contains { access(database + $0, F_OK) == 0 } }

    /// Makes what is missing and refuses a place that cannot hold a store.
    func prepare() throws(StoreFailure) {
        try Self.make(path)
        if let name = NetworkFileSystem.name(ofFolder: path) {
            throw .refused(
                "\(path) is on \(name), a network file system, where the locks of a store do not hold: "
                    + "choose a local folder with --store or AGENTHOST_HOME")
        }
        for folder in [hosts.folder, results, trash] { try Self.make(folder) }
    }

    private static func make(_ path: String) throws(StoreFailure) {
        if mkdir(path, 0o700) == 0 {
            chmod(path, 0o700)
            return
        }
        let error = errno
        var info = stat()
        guard error == EEXIST, stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else {
            let reason = error == EEXIST ? "is not a folder" : String(cString: strerror(error))
            throw .broken(reason: "io_error", detail: "\(path): \(reason)")
        }
        // A store that others can read holds their prompts for them to read.
        if info.st_uid == geteuid(), info.st_mode & 0o077 != 0 { chmod(path, 0o700) }
    }

    /// Bytes of the database and its log.
    func databaseBytes() -> Int { Self.databaseParts.prefix(2).reduce(0) { $0 + Self.bytes(of: database + $1) } }

    static func bytes(of path: String) -> Int {
        var info = stat()
        return stat(path, &info) == 0 ? Int(info.st_size) : 0
    }

    /// Renames the database and the files beside it, and returns where they are now. Nothing is removed or overwritten.
    func setAside(at seconds: Int64) throws(StoreFailure) -> String {
        var target = "\(database).damaged-\(seconds)"
        var attempt = 1
        while Self.databaseParts.contains(where: { access(target + $0, F_OK) == 0 }) {
            attempt += 1
            target = "\(database).damaged-\(seconds)-\(attempt)"
        }
        for part in Self.databaseParts.reversed() where access(database + part, F_OK) == 0 {
            guard rename(database + part, target + part) == 0 else {
                throw .broken(reason: "io_error", detail: "\(database + part): \(String(cString: strerror(errno)))")
            }
        }
        return target
    }

    func removeDraft() { for part in Self.databaseParts { unlink(draft + part) } }

    func publishDraft() throws(StoreFailure) {
        guard rename(draft, database) == 0 else {
            throw .broken(reason: "io_error", detail: "\(database): \(String(cString: strerror(errno)))")
        }
        removeDraft()
    }

    /// What was set aside and is still there.
    func damagedDatabases() -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var found: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix("agenthost.db.damaged-"), !name.hasSuffix("-wal"), !name.hasSuffix("-shm") {
                found.append(path + "/" + name)
            }
        }
        return found.sorted()
    }

    /// A path as part of a URI (SQLite's URI file names).
    static func escaped(_ path: String) -> String {
        var bytes: [UInt8] = []
        for byte in path.utf8 {
            let digits = Array("0123456789ABCDEF".utf8)
            switch byte {
            case UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "%"), UInt8(ascii: "&"):
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
