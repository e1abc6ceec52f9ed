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
    /// Of the contents, as far as they were read: a file that was touched is not changed by that.
    private var hashes: [String: String] = [:]
    /// Of files that are read before anything happened to them.
    private var bytesLeft: Int64 = 64 << 20
    private var unread: [String] = []

    /// What has become of the files between two surveys.
    struct Difference: Sendable {
        var changes: [FileChange] = []
        /// By path, when it was changed last, in milliseconds since 1970.
        var times: [String: Int64] = [:]
    }

    /// Files in the order of their names.
    var paths: [String] { stamps.keys.sorted() }

    /// Blocks: for the file thread.
    /// - Parameters:
    ///   - names: of the files, where git knows them; `nil` looks for them.
    ///   - known: an earlier survey of the folder: what it has read and is not touched since is not read again.
    init(_ path: String, names: [String]?, knowing known: FolderSurvey? = nil) {
        folder = Folder(path: path)
        if let names {
            stamps = [:]
            for name in names.prefix(Self.filesMax) {
                if let stamp = folder.stamp(name) { stamps[name] = stamp }
            }
        } else {
            stamps = folder.stamps(max: Self.filesMax) { !$0.hasPrefix(".") && !Self.passedOver.contains($0) }
        }
        let isSameFolder = known?.folder.path == path
        for (name, stamp) in stamps {
            if isSameFolder, known?.stamps[name] == stamp, let hash = known?.hashes[name] {
                hashes[name] = hash
            } else {
                unread.append(name)
            }
        }
        unread.sort(by: >)
    }

    /// Reads some of the files that it has not read: as many as are worth it, in steps. Blocks.
    /// - Returns: whether there is more.
    mutating func readSome() -> Bool {
        var bytes: Int64 = 0
        while bytes < Self.stepBytes, let name = unread.popLast() {
            guard let stamp = stamps[name], stamp.bytes <= min(Self.readBytesMax, bytesLeft) else { continue }
            bytesLeft -= stamp.bytes
            // Opening a file costs as well.
            bytes += stamp.bytes + Self.openingBytes
            hashes[name] = try? folder.facts(name).sha256
        }
        return !unread.isEmpty
    }

    private static let stepBytes: Int64 = 4 << 20
    private static let openingBytes: Int64 = 16 << 10
    private static let readBytesMax: Int64 = 4 << 20

    /// What has become of the files since an earlier survey of the folder. Blocks.
    func difference(since old: FolderSurvey) -> Difference {
        var difference = Difference()
        for path in Set(stamps.keys).union(old.stamps.keys).sorted() {
            guard difference.changes.count < Self.changesMax else { break }
            switch (old.stamps[path], stamps[path]) {
            case (let before, let stamp?) where before != stamp:
                // What was not read, and looks the same but for its rights or its name, counts as the same.
                if let before, old.hashes[path] == nil, before.resembles(stamp) { continue }
                let facts = stamp.bytes <= Self.hashedBytesMax ? try? folder.facts(path) : nil
                if before != nil, let hash = facts?.sha256, hash == old.hashes[path] { continue }
                difference.times[path] = stamp.changedMilliseconds
                difference.changes.append(
                    FileChange(
                        path: path, change: before == nil ? .created : .modified,
                        bytes: facts?.bytes ?? Int(clamping: stamp.bytes), sha256: facts?.sha256))
            case (_?, nil): difference.changes.append(FileChange(path: path, change: .deleted))
            default: break
            }
        }
        return difference
    }
}

extension Folder.Stamp {
    fileprivate var changedMilliseconds: Int64 {
        Int64(changedSeconds).multipliedReportingOverflow(by: 1000).partialValue
            &+ Int64(changedNanoseconds / 1_000_000)
    }
}

extension OrchestrationRunner {
    private static let gitMilliseconds = 10_000
    private static let gitOutputBytesMax = 4 << 20

    /// Looks at a working folder; calls back on the loop.
    /// - Parameter known: an earlier look.
    func survey(_ path: String, knowing known: FolderSurvey?, then: @escaping (FolderSurvey) -> Void) {
        look(path, knowing: known) { [self] in read($0, then: then) }
    }

    /// Looks again and compares.
    func difference(
        since old: FolderSurvey, knowing known: FolderSurvey?,
        then: @escaping (FolderSurvey.Difference, FolderSurvey) -> Void
    ) {
        look(old.folder.path, knowing: known) { [self] new in
            host.files.perform({ new.difference(since: old) }, then: { then($0, new) })
        }
    }

    private func look(_ path: String, knowing known: FolderSurvey?, then: @escaping (FolderSurvey) -> Void) {
        // A repository's own configuration may name a program to be run on a look at its files.
        let order = HostPrograms.Order(
            program: "git",
            arguments: ["-c", "core.fsmonitor=false", "ls-files", "-co", "--exclude-standard", "-z"], folder: path,
            milliseconds: Self.gitMilliseconds, outputBytesMax: Self.gitOutputBytesMax)
        host.programs.run(order) { [self] outcome in
            let names =
                outcome.status == 0 && !outcome.isCut
                ? outcome.output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) } : nil
            host.files.perform({ FolderSurvey(path, names: names, knowing: known) }, then: then)
        }
    }

    /// Others' work with files goes on between the steps.
    private func read(_ survey: FolderSurvey, then: @escaping (FolderSurvey) -> Void) {
        host.files.perform {
            var survey = survey
            let isMoreLeft = survey.readSome()
            return (survey: survey, isMoreLeft: isMoreLeft)
        } then: { [self] (read: (survey: FolderSurvey, isMoreLeft: Bool)) in
            if read.isMoreLeft { self.read(read.survey, then: then) } else { then(read.survey) }
        }
    }
}
