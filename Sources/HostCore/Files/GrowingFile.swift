#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file beneath a folder that grows aside and gets its name once it is whole; only its owner may read it. Every call
/// blocks: for the file thread.
struct GrowingFile: Sendable {
    let relative: String
    private(set) var bytes = 0
    private let parent: Int32
    private let descriptor: Int32
    private let aside: String
    private let name: String

    /// Makes the folders above it; none of them is a link.
    /// - Parameter mark: what nobody else puts before a name meanwhile.
    init(_ relative: String, in folder: Folder, mark: String) throws(Folder.Failure) {
        let components = try Folder.components(relative)
        self.relative = relative
        name = components[components.count - 1]
        aside = ".\(mark).part"
        parent = try folder.openParent(components, relative)
        descriptor = openat(parent, aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let code = errno
            close(parent)
            throw Folder.failure(code, relative)
        }
    }

    mutating func append(_ more: [UInt8]) throws(Folder.Failure) {
        var queue = ByteQueue()
        queue.append(more)
        guard case .drained = queue.write(to: descriptor) else {
            throw .io(SystemError("write \(relative)", errno))
        }
        bytes += more.count
    }

    /// Gives the file its name, in place of another; nothing is left where that fails.
    func finish() throws(Folder.Failure) {
        let code = fsync(descriptor) == 0 && renameat(parent, aside, parent, name) == 0 ? 0 : errno
        abandon()
        guard code == 0 else { throw .io(SystemError("write \(relative)", code)) }
    }

    /// Lets go of it; what was not finished is gone.
    func abandon() {
        unlinkat(parent, aside, 0)
        close(descriptor)
        close(parent)
    }
}
