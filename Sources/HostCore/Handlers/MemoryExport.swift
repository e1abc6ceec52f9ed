import AgentModel
import HostProtocol
import JSONRPC
import Store

/// An export on its way: a page is read, then written, then the next.
private final class MemoryExport {
    let call: Call
    let filter: MemoryFilter
    let startedAt: Timestamp
    let overwrites: Bool
    var file: NewFile
    var memories = 0
    var cursor: String?
    /// The memories have been looked at once: now those that changed meanwhile.
    var isCatchingUp = false
    /// What was as young as the export when it was written.
    private var young: Set<Version> = []

    private struct Version: Hashable {
        var id: MemoryID
        var updatedAt: Timestamp
    }

    init(_ call: Call, _ filter: MemoryFilter, _ file: NewFile, overwrites: Bool, at startedAt: Timestamp) {
        self.call = call
        self.filter = filter
        self.file = file
        self.overwrites = overwrites
        self.startedAt = startedAt
    }

    /// What of a page, newest first, is to be written, and whether the next page may hold more.
    func take(_ page: Page<Memory>) -> (memories: [Memory], isMoreLeft: Bool) {
        let recent = page.items.prefix { $0.updatedAt >= startedAt }
        let new = recent.filter { young.insert(Version(id: $0.id, updatedAt: $0.updatedAt)).inserted }
        guard isCatchingUp else { return (page.items, page.nextCursor != nil) }
        return (new, page.nextCursor != nil && recent.count == page.items.count)
    }
}

extension Host {
    private static let exportPage = 500

    func exportMemories(_ params: Wire.MemoryExportParams, _ call: Call) throws(RPCError) {
        let place = try MemoryPlace(
            session: params.sessionID, project: params.projectID, connection: params.dbConnectionID,
            scope: params.scope)
        var filter = MemoryFilter()
        filter.namespace = params.namespace
        filter.keyPrefix = params.keyPrefix
        filter.tag = params.tag
        filter.expression = try params.filterBy.map(MemoryTest.expression)
        filter.includeInactive = params.includeInactive
        guard let path = params.path.map(absolute) else {
            return exportPage(filter, place, PageRequest(limit: params.limit, cursor: params.cursor), call)
        }
        let (outside, mark, now) = (outsideStore, clock.uuid().description, clock.now())
        readChecked(call) {
            try place.filter(in: $0.session(of: place))
        } then: { [self, filter] scopes in
            call.cancel = nil
            var filter = filter
            filter.scopes = scopes
            files.perform { () -> Result<NewFile, OutsideStore.Failure> in
                do throws(OutsideStore.Failure) {
                    return .success(try NewFile(outside.place(path), mark: mark, overwrites: params.overwrite))
                } catch { return .failure(error) }
            } then: { [self, filter] made in
                switch made {
                case .success(let file):
                    goOn(MemoryExport(call, filter, file, overwrites: params.overwrite, at: now))
                case .failure(let failure): if isOpen(call) { fail(call, .file(failure, path)) }
                }
            }
        }
    }

    private func exportPage(_ filter: MemoryFilter, _ place: MemoryPlace, _ page: PageRequest, _ call: Call) {
        let now = clock.now()
        readChecked(call) { reader in
            var filter = filter
            filter.scopes = try place.filter(in: reader.session(of: place))
            return try reader.memories(filter, at: now, page)
        } then: { [self] found in
            reply(
                call,
                Wire.ExportResult(
                    memories: found.items.count, items: found.items.map(Wire.Memory.init), nextCursor: found.nextCursor)
            )
        }
    }

    private func goOn(_ work: MemoryExport) {
        guard isOpen(work.call), !work.call.isCancelled else { return abandon(work, .cancelled) }
        let (filter, page) = (work.filter, PageRequest(limit: Self.exportPage, cursor: work.cursor))
        let now = clock.now()
        store.read {
            try $0.memories(filter, at: now, page)
        } then: { [self] result in
            switch result {
            case .success(let found): write(found, work)
            case .failure(let failure): abandon(work, RPCError(failure))
            }
        }
    }

    private func write(_ found: Page<Memory>, _ work: MemoryExport) {
        let (memories, isMoreLeft) = work.take(found)
        let file = work.file
        files.perform { () -> Result<NewFile, OutsideStore.Failure> in
            var file = file
            do throws(OutsideStore.Failure) {
                try file.append(memories.flatMap(MemoryLine.encode))
                return .success(file)
            } catch { return .failure(error) }
        } then: { [self] result in
            switch result {
            case .success(let file):
                work.file = file
                work.memories += memories.count
                work.cursor = isMoreLeft ? found.nextCursor : nil
                if isMoreLeft { return goOn(work) }
                guard work.isCatchingUp else {
                    work.isCatchingUp = true
                    return goOn(work)
                }
                finish(work)
            case .failure(let failure): abandon(work, .file(failure, work.file.path))
            }
        }
    }

    private func finish(_ work: MemoryExport) {
        let (file, overwrites) = (work.file, work.overwrites)
        files.perform { () -> OutsideStore.Failure? in
            do throws(OutsideStore.Failure) {
                try file.finish(overwrites: overwrites)
                return nil
            } catch { return error }
        } then: { [self] failure in
            guard isOpen(work.call) else { return }
            if let failure { return fail(work.call, .file(failure, work.file.path)) }
            reply(
                work.call,
                Wire.ExportResult(memories: work.memories, path: work.file.path, bytes: work.file.bytes))
        }
    }

    private func abandon(_ work: MemoryExport, _ error: RPCError) {
        let file = work.file
        files.perform {
            file.abandon()
        } then: { (_: Void) in
        }
        if isOpen(work.call) { fail(work.call, error) }
    }
}
