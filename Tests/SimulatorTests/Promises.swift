import AgentModel
import Store

/// What clients were told and may rely on, whatever happens to hosts.
// Used on the simulation's one thread, and on a reader's while that thread waits.
final class Promises: @unchecked Sendable {
    typealias Check = @Sendable (any StoreReader) throws -> Bool

    private var checks: [String: Check] = [:]

    /// - Parameter subject: what it is about; a later promise on it replaces this one.
    func add(_ subject: String, _ check: @escaping Check) { checks[subject] = check }
    func drop(_ subject: String) { checks[subject] = nil }
    /// It may have been deleted.
    func drop(about id: SessionID) { checks = checks.filter { !$0.key.hasPrefix("\(id)") } }

    /// The first that does not hold.
    func broken(_ reader: any StoreReader) throws -> String? {
        try checks.sorted { $0.key < $1.key }.first { try !$0.value(reader) }?.key
    }
}
