import AgentModel
import HostProtocol
import JSON
import JSONRPC
import Store

/// A session's file that is being read: checked to its end first, then read again. Every call blocks: for the file
/// thread.
struct SessionFileReader: Sendable {
    /// What one batch reads.
    struct Batch: Sendable {
        var records: [(line: Int, record: SessionRecord)] = []
        var isLast = false
        var error: RPCError?
    }

    private static let recordsMax = 128
    private static let recordBytesMax = 512 << 10

    let path: String
    private(set) var file: LineFile
    /// Before the last one.
    private(set) var lines = 0
    private(set) var contents = Wire.SessionContents.none
    private var hash = SHA256Stream()
    private var sum = ""
    /// The line read last, of which it is not known yet whether it is the last.
    private var held: [UInt8]?
    private var decoder: RecordDecoder?
    private var results: Folder?
    private var mark = ""
    private var artifact: OpenArtifact?

    private struct OpenArtifact {
        var artifact: Artifact
        var file: GrowingFile
        var hash = SHA256Stream()
    }

    /// - Parameters:
    ///   - path: as `OutsideStore.resolve` returns it.
    ///   - name: as the client calls it.
    init(_ path: String, name: String) throws(OutsideStore.Failure) {
        self.path = name
        file = try LineFile(path, lineBytesMax: SessionFile.lineBytesMax)
    }

    /// Closes it; an artifact that is not whole is gone.
    func close() {
        artifact?.file.abandon()
        file.close()
    }

    // MARK: - Looking whether it is whole

    /// Goes through some of the file.
    /// - Returns: whether that was its end: then it is what was written.
    mutating func check() throws(RPCError) -> Bool {
        let start = file.offset
        while file.offset - start < SessionFile.stepBytes {
            guard let line = try next() else {
                try checkEnd()
                return true
            }
            if file.number == 1 { try checkHeader(line) }
            if let held { add(held) }
            held = line
        }
        return false
    }

    private mutating func add(_ line: [UInt8]) {
        hash.add(line)
        hash.add([UInt8(ascii: "\n")])
    }

    private mutating func next() throws(RPCError) -> [UInt8]? {
        let line: LineFile.Line?
        do throws(OutsideStore.Failure) { line = try file.next() } catch { throw .file(error, path) }
        switch line {
        case .bytes(let bytes)?: return bytes
        case .overlong?:
            throw RPCError(
                .limitExceeded, "line \(file.number): it has more than \(SessionFile.lineBytesMax) bytes",
                path: "params.path")
        case nil: return nil
        }
    }

    private func checkHeader(_ line: [UInt8]) throws(RPCError) {
        let header = try? JSON.parse(line)
        guard header?["format"]?.stringValue == SessionFile.format, let version = header?["version"]?.intValue,
            version >= 1
        else {
            throw broken("it is no file that session.export has written", reason: "foreign_file")
        }
        guard version <= SessionFile.version else {
            throw RPCError(
                .unsupported, "line 1: the file has version \(version); this host reads \(SessionFile.version)",
                reason: "newer_file", path: "params.path")
        }
    }

    private mutating func checkEnd() throws(RPCError) {
        let last = held.flatMap { try? JSON.parse($0) }
        guard let given = last?["sha256"]?.stringValue, let count = last?["lines"]?.intValue else {
            throw broken("it is not the last one: the file was cut short", reason: "incomplete_file")
        }
        guard count == file.number - 1 else {
            throw broken(
                "\(count) lines were written before it, \(file.number - 1) are there", reason: "incomplete_file")
        }
        sum = hash.hex
        guard given == sum else {
            throw broken("the lines before it are not those that were written", reason: "wrong_checksum")
        }
        lines = count
        held = nil
    }

    /// - Returns: what a client is told of the line read last
    private func broken(_ message: String, reason: String) -> RPCError {
        RPCError(
            .invalidParams, "line \(max(file.number, 1)): \(message)", reason: reason, path: "params.path",
            expected: "a file that session.export has written")
    }

    // MARK: - Reading it

    /// Begins again and reads as far as the session itself.
    mutating func begin() throws(RPCError) -> (source: SessionID, session: LineFields) {
        do throws(OutsideStore.Failure) { try file.rewind() } catch { throw .file(error, path) }
        hash = SHA256Stream()
        let header = try object()
        guard let source = header["session_id"]?.stringValue.flatMap(SessionID.init) else {
            throw broken("line.session_id: expected an id that begins with sess_", reason: "invalid_params")
        }
        let session = try object()
        guard session["type"] == "session", session["id"]?.stringValue == source.description else {
            throw broken("line: expected the session \(source)", reason: "invalid_params")
        }
        return (source, LineFields(session))
    }

    /// - Parameters:
    ///   - results: where artifacts go.
    ///   - mark: what nobody else puts before a name meanwhile.
    mutating func prepare(_ decoder: RecordDecoder, results: Folder, mark: String) {
        self.decoder = decoder
        self.results = results
        self.mark = mark
    }

    func refused(_ fault: LineFault) -> RPCError {
        guard !fault.isLimit else {
            return RPCError(.limitExceeded, "line \(file.number): \(fault.message)", path: "params.path")
        }
        return broken(fault.message, reason: "invalid_params")
    }

    private mutating func object() throws(RPCError) -> JSONObject {
        guard file.number < lines, let line = try next() else {
            throw broken("the file goes on no further", reason: "incomplete_file")
        }
        add(line)
        return try object(line)
    }

    /// What a line says is kept one level higher.
    private static let depthMax = JSONLimits().depth + 1

    private func object(_ line: [UInt8]) throws(RPCError) -> JSONObject {
        let json: JSON
        do throws(JSONParseError) { json = try JSON.parse(line, limits: JSONLimits(depth: Self.depthMax)) } catch {
            throw broken("it is not JSON: \(error)", reason: "invalid_params")
        }
        guard let object = json.objectValue else { throw broken("line: expected an object", reason: "invalid_params") }
        return object
    }

    /// The records of the next lines, at most a batch of them; what artifacts hold is written on the way.
    mutating func batch() -> Batch {
        var batch = Batch()
        let start = file.offset
        var recordBytes = 0
        do throws(RPCError) {
            while batch.records.count < Self.recordsMax, recordBytes < Self.recordBytesMax,
                file.offset - start < SessionFile.stepBytes
            {
                guard file.number < lines else {
                    try finish()
                    batch.isLast = true
                    break
                }
                let before = file.offset
                let object = try object()
                do throws(LineFault) {
                    guard let record = try take(object) else { continue }
                    recordBytes += file.offset - before
                    contents.count(record)
                    batch.records.append((file.number, record))
                } catch { throw refused(error) }
            }
        } catch { batch.error = error }
        return batch
    }

    private mutating func finish() throws(RPCError) {
        if let artifact {
            throw broken("\(artifact.artifact.path) has more bytes than came", reason: "invalid_params")
        }
        guard hash.hex == sum else { throw broken("the file has changed meanwhile", reason: "wrong_checksum") }
    }

    private mutating func take(_ object: JSONObject) throws(LineFault) -> SessionRecord? {
        let fields = LineFields(object)
        let type = try fields.text("type", most: 100)
        if type == "artifact_bytes" {
            try takeBytes(fields)
            return nil
        }
        guard artifact == nil else { throw fields.fault("type", "artifact_bytes, as there are more to come") }
        guard let decoder else { return nil }
        let record = try decoder.decode(type, fields)
        if case .artifact(let artifact) = record, try fields.bool("has_bytes") { try begin(artifact) }
        return record
    }

    // MARK: - Artifacts

    private mutating func begin(_ given: Artifact) throws(LineFault) {
        guard let results else { return }
        do throws(Folder.Failure) {
            try results.make()
            artifact = OpenArtifact(artifact: given, file: try GrowingFile(given.path, in: results, mark: mark))
        } catch { throw Self.fault(error, given.path) }
        if given.bytes == 0 { try finishArtifact() }
    }

    private mutating func takeBytes(_ fields: LineFields) throws(LineFault) {
        guard var open = artifact else { throw fields.fault("type", "an artifact before its bytes") }
        guard try fields.int("offset", 0...(1 << 50)) == open.file.bytes else {
            throw fields.fault("offset", "\(open.file.bytes)")
        }
        let left = open.artifact.bytes - open.file.bytes
        let most = min(left, SessionFile.chunkBytes)
        let text = try fields.text("data", most: (SessionFile.chunkBytes + 2) / 3 * 4)
        guard let bytes = Base64.decode(text), !bytes.isEmpty, bytes.count <= most else {
            throw fields.fault("data", "1 to \(most) bytes in base64")
        }
        do throws(Folder.Failure) { try open.file.append(bytes) } catch {
            throw Self.fault(error, open.artifact.path)
        }
        open.hash.add(bytes)
        artifact = open
        if open.file.bytes == open.artifact.bytes { try finishArtifact() }
    }

    private mutating func finishArtifact() throws(LineFault) {
        guard let open = artifact else { return }
        artifact = nil
        guard open.hash.hex == open.artifact.sha256 else {
            open.file.abandon()
            throw LineFault(message: "the bytes of \(open.artifact.path) are not those of its checksum", path: nil)
        }
        do throws(Folder.Failure) { try open.file.finish() } catch { throw Self.fault(error, open.artifact.path) }
    }

    private static func fault(_ failure: Folder.Failure, _ path: String) -> LineFault {
        LineFault(message: "\(path) cannot be made: \(failure)", path: nil)
    }
}
