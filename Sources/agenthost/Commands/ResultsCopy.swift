import HostProtocol

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder of the user's that gets a task's files.
struct ResultsCopy {
    let folder: String

    /// Copies one file, making the folders above it. A file that is there is replaced.
    func copy(_ artifact: Wire.Artifact, of resultsDirectory: String) throws(CommandLineError) {
        let source = resultsDirectory + "/" + artifact.path
        guard let bytes = InputBytes.read(path: source) else { throw Self.failure("cannot read \(source)") }
        var path = folder.hasPrefix("/") ? "" : "."
        for component in folder.split(separator: "/") {
            path += "/" + component
            try Self.makeFolder(path)
        }
        let components = artifact.path.split(separator: "/")
        for component in components.dropLast() {
            path += "/" + component
            try Self.makeFolder(path)
        }
        path += "/" + (components.last ?? "")
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure("cannot write \(path)") }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Self.failure("cannot write \(path)") }
            rest = rest.dropFirst(count)
        }
    }

    private static func makeFolder(_ path: String) throws(CommandLineError) {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw failure("cannot make the folder \(path)") }
    }

    private static func failure(_ what: String) -> CommandLineError {
        CommandLineError("\(what): \(String(cString: strerror(errno)))", .failed)
    }
}
