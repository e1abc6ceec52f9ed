/// What an identifier names: its prefix on the wire.
package protocol IdentifierKind: Sendable {
    static var prefix: String { get }
}

/// An id as `prefix_` + a lower-case UUIDv7, e.g. `sess_0192f0c1-...`. Ids are never reused.
package struct Identifier<Kind: IdentifierKind>: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let uuid: UUID128

    package init(_ uuid: UUID128) { self.uuid = uuid }

    /// `nil` unless the text is this kind's prefix followed by a UUID.
    package init?(_ text: String) {
        guard text.hasPrefix(Kind.prefix), let uuid = UUID128(String(text.dropFirst(Kind.prefix.count))) else {
            return nil
        }
        self.uuid = uuid
    }

    package var description: String { Kind.prefix + uuid.description }

    /// The last eight hex digits: the first ones of a UUIDv7 are time and alike for things made together.
    package var short: String { String(uuid.description.suffix(8)) }

    package static func < (left: Self, right: Self) -> Bool { left.uuid < right.uuid }
}

package enum SessionKind: IdentifierKind { package static let prefix = "sess_" }
package enum TaskKind: IdentifierKind { package static let prefix = "task_" }
package enum RunKind: IdentifierKind { package static let prefix = "run_" }
package enum CheckpointKind: IdentifierKind { package static let prefix = "ckpt_" }
package enum MemoryKind: IdentifierKind { package static let prefix = "mem_" }
package enum ProjectKind: IdentifierKind { package static let prefix = "proj_" }
package enum ConnectionKind: IdentifierKind { package static let prefix = "conn_" }
package enum PlanKind: IdentifierKind { package static let prefix = "plan_" }
package enum FlowKind: IdentifierKind { package static let prefix = "flow_" }
package enum PermissionKind: IdentifierKind { package static let prefix = "perm_" }
/// One life of one host process on a store.
package enum HostKind: IdentifierKind { package static let prefix = "host_" }

package typealias SessionID = Identifier<SessionKind>
package typealias TaskID = Identifier<TaskKind>
package typealias RunID = Identifier<RunKind>
package typealias CheckpointID = Identifier<CheckpointKind>
package typealias MemoryID = Identifier<MemoryKind>
package typealias ProjectID = Identifier<ProjectKind>
package typealias ConnectionID = Identifier<ConnectionKind>
package typealias PlanID = Identifier<PlanKind>
package typealias FlowID = Identifier<FlowKind>
package typealias PermissionID = Identifier<PermissionKind>
package typealias HostID = Identifier<HostKind>
