import AgentModel
import CSystem

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that is made aside and gets its name once it is whole; only its owner may read it. Every call blocks: for
/// the file thread.
///
/// Where the system has files without a name (Linux), nothing is left of one whose host is killed. Elsewhere it has
/// a name of its own meanwhile, and a lock as long as its host lives: the next one that is made for the same place
/// removes what has none.
struct NewFile: Sendable {
    let path: String
    private(set) var bytes = 0
    private let aside: String
    private let descriptor: Int32
    private let isNamed: Bool

    /// - Parameters:
    ///   - path: as `OutsideStore.place` returns it.
    ///   - mark: a UUID: what nobody else puts behind the name meanwhile.
    ///   - mayBeUnnamed: false where a test wants what other systems do.
    init(
        _ path: String, mark: String, overwrites: Bool, mayBeUnnamed: Bool = true
    ) throws(OutsideStore.Failure) {
        self.path = path
        aside = "\(path)\(Self.infix)\(mark)"
        var status = stat()
        if lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else { throw .notARegularFile }
            guard overwrites else { throw .exists }
        }
        Self.removeLeftovers(of: path)
        let unnamed = mayBeUnnamed ? cs_open_unnamed(Self.parts(of: path).folder) : -ENOTSUP
        isNamed = unnamed == -ENOTSUP
        guard isNamed || unnamed >= 0 else { throw OutsideStore.failure(-unnamed, path) }
        descriptor = isNamed ? open(aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600) : unnamed
        guard descriptor >= 0 else { throw OutsideStore.failure(errno, path) }
        _ = flock(descriptor, LOCK_EX | LOCK_NB)
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
        let code = overwrites ? replace() : name(path)
        abandon()
        guard code == 0 else { throw OutsideStore.failure(code, path) }
    }

    /// A link never replaces what has come meanwhile.
    private func name(_ path: String) -> Int32 {
        isNamed ? (link(aside, path) == 0 ? 0 : errno) : -cs_name_file(descriptor, path)
    }

    /// A rename does.
    private func replace() -> Int32 {
        let code = isNamed ? 0 : name(aside)
        return code != 0 ? code : rename(aside, path) == 0 ? 0 : errno
    }

    /// Lets go of it; what was not finished is gone.
    func abandon() {
        unlink(aside)
        close(descriptor)
    }

    // MARK: - What others have left

    private static let infix = ".part-"

    private static func parts(of path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...]))
    }

    /// Removes files for the same place whose hosts are gone.
    private static func removeLeftovers(of path: String) {
        let (folder, name) = parts(of: path)
        guard let stream = opendir(folder) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let found = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard found.hasPrefix(name + infix), UUID128(String(found.dropFirst((name + infix).count))) != nil else {
                continue
            }
            removeLeftover("\(folder)/\(found)")
        }
    }

    private static func removeLeftover(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == getuid(),
            flock(descriptor, LOCK_EX | LOCK_NB) == 0
        else { return }
        unlink(path)
    }
}
