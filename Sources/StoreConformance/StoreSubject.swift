package import AgentModel
package import Store

/// A store to be checked: how a further host opens the same one, which is empty at first.
package struct StoreSubject: Sendable {
    package typealias Open =
        @Sendable (_ host: HostID, _ sink: @escaping StoreSink) throws(StoreFailure) -> any Store

    private let open: Open

    package init(open: @escaping Open) { self.open = open }

    /// One more host. It dies, for the others, when it is closed while it has tasks that have not ended.
    package func host() throws(StoreFailure) -> StoreHost {
        let id = Fresh.id(of: HostKind.self)
        let answers = StoreAnswers()
        return StoreHost(store: try open(id) { answers.take($0) }, answers: answers)
    }
}

/// What a store does that its contract forbids.
package struct StoreConformanceFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// A named demand on every store.
package struct StoreCheck: Sendable, CustomStringConvertible {
    package let name: String
    package let run: @Sendable (StoreSubject) throws -> Void

    package var description: String { name }

    package static let all =
        sessions + projects + tasks + checkpoints + restoring + leases + readings + logs + asks + plans + workflows
        + deletion + pages + bills + imports + memories + memoryLists + forgetting + housekeeping + walks
}

/// Fails the check unless the two are equal.
func expect<Value: Equatable>(_ found: Value?, _ wanted: Value?, _ what: String) throws(StoreConformanceFailure) {
    guard found != wanted else { return }
    func text(_ value: Value?) -> String { value.map { "\($0)" } ?? "nothing" }
    throw StoreConformanceFailure("\(what): \(text(found)) instead of \(text(wanted))")
}

/// Fails the check unless the call fails as it should.
func expectFailure(
    _ what: String, _ isRight: (StoreFailure) -> Bool, _ body: () throws -> Void
) throws(StoreConformanceFailure) {
    do { try body() } catch let failure as StoreFailure where isRight(failure) {
        return
    } catch {
        throw StoreConformanceFailure("\(what): fails with \(error)")
    }
    throw StoreConformanceFailure("\(what): does not fail")
}

extension StoreFailure {
    var isRefused: Bool { if case .refused = self { true } else { false } }
    var isNotFound: Bool { if case .notFound = self { true } else { false } }
    var isSuperseded: Bool { if case .superseded = self { true } else { false } }
    var isOutdated: Bool { if case .outdated = self { true } else { false } }
    var isBusy: Bool { if case .busy = self { true } else { false } }
    var isDeadHolder: Bool { if case .deadHolder = self { true } else { false } }
    var isFenced: Bool { if case .fenced = self { true } else { false } }
    var isLimit: Bool { if case .limit = self { true } else { false } }
    var isReplayed: Bool { if case .replayed = self { true } else { false } }
    var isKeyConflict: Bool { if case .keyConflict = self { true } else { false } }
}
