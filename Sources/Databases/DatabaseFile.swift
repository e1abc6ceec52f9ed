import CSystem

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A regular file found by a path without links: what was checked is what is opened.
struct DatabaseFile: Equatable {
    /// Absolute, with every link resolved.
    let path: String
    let device: UInt64
    let inode: UInt64
    let size: Int64

    /// Resolves the links in `path` once, then walks from the root again without following any.
    /// `refusing` names files that must not be opened under whatever name: links, hard links, other spellings.
    static func locate(_ path: String, refusing: [String] = []) throws(DatabaseError) -> DatabaseFile {
        guard path.hasPrefix("/"), !path.utf8.contains(0) else {
            throw DatabaseError(.cannotOpen, "expected an absolute path, got \(path)")
        }
        guard let resolved = resolve(path) else { throw cannotOpen(path, errno) }
        let file = try walk(resolved)
        try file.refuse(refusing, as: path)
        // SQLite opens these by itself, whatever they are: a pipe, or a file of the host's under another name.
        for companion in ["-wal", "-shm", "-journal"] where status(of: resolved + companion) != nil {
            try walk(resolved + companion).refuse(refusing, as: path + companion)
        }
        return file
    }

    private func refuse(_ others: [String], as path: String) throws(DatabaseError) {
        for other in others {
            guard let otherPath = Self.resolve(other), let status = Self.status(of: otherPath) else { continue }
            let isSame = UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
            if isSame || otherPath == self.path {
                throw DatabaseError(.notAllowed, "\(path) is a file of the host itself")
            }
        }
    }

    /// The same name still leads to the same file, without a link on the way.
    func isStillThere() -> Bool {
        guard let now = try? Self.walk(path) else { return false }
        return now.device == device && now.inode == inode
    }

    private static func walk(_ path: String) throws(DatabaseError) -> DatabaseFile {
        var components = path.split(separator: "/").map(String.init)
        guard let name = components.popLast() else { throw DatabaseError(.cannotOpen, "\(path) is a folder") }
        var folder = open("/", folderFlags)
        guard folder >= 0 else { throw cannotOpen(path, errno) }
        defer { close(folder) }
        for component in components {
            let next = openat(folder, component, folderFlags)
            guard next >= 0 else { throw cannotOpen(path, errno) }
            close(folder)
            folder = next
        }
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw cannotOpen(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw DatabaseError(.cannotOpen, "\(path) is \(kind(status.st_mode)), expected a regular file")
        }
        return DatabaseFile(
            path: path, device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size))
    }

    private static var folderFlags: Int32 {
        #if canImport(Darwin)
            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        #else
            // O_PATH, which the overlay does not have: a folder that may be passed but not listed is enough.
            0x20_0000 | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        #endif
    }

    private static func resolve(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(validatingCString: resolved)
    }

    private static func status(of path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    private static func kind(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "a folder"
        case S_IFIFO: "a pipe"
        case S_IFSOCK: "a socket"
        case S_IFLNK: "a link"
        default: "a device"
        }
    }

    private static func cannotOpen(_ path: String, _ code: Int32) -> DatabaseError {
        DatabaseError(.cannotOpen, "cannot open \(path): \(String(cString: strerror(code)))")
    }
}
