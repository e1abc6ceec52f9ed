import CSQLite

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A copy of a SQLite file and what lies beside it, for a file that cannot be read in place without writing.
///
/// Opening the original as `immutable` would avoid the copy, but ignores a WAL, and another process that begins to
/// write makes its answers wrong. The copy counts only when nothing changed from before to after. It is made one that
/// needs nothing beside it, and has no name any more once this value goes away: then only who has opened it reads it.
final class PrivateCopy {
    let file: DatabaseFile
    private let folder: String
    private static let companions = ["", "-wal", "-journal"]

    init(of original: DatabaseFile) throws(DatabaseError) {
        folder = try Self.makeFolder()
        let path = folder + "/copy.db"
        do throws(DatabaseError) {
            try Self.copyUnchanged(original.path, to: path)
            try Self.settle(path)
            file = try DatabaseFile.locate(path)
        } catch {
            Self.remove(folder)
            throw error
        }
    }

    deinit { Self.remove(folder) }

    private static func makeFolder() throws(DatabaseError) -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/agenthost-copy-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil, let resolved = realpath(template, nil) else {
            throw failure("cannot make a folder in \(parent) for a copy of the database")
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func remove(_ folder: String) {
        for name in companions + ["-shm"] { unlink(folder + "/copy.db" + name) }
        rmdir(folder)
    }

    private static func copyUnchanged(_ source: String, to target: String) throws(DatabaseError) {
        for _ in 0..<5 {
            let before = companions.map { State(source + $0) }
            for (companion, state) in zip(companions, before) {
                unlink(target + companion)
                if state != nil { try copy(source + companion, to: target + companion) }
            }
            if before == companions.map({ State(source + $0) }) { return }
        }
        throw DatabaseError(.failed, "\(source) is being written by another process; try again")
    }

    /// What changes when a file is written.
    private struct State: Equatable {
        let inode: UInt64
        let size: Int64
        let modified: [Int]

        init?(_ path: String) {
            var status = stat()
            guard lstat(path, &status) == 0 else { return nil }
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            #if canImport(Darwin)
                let times = [status.st_mtimespec, status.st_ctimespec]
            #else
                let times = [status.st_mtim, status.st_ctim]
            #endif
            modified = times.flatMap { [Int($0.tv_sec), Int($0.tv_nsec)] }
        }
    }

    private static func copy(_ source: String, to target: String) throws(DatabaseError) {
        let input = open(source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard input >= 0 else { throw failure("cannot read \(source)") }
        defer { close(input) }
        let output = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw failure("cannot make a copy of \(source)") }
        defer { close(output) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(input, &buffer, buffer.count)
            guard count >= 0 else { throw failure("cannot read \(source)") }
            guard count > 0 else { return }
            var written = 0
            while written < count {
                let more = buffer.withUnsafeBytes {
                    write(output, $0.baseAddress?.advanced(by: written), count - written)
                }
                guard more > 0 else { throw failure("cannot make a copy of \(source)") }
                written += more
            }
        }
    }

    /// Takes over what a WAL or journal holds, so that the copy can be read without anything beside it.
    private static func settle(_ path: String) throws(DatabaseError) {
        var handle: OpaquePointer?
        defer { sqlite3_close_v2(handle) }
        var code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_PRIVATECACHE, nil)
        if code == SQLITE_OK, let handle {
            csqlite_set_option(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
            let takeOver = "PRAGMA journal_mode=DELETE; SELECT count(*) FROM sqlite_schema"
            code = sqlite3_exec(handle, takeOver, nil, nil, nil)
        }
        guard code == SQLITE_OK else {
            let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            throw SQLiteFailure.code(code, message, nil).error(nil, isCompiling: false)
        }
    }

    private static func failure(_ what: String) -> DatabaseError {
        DatabaseError(.cannotOpen, "\(what): \(String(cString: strerror(errno)))")
    }
}
