import AgentModel
import HostProtocol
import JSON
import JSONRPC
import Store

/// An export on its way: a page is read, then written, then the next.
private final class SessionExport {
    let call: Call
    let mark: SessionMark
    let overwrites: Bool
    var writer: SessionFileWriter
    var cursor: SessionRecordCursor?
    /// Lines at which the client was told last.
    var toldLines = 0

    init(_ call: Call, _ mark: SessionMark, _ writer: SessionFileWriter, overwrites: Bool) {
        self.call = call
        self.mark = mark
        self.writer = writer
        self.overwrites = overwrites
        cursor = .start
    }

    var id: SessionID { mark.session.id }
}

extension Host {
    /// Lines between two notifications.
    static let sessionLinesToTell = 4096

    func exportSession(_ params: Wire.SessionExportParams, _ call: Call) throws(RPCError) {
        let id = try sessionID(params.sessionID)
        let (path, outside, uuid) = (absolute(params.path), outsideStore, clock.uuid().description)
        readChecked(call) { reader in
            guard let mark = try reader.mark(of: id) else {
                throw RPCError.notFound("\(id)", path: "params.session_id")
            }
            guard mark.openTasks == 0 else {
                throw RPCError(.conflict, "\(id) has tasks that have not ended", path: "params.session_id")
            }
            return mark
        } then: { [self] mark in
            call.cancel = nil
            let header = fileHeader(of: mark)
            let session = RecordLine.object(mark.session)
            let results = Folder(path: mark.session.resultsDirectory)
            files.perform { () -> Result<SessionFileWriter, RPCError> in
                do throws(OutsideStore.Failure) {
                    let file = try NewFile(outside.place(path), mark: uuid, overwrites: params.overwrite)
                    var writer = SessionFileWriter(file, folder: results)
                    do throws(RPCError) {
                        try writer.write(header)
                        try writer.write(session)
                        return .success(writer)
                    } catch {
                        file.abandon()
                        return .failure(error)
                    }
                } catch { return .failure(.file(error, path)) }
            } then: { [self] made in
                switch made {
                case .success(let writer): goOn(SessionExport(call, mark, writer, overwrites: params.overwrite))
                case .failure(let error): if isOpen(call) { fail(call, error) }
                }
            }
        }
    }

    private func fileHeader(of mark: SessionMark) -> JSONObject {
        [
            "format": .string(SessionFile.format), "version": .int(Int64(SessionFile.version)),
            "schema": .int(Int64(store.describe().schemaVersion)), "session_id": .string("\(mark.session.id)"),
            "exported_at": .string("\(clock.now())"),
        ]
    }

    private func goOn(_ work: SessionExport) {
        guard isOpen(work.call), !work.call.isCancelled else { return abandon(work, .cancelled) }
        if work.writer.lines - work.toldLines >= Self.sessionLinesToTell { tell(work) }
        guard work.writer.isIdle else { return write(work) }
        guard let cursor = work.cursor else { return finish(work) }
        store.read { [id = work.id] in
            try $0.records(of: id, from: cursor)
        } then: { [self] result in
            switch result {
            case .success(let page):
                work.cursor = page.next
                work.writer.add(page.records)
                goOn(work)
            case .failure(let failure): abandon(work, RPCError(failure))
            }
        }
    }

    private func write(_ work: SessionExport) {
        let writer = work.writer
        files.perform { () -> (SessionFileWriter, RPCError?) in
            var writer = writer
            do throws(RPCError) {
                try writer.work()
                return (writer, nil)
            } catch { return (writer, error) }
        } then: { [self] writer, error in
            work.writer = writer
            if let error { abandon(work, error) } else { goOn(work) }
        }
    }

    private func tell(_ work: SessionExport) {
        work.toldLines = work.writer.lines
        guard !client.areDeltasHeld else { return }
        let done = work.writer.contents
        client.notify(
            Wire.Notification.hostProgress.rawValue,
            Wire.HostProgress(
                requestID: work.call.id.json, done: Double(done.tasks + done.events + done.memories),
                total: Double(work.mark.session.taskCount + work.mark.lastSeq + work.mark.memories),
                message: "\(work.writer.lines) lines of \(work.writer.file.path)"
            ).json)
    }

    /// The file is of one state only where the session is as it was.
    private func finish(_ work: SessionExport) {
        store.read { [id = work.id] in
            try $0.mark(of: id)
        } then: { [self] result in
            switch result {
            case .success(let mark) where mark == work.mark: close(work)
            case .success:
                abandon(
                    work, RPCError(.conflict, "\(work.id) has changed while it was exported", isRetryable: true))
            case .failure(let failure): abandon(work, RPCError(failure))
            }
        }
    }

    private func close(_ work: SessionExport) {
        guard isOpen(work.call), !work.call.isCancelled else { return abandon(work, .cancelled) }
        let (writer, overwrites) = (work.writer, work.overwrites)
        files.perform { () -> Result<Wire.SessionExportResult, RPCError> in
            var writer = writer
            do throws(RPCError) {
                let sum = try writer.finish(overwrites: overwrites)
                return .success(
                    Wire.SessionExportResult(
                        sessionID: "", path: writer.file.path, bytes: writer.file.bytes, lines: writer.lines,
                        sha256: sum, contents: writer.contents, missingArtifacts: writer.missing))
            } catch { return .failure(error) }
        } then: { [self] result in
            guard isOpen(work.call) else { return }
            switch result {
            case .success(var done):
                done.sessionID = "\(work.id)"
                reply(work.call, done)
            case .failure(let error): fail(work.call, error)
            }
        }
    }

    private func abandon(_ work: SessionExport, _ error: RPCError) {
        let file = work.writer.file
        files.perform {
            file.abandon()
        } then: { (_: Void) in
        }
        if isOpen(work.call) { fail(work.call, error) }
    }
}
