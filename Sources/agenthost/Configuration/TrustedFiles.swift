import HostCore
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Which projects' configuration files a user trusts, each with what it said then: a file that changes is looked at
/// anew. Kept as `{"trusted": {PATH: SHA-256}}`, for this user only.
struct TrustedFiles {
    private let path: String
    private var hashes: JSONObject

    /// What is no such file trusts nothing.
    init(path: String) {
        self.path = path
        let bytes = InputBytes.read(path: path) ?? []
        hashes = (try? JSON.parse(bytes))?["trusted"]?.objectValue ?? [:]
    }

    func trusts(_ file: ConfigurationFile) -> Bool {
        hashes[Self.name(file.path)] == .string(SHA256.hex(of: file.bytes))
    }

    mutating func trust(_ file: ConfigurationFile) throws(CommandLineError) {
        hashes[Self.name(file.path)] = .string(SHA256.hex(of: file.bytes))
        try write()
    }

    /// Whether it was trusted.
    mutating func distrust(_ path: String) throws(CommandLineError) -> Bool {
        guard hashes.removeValue(forKey: Self.name(path)) != nil else { return false }
        try write()
        return true
    }

    /// Replaces the file in one step, so that two who trust at once leave a whole one.
    private func write() throws(CommandLineError) {
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        var made = ""
        for component in folder.split(separator: "/") {
            made += "/" + component
            guard mkdir(made, 0o700) == 0 || errno == EEXIST else { throw Self.failure("make the folder \(made)") }
        }
        let text = JSON.object(["trusted": .object(hashes)]).encoded() + [UInt8(ascii: "\n")]
        let draft = path + ".\(getpid())"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("write \(draft)") }
        let written = text.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
        let isWhole = written == text.count && fsync(descriptor) == 0
        close(descriptor)
        guard isWhole, rename(draft, path) == 0 else {
            let failure = Self.failure("write \(path)")
            unlink(draft)
            throw failure
        }
    }

    /// The file's one name, without links.
    private static func name(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(cString: found)
    }

    private static func failure(_ action: String) -> CommandLineError {
        CommandLineError("cannot \(action): \(String(cString: strerror(errno)))", .storeFailed)
    }
}
