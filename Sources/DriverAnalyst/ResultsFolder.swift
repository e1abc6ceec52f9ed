import AgentModel

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The folder that a session's files go to. Files that are there stay: a later task's get a number.
package final class ResultsFolder: AnalystOutput {
    private let path: String

    /// - Parameter path: absolute; made when it is not there, its parent must be.
    package init(path: String) { self.path = path }

    package func write(_ files: [AnalystFile]) throws(AnalystOutputError) -> [String] {
        guard !files.isEmpty else { return [] }
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw failure("make the folder", path) }
        let number =
            (1...10_000).first { number in files.allSatisfy { !exists(Self.numbered($0.name, number)) } } ?? 10_001
        // A report names its companions: in the numbered text too.
        let names = files.map { Self.numbered($0.name, number) }
        for (index, file) in files.enumerated() {
            var text = file.text
            if number > 1, file.name.hasSuffix(".md") {
                for (plain, numbered) in zip(files.map(\.name), names) {
                    text = text.replacing("](\(plain))", with: "](\(numbered))")
                }
            }
            try write(text, to: path + "/" + names[index])
        }
        return names
    }

    /// `report.md`, `report-2.md`, ...
    static func numbered(_ name: String, _ number: Int) -> String {
        guard number > 1 else { return name }
        let parts = name.split(".")
        guard parts.count == 2 else { return "\(name)-\(number)" }
        return "\(parts[0])-\(number).\(parts[1])"
    }

    private func exists(_ name: String) -> Bool { access(path + "/" + name, F_OK) == 0 }

    private func write(_ text: String, to file: String) throws(AnalystOutputError) {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("create", file) }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { unistdWrite(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("write", file) }
            rest = rest.dropFirst(count)
        }
    }

    private func failure(_ action: String, _ path: String) -> AnalystOutputError {
        AnalystOutputError(message: "cannot \(action) \(path): \(String(cString: strerror(errno)))")
    }
}

/// The system call, under a name that methods called `write` do not hide.
func unistdWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
