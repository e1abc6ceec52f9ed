import CSystem

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder whose files are reached component by component, never through a link, and so never outside it.
/// Every call blocks: for the file thread.
struct Folder: Sendable {
    enum Failure: Error, Hashable, Sendable {
        /// The path is absolute, climbs, is empty or holds a NUL.
        case badPath
        case notFound
        /// A link, a folder, a pipe, a device.
        case notARegularFile
        case io(SystemError)
    }

    /// What a file was when it was looked at.
    struct Facts: Hashable, Sendable {
        var path: String
        var bytes: Int
        /// Lower-case hex.
        var sha256: String
    }

    /// What tells a changed file from an unchanged one without reading it.
    struct Stamp: Hashable, Sendable {
        var bytes: Int64
        var changedSeconds: Int
        var changedNanoseconds: Int
        var inode: UInt64
        /// When anything about it changed last, by the system's own clock: nobody sets that, as the times above can be.
        var statusSeconds: Int
        var statusNanoseconds: Int

        /// Whether they differ in nothing that says more of the contents than that somebody was there.
        func resembles(_ other: Stamp) -> Bool {
            var same = other
            (same.statusSeconds, same.statusNanoseconds) = (statusSeconds, statusNanoseconds)
            return self == same
        }
    }

    let path: String

    /// Makes the folder and those above it, for this user only.
    func make() throws(Failure) {
        var made = ""
        for component in path.split(separator: "/") {
            made += "/" + component
            guard mkdir(made, 0o700) == 0 || errno == EEXIST else {
                throw .io(SystemError("make the folder \(made)", errno))
            }
        }
    }

    func facts(_ relative: String) throws(Failure) -> Facts {
        let descriptor = try open(relative)
        defer { close(descriptor) }
        var hash = cs_sha256()
        cs_sha256_begin(&hash)
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var total = 0
        while true {
            let count = buffer.withUnsafeMutableBytes { Self.read(descriptor, $0) }
            guard count >= 0 else { throw .io(SystemError("read \(relative)", errno)) }
            if count == 0 { break }
            total += count
            buffer.withUnsafeBytes { cs_sha256_add(&hash, $0.baseAddress, count) }
        }
        return Facts(path: relative, bytes: total, sha256: SHA256.hex(ending: &hash))
    }

    /// Bytes of a file from `offset` on, and its size.
    func read(_ relative: String, offset: Int, count: Int) throws(Failure) -> (bytes: [UInt8], size: Int) {
        let descriptor = try open(relative)
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .io(SystemError("look at \(relative)", errno)) }
        let size = Int(status.st_size)
        var bytes = [UInt8](repeating: 0, count: max(0, min(count, size - offset)))
        var filled = 0
        while filled < bytes.count {
            let got = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress.map { $0 + filled }, $0.count - filled, off_t(offset + filled))
            }
            guard got >= 0 else { throw .io(SystemError("read \(relative)", errno)) }
            if got == 0 { break }
            filled += got
        }
        return (Array(bytes[..<filled]), size)
    }

    /// Writes a new file of the host's own at the top of the folder; one that is there is left as it is.
    func write(_ name: String, _ text: String) throws(Failure) {
        guard !name.contains("/"), !name.utf8.contains(0) else { throw .badPath }
        let folder = openFolder(AT_FDCWD, path)
        guard folder >= 0 else { throw Self.failure(errno, name) }
        defer { close(folder) }
        let file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.failure(errno, name) }
        defer { close(file) }
        var queue = ByteQueue()
        queue.append(text.utf8)
        guard case .drained = queue.write(to: file) else { throw .io(SystemError("write \(name)", errno)) }
    }

    /// Of a regular file; `nil` when there is none.
    func stamp(_ relative: String) -> Stamp? {
        var status = stat()
        guard lstat(path + "/" + relative, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Stamp(status)
    }

    /// The regular files in the folder and below it, at most so many; links are passed over.
    /// - Parameter takesFolder: whether a folder of that name is looked into.
    func stamps(max: Int = 10_000, takesFolder: (String) -> Bool = { _ in true }) -> [String: Stamp] {
        var stamps: [String: Stamp] = [:]
        var folders = [""]
        while let folder = folders.popLast(), stamps.count < max {
            guard let stream = opendir(path + "/" + folder) else { continue }
            defer { closedir(stream) }
            while let entry = readdir(stream), stamps.count < max {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                guard name != ".", name != ".." else { continue }
                let relative = folder.isEmpty ? name : folder + "/" + name
                var status = stat()
                guard lstat(path + "/" + relative, &status) == 0 else { continue }
                switch status.st_mode & S_IFMT {
                case S_IFDIR: if takesFolder(name) { folders.append(relative) }
                case S_IFREG: stamps[relative] = Stamp(status)
                default: break
                }
            }
        }
        return stamps
    }

    /// Removes the folder and all in it; a link in it is removed, not followed.
    func remove() {
        empty()
        rmdir(path)
    }

    /// Removes all that is in the folder.
    func empty() {
        guard let stream = opendir(path) else { return }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            let child = path + "/" + name
            var status = stat()
            guard lstat(child, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR { Folder(path: child).remove() } else { unlink(child) }
        }
        closedir(stream)
    }

    /// Moves the folder away, so that what is in it is gone from its place at once.
    func move(to other: String) throws(Failure) {
        guard rename(path, other) == 0 || errno == ENOENT else {
            throw .io(SystemError("move \(path)", errno))
        }
    }

    /// Opens a regular file beneath the folder.
    private func open(_ relative: String) throws(Failure) -> Int32 {
        let components = try Self.components(relative)
        var descriptor = openFolder(AT_FDCWD, path)
        for component in components.dropLast() {
            guard descriptor >= 0 else { throw Self.failure(errno, relative) }
            let parent = descriptor
            descriptor = openFolder(parent, component)
            let code = errno
            close(parent)
            errno = code
        }
        guard descriptor >= 0 else { throw Self.failure(errno, relative) }
        defer { close(descriptor) }
        // Not to wait for the writer of a pipe.
        let file = openat(
            descriptor, components[components.count - 1], O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw Self.failure(errno, relative) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(file)
            throw .notARegularFile
        }
        return file
    }

    /// At least one name; none of them climbs.
    static func components(_ relative: String) throws(Failure) -> [String] {
        let components = relative.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard !components.isEmpty, !relative.utf8.contains(0),
            components.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." })
        else { throw .badPath }
        return components
    }

    func openFolder(_ parent: Int32, _ name: String) -> Int32 {
        openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }

    static func failure(_ code: Int32, _ path: String) -> Failure {
        switch code {
        case ENOENT: .notFound
        case ELOOP, ENOTDIR, ENXIO: .notARegularFile
        default: .io(SystemError("open \(path)", code))
        }
    }

    private static func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        #else
            Darwin.read(descriptor, buffer.baseAddress, buffer.count)
        #endif
    }
}

extension Folder.Stamp {
    fileprivate init(_ status: stat) {
        bytes = Int64(status.st_size)
        #if canImport(Darwin)
            changedSeconds = status.st_mtimespec.tv_sec
            changedNanoseconds = status.st_mtimespec.tv_nsec
            statusSeconds = status.st_ctimespec.tv_sec
            statusNanoseconds = status.st_ctimespec.tv_nsec
        #else
            changedSeconds = status.st_mtim.tv_sec
            changedNanoseconds = status.st_mtim.tv_nsec
            statusSeconds = status.st_ctim.tv_sec
            statusNanoseconds = status.st_ctim.tv_nsec
        #endif
        inode = UInt64(status.st_ino)
    }
}
