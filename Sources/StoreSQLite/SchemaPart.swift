import Store

/// What a store has from a version on. One that is older, because other hosts kept this one from migrating it, goes
/// without.
struct SchemaPart: Sendable {
    let since: Int
    private let name: String

    static let memory = SchemaPart(since: 1001, name: "memory")
    static let ledger = SchemaPart(since: 1002, name: "budgets")
    static let projects = SchemaPart(since: 1003, name: "projects")
    static let checkpoints = SchemaPart(since: 1004, name: "checkpoints")
    static let plans = SchemaPart(since: 1005, name: "plans")
    static let workflows = SchemaPart(since: 1006, name: "workflows")
    static let promotions = SchemaPart(since: 1007, name: "promotions")

    /// Fails in a store of a version that does not have it.
    func require(_ version: Int) throws(StoreFailure) {
        guard version >= since else {
            throw .broken(
                reason: "old_schema",
                detail: "the store has version \(version), without \(name): end the other hosts, then start again")
        }
    }
}
