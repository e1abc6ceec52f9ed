import AgentModel
import Driver
import HostProtocol
import JSON
import JSONRPC
import Store

/// An import on its way: checked to its end, then read by the file thread a batch at a time, each batch committed
/// before the next is read.
private final class ImportWork {
    let call: Call
    let params: Wire.SessionImportParams
    var reader: SessionFileReader
    var made: SessionImport?
    /// The session as the file has it.
    var written: AgentSession?
    var warnings: [String] = []
    /// Whether something of it is in the store.
    var hasBegun = false
    /// Bytes at which the client was told last.
    var toldBytes = 0

    init(_ call: Call, _ params: Wire.SessionImportParams, _ reader: SessionFileReader) {
        self.call = call
        self.params = params
        self.reader = reader
    }
}

extension Host {
    /// Bytes between two notifications.
    private static let importedBytesToTell = 4 << 20

    func importSession(_ params: Wire.SessionImportParams, _ call: Call) throws(RPCError) {
        if let driver = params.driver { try check(driver: driver) }
        let (path, outside) = (absolute(params.path), outsideStore)
        call.cancel = nil
        files.perform { () -> Result<SessionFileReader, OutsideStore.Failure> in
            do throws(OutsideStore.Failure) {
                return .success(try SessionFileReader(outside.resolve(path), name: path))
            } catch { return .failure(error) }
        } then: { [self] opened in
            switch opened {
            case .success(let reader):
                // What follows is long: whoever wants to see its end waits for the reply.
                releaseLane(call)
                check(ImportWork(call, params, reader))
            case .failure(let failure): if isOpen(call) { fail(call, .file(failure, path)) }
            }
        }
    }

    /// Has the file thread go on with the file.
    private func perform<Answer: Sendable>(
        _ work: ImportWork, _ body: @escaping @Sendable (inout SessionFileReader) throws(RPCError) -> Answer,
        then: @escaping (Answer) -> Void
    ) {
        guard isOpen(work.call), !work.call.isCancelled else { return abandon(work, .cancelled) }
        let reader = work.reader
        files.perform { () -> (SessionFileReader, Result<Answer, RPCError>) in
            var reader = reader
            do throws(RPCError) {
                let answer = try body(&reader)
                return (reader, .success(answer))
            } catch { return (reader, .failure(error)) }
        } then: { [self] reader, result in
            work.reader = reader
            switch result {
            case .success(let answer): then(answer)
            case .failure(let error): abandon(work, error)
            }
        }
    }

    private func check(_ work: ImportWork) {
        tell(work, isChecked: false)
        perform(work) { reader throws(RPCError) in
            try reader.check()
        } then: { [self] isWhole in
            if isWhole { begin(work) } else { check(work) }
        }
    }

    private func begin(_ work: ImportWork) {
        let (root, new): (String, SessionID) = (options.resultsRoot, clock.id())
        let isNew = work.params.ids == .new
        let identities = isNew ? IdentityMap(key: UUID128(high: clock.uuid().low, low: clock.uuid().low)) : nil
        let (settings, mark) = (settings(of: work.params), clock.uuid().description)
        work.toldBytes = 0
        perform(work) { reader throws(RPCError) -> (SessionImport, written: AgentSession, warnings: [String]) in
            let (source, fields) = try reader.begin()
            do throws(LineFault) {
                let id = isNew ? new : source
                let written = try SessionDecoder(fields: fields).session(id: id, resultsRoot: root)
                let session = settings.applied(to: written, resultsRoot: root)
                reader.prepare(
                    RecordDecoder(target: id, identities: identities), results: Folder(path: session.resultsDirectory),
                    mark: mark)
                let made = SessionImport(session, from: source, identities: identities)
                return (made, written, settings.warnings(of: session))
            } catch { throw reader.refused(error) }
        } then: { [self] made, written, warnings in
            work.made = made
            work.written = written
            work.warnings = warnings
            work.made?.forkingDrivers = Set(options.drivers.filter(\.capabilities.forks).map(\.name))
            // What an earlier import has left may have the same ids.
            purge(PurgeCounts()) { [self] _, _ in insert(work) }
        }
    }

    private func insert(_ work: ImportWork) {
        guard let made = work.made else { return }
        store.commit([.beginImport(made)]) { [self] result in
            switch result {
            case .success:
                work.hasBegun = true
                goOn(work)
            case .failure(let failure): abandon(work, refused(failure, 2))
            }
        }
    }

    private func goOn(_ work: ImportWork) {
        tell(work, isChecked: true)
        perform(work) { reader throws(RPCError) in
            reader.batch()
        } then: { [self] batch in
            commit(batch.records[...], work) { [self] in
                if let error = batch.error { return abandon(work, error) }
                if batch.isLast { settle(work) } else { goOn(work) }
            }
        }
    }

    /// Commits records together, as far as the store takes them in one step; where it refuses them, the halves by
    /// themselves, so that the line is known.
    private func commit(
        _ records: ArraySlice<(line: Int, record: SessionRecord)>, _ work: ImportWork, then: @escaping () -> Void
    ) {
        guard let first = records.first, let made = work.made else { return then() }
        store.commit([.importRecords(made, records.map(\.record))]) { [self] result in
            guard isOpen(work.call), !work.call.isCancelled else { return abandon(work, .cancelled) }
            switch result {
            case .success(let commit): self.commit(records.dropFirst(max(1, commit.importedRecords)), work, then: then)
            case .failure(.overloaded), .failure(.broken(reason: "locked", _)):
                after(milliseconds: 50) { [self] in self.commit(records, work, then: then) }
            case .failure(.notFound), .failure(.refused), .failure(.limit):
                guard records.count == 1 else {
                    let middle = records.startIndex + records.count / 2
                    return self.commit(records[..<middle], work) { [self] in
                        self.commit(records[middle...], work, then: then)
                    }
                }
                if case .failure(let failure) = result { abandon(work, refused(failure, first.line)) }
            case .failure(let failure): abandon(work, RPCError(failure))
            }
        }
    }

    private func refused(_ failure: StoreFailure, _ line: Int) -> RPCError {
        var error = RPCError(failure)
        error.message = "line \(line): \(error.message)"
        error.path = "params.path"
        return error
    }

    private func settle(_ work: ImportWork) {
        guard let made = work.made, isOpen(work.call), !work.call.isCancelled else { return abandon(work, .cancelled) }
        store.commit([.settleImport(made)]) { [self] result in
            switch result {
            case .success(let commit): if commit.isMoreLeft { settle(work) } else { show(work) }
            case .failure(.overloaded), .failure(.broken(reason: "locked", _)):
                after(milliseconds: 50) { [self] in settle(work) }
            case .failure(let failure): abandon(work, refused(failure, work.reader.lines))
            }
        }
    }

    private func show(_ work: ImportWork) {
        guard let made = work.made, isOpen(work.call), !work.call.isCancelled else { return abandon(work, .cancelled) }
        store.commit([.showImport(made)]) { [self] result in
            switch result {
            case .success(let commit):
                close(work)
                guard isOpen(work.call), let session = commit.sessions[made.session.id] else { return }
                reply(work.call, self.result(of: work, made, session))
            case .failure(let failure): abandon(work, refused(failure, work.reader.lines))
            }
        }
    }

    private func result(
        of work: ImportWork, _ made: SessionImport, _ session: AgentSession
    ) -> Wire.SessionImportResult {
        Wire.SessionImportResult(
            session: created(session), sourceSessionID: "\(made.source)", path: work.reader.path,
            lines: work.reader.lines, contents: work.reader.contents,
            leftOut: work.written.map { ImportedSettings.differences(of: session, from: $0) } ?? [],
            warnings: work.warnings)
    }

    private func settings(of params: Wire.SessionImportParams) -> ImportedSettings {
        ImportedSettings(
            areOfFile: params.settings == .file, driver: params.driver, model: params.model,
            workingDirectory: params.workingDirectory.map(absolute), defaultDriver: options.defaultDriver,
            drivers: Set(options.drivers.map(\.name)), permissions: options.permissions)
    }

    private func tell(_ work: ImportWork, isChecked: Bool) {
        let file = work.reader.file
        guard file.offset - work.toldBytes >= Self.importedBytesToTell, !client.areDeltasHeld else { return }
        work.toldBytes = file.offset
        // Each byte is read twice.
        let done = isChecked ? max(file.size, file.offset) + file.offset : file.offset
        client.notify(
            Wire.Notification.hostProgress.rawValue,
            Wire.HostProgress(
                requestID: work.call.id.json, done: Double(done), total: Double(2 * max(file.size, file.offset)),
                message: "\(isChecked ? "imported" : "checked") \(file.number) lines of \(work.reader.path)"
            ).json)
    }

    private func close(_ work: ImportWork) {
        let reader = work.reader
        files.perform {
            reader.close()
        } then: { (_: Void) in
        }
    }

    /// Nothing is left of it before the answer is given.
    private func abandon(_ work: ImportWork, _ error: RPCError) {
        close(work)
        let answer = { [self] in if isOpen(work.call) { fail(work.call, error) } }
        guard work.hasBegun, let session = work.made?.session else { return answer() }
        store.commit([.abandonSession(session.id)]) { [self] _ in
            removeFiles(of: session) { [self] in
                purge(PurgeCounts()) { _, _ in answer() }
            }
        }
    }
}
