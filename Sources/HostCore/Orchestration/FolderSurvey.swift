import AgentModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The files of a working folder at a moment, to be compared with another moment: what git would keep of it, or else
/// what is neither hidden nor in a folder that tools fill.
struct FolderSurvey: Sendable {
    static let filesMax = 20_000
    static let changesMax = 1000
    private static let hashedBytesMax: Int64 = 64 << 20
    /// Folders that hold what can be made again.
    private static let passedOver: Set<String> = [
        "node_modules", "target", "build", "dist", "venv", "__pycache__", "DerivedData", "Pods", "vendor",
    ]

    let folder: Folder
    private(set) var stamps: [String: Folder.Stamp]

    /// Files in the order of their names.
    var paths: [String] { stamps.keys.sorted() }

    /// Blocks: for the file thread.
    /// - Parameter names: of the files, where git knows them; `nil` looks for them.
    init(_ path: String, names: [String]?) {
        folder = Folder(path: path)
        guard let names else {
            stamps = folder.stamps(max: Self.filesMax) { !$0.hasPrefix(".") && !Self.passedOver.contains($0) }
            return
        }
        stamps = [:]
        for name in names.prefix(Self.filesMax) {
            if let stamp = folder.stamp(name) { stamps[name] = stamp }
        }
    }

    /// What has become of the files since an earlier survey of the folder. Blocks.
    func changes(since old: FolderSurvey) -> [FileChange] {
        var changes: [FileChange] = []
        for path in Set(stamps.keys).union(old.stamps.keys).sorted() {
            guard changes.count < Self.changesMax else { break }
            switch (old.stamps[path], stamps[path]) {
            case (let before, let stamp?) where before != stamp:
                let facts = stamp.bytes <= Self.hashedBytesMax ? try? folder.facts(path) : nil
                changes.append(
                    FileChange(
                        path: path, change: before == nil ? .created : .modified,
                        bytes: facts?.bytes ?? Int(clamping: stamp.bytes), sha256: facts?.sha256))
            case (_?, nil): changes.append(FileChange(path: path, change: .deleted))
            default: break
            }
        }
        return changes
    }
}

extension OrchestrationRunner {
    private static let gitMilliseconds = 10_000
    private static let gitOutputBytesMax = 4 << 20

    /// Looks at a working folder; calls back on the loop.
    func survey(_ path: String, then: @escaping (FolderSurvey) -> Void) {
        // A repository's own configuration may name a program to be run on a look at its files.
        let order = HostPrograms.Order(
            program: "git",
            arguments: ["-c", "core.fsmonitor=false", "ls-files", "-co", "--exclude-standard", "-z"], folder: path,
            milliseconds: Self.gitMilliseconds, outputBytesMax: Self.gitOutputBytesMax)
        host.programs.run(order) { [self] outcome in
            let names =
                outcome.status == 0 && !outcome.isCut
                ? outcome.output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) } : nil
            host.files.perform({ FolderSurvey(path, names: names) }, then: then)
        }
    }

    /// Looks again and compares.
    func changes(since old: FolderSurvey, then: @escaping ([FileChange]) -> Void) {
        survey(old.folder.path) { [self] new in
            host.files.perform({ new.changes(since: old) }, then: then)
        }
    }
}
