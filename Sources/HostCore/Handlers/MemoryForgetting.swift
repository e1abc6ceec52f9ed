import AgentModel
import HostProtocol
import JSON
import JSONRPC
import MemorySearch
import Store

/// Forgetting for good: in steps, so that no transaction is long, then every trace, then the reply.
extension Host {
    /// What one request is to forget, and what is gone by now.
    private struct Forgetting {
        /// The next to go.
        var ids: [MemoryID] = []
        /// Where more of them are found; `nil`: there are no others.
        var filter: MemoryFilter?
        /// After which page the next one begins.
        var cursor: String?
        var counts = ForgetCounts()
    }

    /// Memories that one transaction removes.
    private static let forgetStep = 64
    /// Memories that one read looks at.
    private static let forgetPage = 256

    func forget(_ params: Wire.MemoryForgetParams, _ call: Call) throws(RPCError) {
        let place = try MemoryPlace(
            session: params.sessionID, project: params.projectID, connection: params.dbConnectionID,
            scope: params.scope)
        if let ids = params.memoryIDs {
            guard !place.isNamed, params.namespace == nil else {
                throw .unwanted("memory_ids", "no scope or namespace beside it")
            }
            return forget(ids.compactMap(MemoryID.init), isDryRun: params.dryRun, call)
        }
        if let key = params.key {
            let namespace = params.namespace ?? Memory.namespaceByDefault
            return readChecked(call) { reader in
                try reader.memory(reader.scope(place), namespace: namespace, key: key, at: nil).map { [$0.id] } ?? []
            } then: { [self] ids in
                forget(ids, isDryRun: params.dryRun, call)
            }
        }
        let expression = try params.filterBy.map(MemoryTest.expression)
        guard expression != nil || params.all == true else { throw .unwanted("all", "true") }
        guard place.isNamed else { throw .unwanted("scope", "a scope; \"user\" for the user's own memories") }
        forgetAll(place, namespace: params.namespace, expression, isDryRun: params.dryRun, call)
    }

    private func forget(_ ids: [MemoryID], isDryRun: Bool, _ call: Call) {
        guard isDryRun else { return forgetNext(Forgetting(ids: ids), call) }
        read(call) { reader -> ForgetCounts in
            var counts = ForgetCounts()
            for id in Set(ids) {
                let versions = try reader.memoryVersions(id)
                if !versions.isEmpty { counts.memories += 1 }
                counts.versions += max(0, versions.count - 1)
            }
            return counts
        } then: { [self] counts in
            reply(call, Wire.ForgetResult(counts, isDryRun: true))
        }
    }

    private func forgetAll(
        _ place: MemoryPlace, namespace: String?, _ expression: FilterExpression?, isDryRun: Bool, _ call: Call
    ) {
        readChecked(call) { reader -> MemoryFilter in
            var filter = MemoryFilter()
            filter.scopes = [try reader.scope(place)]
            filter.namespace = namespace
            filter.expression = expression
            filter.includeInactive = true
            return filter
        } then: { [self] filter in
            let forgetting = Forgetting(filter: filter)
            if isDryRun { countNext(forgetting, call) } else { forgetNext(forgetting, call) }
        }
    }

    /// Counts a page of what would go, then the next.
    private func countNext(_ forgetting: Forgetting, _ call: Call) {
        find(forgetting, call) { [self] next in
            var next = next
            next.counts.memories += next.ids.count
            next.ids = []
            if next.filter != nil { return countNext(next, call) }
            reply(call, Wire.ForgetResult(next.counts, isDryRun: true))
        }
    }

    /// Takes the next step, or ends.
    private func forgetNext(_ forgetting: Forgetting, _ call: Call) {
        guard isOpen(call) else { return }
        // From here on a cancel is heard between two steps.
        call.cancel = nil
        if call.isCancelled { return endForgetting(forgetting, call) }
        if !forgetting.ids.isEmpty { return forgetStep(forgetting, call) }
        if forgetting.filter == nil { return endForgetting(forgetting, call) }
        find(forgetting, call) { [self] in forgetNext($0, call) }
    }

    /// Looks at the next page of what may go; without a next one there is no filter any more.
    private func find(_ forgetting: Forgetting, _ call: Call, then: @escaping (Forgetting) -> Void) {
        guard let filter = forgetting.filter else { return then(forgetting) }
        let now = clock.now()
        let page = PageRequest(limit: Self.forgetPage, cursor: forgetting.cursor)
        store.read { reader -> (ids: [MemoryID], next: String?) in
            let found = try reader.memories(filter, at: now, page)
            return (found.items.map(\.id), found.nextCursor)
        } then: { [self] result in
            guard isOpen(call) else { return }
            switch result {
            case .success(let found):
                var next = forgetting
                next.ids = found.ids
                next.cursor = found.next
                if found.next == nil { next.filter = nil }
                then(next)
            case .failure(let failure): fail(call, failure)
            }
        }
    }

    private func forgetStep(_ forgetting: Forgetting, _ call: Call) {
        let step = Array(forgetting.ids.prefix(Self.forgetStep))
        store.commit([.forgetMemories(step)]) { [self] result in
            switch result {
            case .success(let commit):
                var next = forgetting
                next.ids.removeFirst(step.count)
                next.counts = next.counts + commit.forgotten
                forgetNext(next, call)
            case .failure(.overloaded):
                after(milliseconds: 50) { [self] in forgetNext(forgetting, call) }
            case .failure(let failure): if isOpen(call) { fail(call, failure) }
            }
        }
    }

    private func endForgetting(_ forgetting: Forgetting, _ call: Call) {
        eraseTraces { [self] failure in
            guard isOpen(call) else { return }
            if let failure { return fail(call, failure) }
            let result = Wire.ForgetResult(forgetting.counts)
            guard call.isCancelled else { return reply(call, result) }
            var error = RPCError.cancelled
            error.raw = result.json
            fail(call, error)
        }
    }

    /// Has nothing of what was removed in any file of the store. A store that is read without a pause is asked again.
    func eraseTraces(attempts: Int = 40, then: @escaping (StoreFailure?) -> Void) {
        store.commit([.eraseTraces]) { [self] result in
            switch result {
            case .success: then(nil)
            case .failure(.overloaded) where attempts > 1:
                after(milliseconds: 50) { [self] in eraseTraces(attempts: attempts - 1, then: then) }
            case .failure(let failure): then(failure)
            }
        }
    }
}

extension RPCError {
    fileprivate static func unwanted(_ field: String, _ expected: String) -> RPCError {
        RPCError(
            .invalidParams, "params.\(field): expected \(expected)", path: "params.\(field)", expected: expected)
    }
}
