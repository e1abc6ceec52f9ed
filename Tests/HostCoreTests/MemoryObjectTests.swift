import AgentModel
import HostProtocol
import JSON
import Store
import Testing

@testable import HostCore

/// Filters and sorts of a search name the fields of what the wire shows.
@Suite struct MemoryObjectTests {
    private let now = Timestamp(milliseconds: 1_772_000_000_123)

    private func uuid(_ number: UInt64) -> UUID128 { UUID128(high: 0x0192_f0c1_7a2b_7c3d, low: 1 << 63 | number) }

    @Test func aSearchSeesAMemoryAsTheWireShowsIt() {
        let scopes: [MemoryScope] = [
            .user, .session(SessionID(uuid(7))), .project(ProjectID(uuid(8))), .connection(ConnectionID(uuid(9))),
        ]
        for (index, scope) in scopes.enumerated() {
            var memory = Memory(
                id: MemoryID(uuid(1)), scope: scope, namespace: "n", key: "k", value: ["a": [1, nil]],
                contentText: "text", importance: index == 0 ? 1 : 0.25, createdAt: now, updatedAt: now)
            #expect(Wire.Memory(memory).json == .object(memory.object))
            memory.tags = ["x"]
            memory.source = MemorySource(taskID: TaskID(uuid(2)), runID: RunID(uuid(3)), role: "user", seq: 4)
            memory.lastRecalledAt = now
            memory.recallCount = 5
            memory.expiresAt = now
            memory.validFrom = now
            memory.validTo = now
            memory.supersededBy = MemoryID(uuid(4))
            memory.embeddingModel = "m"
            memory.metadata = ["b": true]
            #expect(Wire.Memory(memory).json == .object(memory.object))
        }
    }
}
