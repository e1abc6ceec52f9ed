import AgentModel
import HostProtocol
import JSONRPC
import Store

/// An import on its way: read by the file thread a batch at a time, each batch committed before the next is read.
private final class MemoryImport {
    let call: Call
    let afterLine: Int
    let defaults: MemoryLine.Defaults
    var file: LineFile
    var result: Wire.ImportResult
    /// Lines read since the client was last told.
    var untoldLines = 0

    init(_ call: Call, _ file: LineFile, path: String, afterLine: Int, defaults: MemoryLine.Defaults) {
        self.call = call
        self.file = file
        self.afterLine = afterLine
        self.defaults = defaults
        result = Wire.ImportResult(
            path: path, lines: 0, created: 0, updated: 0, unchanged: 0, failed: 0, lastLine: 0, errors: [])
    }

    func note(_ line: Int, _ fault: MemoryLine.Fault) {
        result.failed += 1
        guard result.errors.count < 20 else { return }
        result.errors.append(
            Wire.ImportError(line: line, reason: fault.reason, message: fault.message, path: fault.path))
    }
}

extension LineFile {
    /// What one batch reads.
    fileprivate struct Batch: Sendable {
        var drafts: [(line: Int, draft: MemoryDraft)] = []
        var faults: [(line: Int, fault: MemoryLine.Fault)] = []
        var lastLine = 0
        var isLast = false
        var failure: OutsideStore.Failure?
    }

    private static let linesMax = 256
    private static let bytesMax = 1 << 20

    /// The memories of the next lines, at most a batch of them.
    fileprivate mutating func batch(after: Int, _ defaults: MemoryLine.Defaults) -> Batch {
        var batch = Batch()
        let start = offset
        // By bytes too: lines that are passed over are none of the batch.
        while batch.drafts.count < Self.linesMax, offset - start < Self.bytesMax {
            do throws(OutsideStore.Failure) {
                guard let line = try next() else {
                    batch.isLast = true
                    break
                }
                if number > after { Self.take(line, number, defaults, into: &batch) }
            } catch {
                batch.failure = error
                break
            }
        }
        batch.lastLine = number
        return batch
    }

    private static func take(
        _ line: Line, _ number: Int, _ defaults: MemoryLine.Defaults, into batch: inout Batch
    ) {
        guard case .bytes(let bytes) = line else {
            let fault = MemoryLine.Fault(reason: "limit_exceeded", message: "the line is too long")
            return batch.faults.append((number, fault))
        }
        guard bytes.contains(where: { ![UInt8(ascii: " "), UInt8(ascii: "\t")].contains($0) }) else { return }
        do throws(MemoryLine.Fault) {
            batch.drafts.append((number, try MemoryLine.decode(bytes, defaults)))
        } catch {
            batch.faults.append((number, error))
        }
    }
}

extension Host {
    static let importLineBytesMax = 4 << 20
    /// Lines between two notifications.
    private static let linesToTell = 4096

    var outsideStore: OutsideStore {
        OutsideStore(database: store.describe().path, results: options.resultsRoot)
    }

    func importMemories(_ params: Wire.MemoryImportParams, _ call: Call) throws(RPCError) {
        let place = try MemoryPlace(
            session: params.sessionID, project: params.projectID, connection: params.dbConnectionID,
            scope: params.scope)
        try MemoryLimits.check(namespace: params.namespace)
        let (path, outside) = (absolute(params.path), outsideStore)
        readChecked(call) {
            try $0.scope(place)
        } then: { [self] scope in
            call.cancel = nil
            files.perform { () -> Result<LineFile, OutsideStore.Failure> in
                do throws(OutsideStore.Failure) {
                    return .success(try LineFile(outside.resolve(path), lineBytesMax: Self.importLineBytesMax))
                } catch { return .failure(error) }
            } then: { [self] opened in
                switch opened {
                case .success(let file):
                    // What follows is long: whoever wants to see its end waits for the reply.
                    releaseLane(call)
                    let defaults = MemoryLine.Defaults(scope: scope, namespace: params.namespace)
                    goOn(MemoryImport(call, file, path: path, afterLine: params.afterLine, defaults: defaults))
                case .failure(let failure): if isOpen(call) { fail(call, .file(failure, path)) }
                }
            }
        }
    }

    private func goOn(_ work: MemoryImport) {
        guard isOpen(work.call), !work.call.isCancelled else { return end(work, .cancelled) }
        let (file, after, defaults) = (work.file, work.afterLine, work.defaults)
        files.perform { () -> (LineFile, LineFile.Batch) in
            var file = file
            let batch = file.batch(after: after, defaults)
            return (file, batch)
        } then: { [self] file, batch in
            work.file = file
            commit(batch.drafts[...], work) { [self] in committed(batch, work) }
        }
    }

    private func committed(_ batch: LineFile.Batch, _ work: MemoryImport) {
        for (line, fault) in batch.faults { work.note(line, fault) }
        work.result.errors.sort { $0.line < $1.line }
        work.result.lines += batch.drafts.count + batch.faults.count
        work.result.lastLine = batch.lastLine
        work.untoldLines += batch.drafts.count + batch.faults.count
        if let failure = batch.failure { return end(work, .file(failure, work.result.path)) }
        if batch.isLast { return end(work, nil) }
        if work.untoldLines >= Self.linesToTell { tell(work) }
        goOn(work)
    }

    private func tell(_ work: MemoryImport) {
        work.untoldLines = 0
        guard !client.areDeltasHeld else { return }
        client.notify(
            Wire.Notification.hostProgress.rawValue,
            Wire.HostProgress(
                requestID: work.call.id.json, done: Double(work.file.offset),
                total: Double(max(work.file.size, work.file.offset)),
                message: "\(work.result.lines) lines of \(work.result.path)"
            ).json)
    }

    /// Commits the lines together; where the store refuses one of them, the halves by themselves.
    private func commit(
        _ drafts: ArraySlice<(line: Int, draft: MemoryDraft)>, _ work: MemoryImport, then: @escaping () -> Void
    ) {
        guard let first = drafts.first else { return then() }
        store.commit(drafts.map { .remember($0.draft) }) { [self] result in
            switch result {
            case .success(let commit):
                for change in commit.memories { work.result.count(change.kind) }
                then()
            case .failure(.overloaded), .failure(.broken(reason: "locked", _)):
                guard isOpen(work.call), !work.call.isCancelled else { return end(work, .cancelled) }
                after(milliseconds: 50) { [self] in commit(drafts, work, then: then) }
            case .failure(.notFound), .failure(.refused), .failure(.limit):
                guard drafts.count == 1 else {
                    let middle = drafts.startIndex + drafts.count / 2
                    return commit(drafts[..<middle], work) { [self] in commit(drafts[middle...], work, then: then) }
                }
                if case .failure(let failure) = result {
                    let error = RPCError(failure)
                    work.note(first.line, MemoryLine.Fault(reason: error.reason, message: error.message))
                }
                then()
            case .failure(let failure): end(work, RPCError(failure))
            }
        }
    }

    /// - Parameter error: why it ended before its end, if so.
    private func end(_ work: MemoryImport, _ error: RPCError?) {
        let file = work.file
        files.perform {
            file.close()
        } then: { (_: Void) in
        }
        guard isOpen(work.call) else { return }
        guard var error else { return reply(work.call, work.result) }
        error.raw = work.result.json
        fail(work.call, error)
    }
}

extension Wire.ImportResult {
    fileprivate mutating func count(_ kind: MemoryChange.Kind) {
        switch kind {
        case .created: created += 1
        case .updated: updated += 1
        case .unchanged: unchanged += 1
        }
    }
}

extension RPCError {
    /// What a client is told of a file of its own.
    static func file(_ failure: OutsideStore.Failure, _ path: String) -> RPCError {
        switch failure {
        case .notFound: RPCError(.notFound, "there is no file \(path)", path: "params.path")
        case .notARegularFile: RPCError(.conflict, "\(path) is no regular file", path: "params.path")
        case .ofTheStore:
            RPCError(.permissionDenied, "\(path) belongs to the store", reason: "not_allowed", path: "params.path")
        case .exists: RPCError(.conflict, "there is a file \(path) already", path: "params.path")
        case .io(let error): RPCError(.permissionDenied, "\(error)", path: "params.path")
        }
    }
}
