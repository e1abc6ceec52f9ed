/// What `check` found in a store.
package struct StoreReport: Hashable, Sendable {
    /// What is wrong, one sentence each; empty for a sound store.
    package var problems: [String] = []
    package var sessions = 0
    package var tasks = 0
    package var events = 0
    package var memory = MemoryStats()
    package var schemaVersion = 0
    package var bytes = 0

    package init() {}

    package var isSound: Bool { problems.isEmpty }
}

/// What `backup` and `vacuum` did.
package struct StoreCopy: Hashable, Sendable {
    /// Of the backup, or of the store that was compacted.
    package var path: String
    package var bytesBefore: Int
    package var bytesAfter: Int

    package init(path: String, bytesBefore: Int, bytesAfter: Int) {
        self.path = path
        self.bytesBefore = bytesBefore
        self.bytesAfter = bytesAfter
    }
}
