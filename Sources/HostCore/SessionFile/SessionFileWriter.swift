import AgentModel
import HostProtocol
import JSON
import JSONRPC
import Store

/// The form of a session's file: `docs/decisions/0096-a-session-is-a-file.md`.
enum SessionFile {
    static let format = "agenthost.session"
    static let version = 1
    /// Longer ones are neither written nor read.
    static let lineBytesMax = 32 << 20
    /// Of an artifact, in one line.
    static let chunkBytes = 256 << 10
    /// What is done of it in one go.
    static let stepBytes = 4 << 20
}

extension Wire.SessionContents {
    static let none = Wire.SessionContents(tasks: 0, runs: 0, events: 0, artifacts: 0, checkpoints: 0, memories: 0)

    mutating func count(_ record: SessionRecord) {
        switch record {
        case .task: tasks += 1
        case .run: runs += 1
        case .event: events += 1
        case .artifact: artifacts += 1
        case .checkpoint: checkpoints += 1
        case .memory(let memory): memories += memory.isCurrent ? 1 : 0
        case .ask, .reading: break
        }
    }
}

/// A session's file on its way. Every call blocks: for the file thread.
struct SessionFileWriter: Sendable {
    private(set) var file: NewFile
    private(set) var lines = 0
    private(set) var contents = Wire.SessionContents.none
    /// Paths of artifacts whose files are not what their tasks left.
    private(set) var missing: [String] = []
    private var hash = SHA256Stream()
    /// Of the checkpoint written last.
    private var state: JSON?
    private let folder: Folder
    /// What is to be written, the next one last.
    private var queue: [SessionRecord] = []
    private var open: OpenArtifact?

    private struct OpenArtifact {
        var artifact: Artifact
        var offset = 0
        var hash = SHA256Stream()
    }

    static let missingMax = 100

    /// - Parameter folder: the session's results.
    init(_ file: NewFile, folder: Folder) {
        self.file = file
        self.folder = folder
    }

    var isIdle: Bool { queue.isEmpty && open == nil }

    mutating func add(_ records: [SessionRecord]) { queue = records.reversed() }

    mutating func write(_ object: JSONObject) throws(RPCError) {
        let line = RecordLine.encode(object)
        guard line.count <= SessionFile.lineBytesMax else {
            throw RPCError(
                .limitExceeded,
                "the line \(lines + 1) of the file would have \(line.count) bytes; at most "
                    + "\(SessionFile.lineBytesMax) can be read")
        }
        hash.add(line)
        lines += 1
        try append(line)
    }

    private mutating func append(_ bytes: [UInt8]) throws(RPCError) {
        do throws(OutsideStore.Failure) { try file.append(bytes) } catch { throw .file(error, file.path) }
    }

    /// Writes some of what is to be written.
    mutating func work() throws(RPCError) {
        let start = file.bytes
        while !isIdle, file.bytes - start < SessionFile.stepBytes {
            if open != nil { try writePart() } else if let record = queue.popLast() { try write(record) }
        }
    }

    private mutating func write(_ record: SessionRecord) throws(RPCError) {
        contents.count(record)
        guard case .artifact(let artifact) = record else {
            return try write(RecordLine.object(record, after: &state))
        }
        var object = RecordLine.object(record, after: &state)
        let facts = try? folder.facts(artifact.path)
        let isThere = facts?.bytes == artifact.bytes && facts?.sha256 == artifact.sha256
        object["has_bytes"] = .bool(isThere)
        try write(object)
        if isThere, artifact.bytes > 0 { open = OpenArtifact(artifact: artifact) }
        if !isThere, missing.count < Self.missingMax { missing.append(artifact.path) }
    }

    private mutating func writePart() throws(RPCError) {
        guard var part = open else { return }
        let (path, size) = (part.artifact.path, part.artifact.bytes)
        let count = min(SessionFile.chunkBytes, size - part.offset)
        let read = try? folder.read(path, offset: part.offset, count: count)
        guard let bytes = read?.bytes, bytes.count == count else { throw Self.changed(path) }
        try write(["type": "artifact_bytes", "offset": .int(Int64(part.offset)), "data": .string(Base64.encode(bytes))])
        part.hash.add(bytes)
        part.offset += count
        guard part.offset == size else { return open = part }
        guard part.hash.hex == part.artifact.sha256 else { throw Self.changed(path) }
        open = nil
    }

    private static func changed(_ path: String) -> RPCError {
        RPCError(.conflict, "the file \(path) has changed while it was exported", isRetryable: true)
    }

    /// Says in a last line what the others are, and gives the file its name.
    /// - Returns: the checksum
    mutating func finish(overwrites: Bool) throws(RPCError) -> String {
        let sum = hash.hex
        do throws(RPCError) { try appendLast(sum) } catch {
            file.abandon()
            throw error
        }
        do throws(OutsideStore.Failure) { try file.finish(overwrites: overwrites) } catch {
            throw .file(error, file.path)
        }
        return sum
    }

    private mutating func appendLast(_ sum: String) throws(RPCError) {
        try append(RecordLine.encode(["sha256": .string(sum), "lines": .int(Int64(lines))]))
    }
}
