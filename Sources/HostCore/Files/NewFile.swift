#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that is made aside and gets its name once it is whole; only its owner may read it. Every call blocks: for
/// the file thread.
struct NewFile: Sendable {
    let path: String
    private(set) var bytes = 0
    private let aside: String
    private let descriptor: Int32

    /// - Parameters:
    ///   - path: as `OutsideStore.place` returns it.
    ///   - mark: what nobody else puts behind the name meanwhile.
    init(_ path: String, mark: String, overwrites: Bool) throws(OutsideStore.Failure) {
        self.path = path
        aside = "\(path).part-\(mark)"
        var status = stat()
        if lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else { throw .notARegularFile }
            guard overwrites else { throw .exists }
        }
        descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw OutsideStore.failure(errno, path) }
    }

    mutating func append(_ more: [UInt8]) throws(OutsideStore.Failure) {
        var queue = ByteQueue()
        queue.append(more)
        guard case .drained = queue.write(to: descriptor) else { throw .io(SystemError("write \(path)", errno)) }
        bytes += more.count
    }

    /// Gives the file its name; nothing is left where that fails.
    func finish(overwrites: Bool) throws(OutsideStore.Failure) {
        guard fsync(descriptor) == 0 else {
            let code = errno
            abandon()
            throw .io(SystemError("write \(path)", code))
        }
        // A link never replaces what has come meanwhile; a rename does.
        let code = (overwrites ? rename(aside, path) : link(aside, path)) == 0 ? 0 : errno
        abandon()
        guard code == 0 else { throw OutsideStore.failure(code, path) }
    }

    /// Lets go of it; what was not finished is gone.
    func abandon() {
        close(descriptor)
        unlink(aside)
    }
}
