#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Files that are made or replaced beneath a folder. Every call blocks: for the file thread.
extension Folder {
    /// Makes a file beneath the folder or replaces it as a whole: whoever reads it meanwhile sees the old one or the
    /// new one. Folders above it are made; a file that was there keeps its permissions.
    /// - Parameter mark: what nobody else puts before a name meanwhile.
    func replace(_ relative: String, with bytes: [UInt8], mark: String) throws(Failure) {
        let components = try Self.components(relative)
        let parent = try openParent(components, relative)
        defer { close(parent) }
        let name = components[components.count - 1]
        let mode = try mode(of: name, in: parent)
        let aside = ".\(mark).part"
        let file = openat(parent, aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw Self.failure(errno, relative) }
        var code = Self.fill(file, bytes, mode)
        if code == 0, renameat(parent, aside, parent, name) != 0 { code = errno }
        guard code == 0 else {
            unlinkat(parent, aside, 0)
            throw .io(SystemError("write \(relative)", code))
        }
    }

    /// Opens the folder that the last of the names is in, and makes those on the way.
    func openParent(_ components: [String], _ relative: String) throws(Failure) -> Int32 {
        var descriptor = openFolder(AT_FDCWD, path)
        for component in components.dropLast() {
            guard descriptor >= 0 else { break }
            let parent = descriptor
            mkdirat(parent, component, 0o777)
            descriptor = openFolder(parent, component)
            let code = errno
            close(parent)
            errno = code
        }
        guard descriptor >= 0 else { throw Self.failure(errno, relative) }
        return descriptor
    }

    /// The permissions of a regular file; `nil` when there is none.
    private func mode(of name: String, in parent: Int32) throws(Failure) -> mode_t? {
        var status = stat()
        guard fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notARegularFile }
        return status.st_mode & 0o777
    }

    /// Writes and closes; an errno, or 0.
    private static func fill(_ file: Int32, _ bytes: [UInt8], _ mode: mode_t?) -> Int32 {
        defer { close(file) }
        if let mode, fchmod(file, mode) != 0 { return errno }
        var queue = ByteQueue()
        queue.append(bytes)
        guard case .drained = queue.write(to: file) else { return errno }
        return fsync(file) == 0 ? 0 : errno
    }
}
