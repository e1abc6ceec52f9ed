package import JSON

/// What takes one JSON value to another, itself as JSON:
///
/// - `{"a": change, ...}` changes members of an object and leaves the others as they are;
/// - `[value]` puts a value in place of what is there;
/// - `[items, "+"]` adds to the end of an array;
/// - `[]` takes it away.
///
/// As a JSON merge patch (RFC 7396), but it also says `null`, appends without saying again what the array holds, and
/// two changes in a row are always one: `docs/decisions/0091-checkpoints-are-changes.md`. A change of members or of an
/// array that meets another kind of value begins with an empty one.
package struct StateChange: Hashable, Sendable {
    package let json: JSON

    /// What is none of the above changes nothing.
    package init(json: JSON) { self.json = json }

    /// What takes `old` to `new`; `nil` when they are the same. `nil` stands for a value that is not there.
    package init?(from old: JSON?, to new: JSON?) {
        guard let json = Self.difference(old, new) else { return nil }
        self.json = json
    }

    package func apply(to value: inout JSON?) { Self.apply(json, to: &value) }

    package func applied(to value: JSON?) -> JSON? {
        var value = value
        apply(to: &value)
        return value
    }

    /// One change for this one and another after it.
    package func followed(by next: StateChange) -> StateChange {
        StateChange(json: Self.composed(json, next.json))
    }

    // MARK: - On JSON

    private enum Kind {
        case members(JSONObject)
        case set(JSON?)
        case append([JSON])
        case nothing

        init(_ json: JSON) {
            switch json {
            case .object(let members): self = .members(members)
            case .array(let parts) where parts.isEmpty: self = .set(nil)
            case .array(let parts) where parts.count == 1: self = .set(parts[0])
            case .array(let parts) where parts.count == 2: self = .append(parts[0].arrayValue ?? [])
            default: self = .nothing
            }
        }
    }

    private static func difference(_ old: JSON?, _ new: JSON?) -> JSON? {
        guard let new else { return old == nil ? nil : [] }
        switch (old, new) {
        case (.object(let old)?, .object(let new)):
            var changes = JSONObject()
            for member in new { changes[member.key] = difference(old[member.key], member.value) }
            for member in old where new[member.key] == nil { changes[member.key] = [] }
            return changes.isEmpty ? nil : .object(changes)
        case (.array(let old)?, .array(let new)) where !old.isEmpty && new.starts(with: old):
            return new.count == old.count ? nil : [.array(Array(new[old.count...])), "+"]
        default:
            return old == new ? nil : [new]
        }
    }

    /// Takes what it changes out of its place first, so that nothing is copied that stays.
    private static func apply(_ change: JSON, to value: inout JSON?) {
        switch Kind(change) {
        case .nothing: break
        case .set(let new): value = new
        case .append(let more):
            var items = value?.arrayValue ?? []
            value = nil
            items.append(contentsOf: more)
            value = .array(items)
        case .members(let changes):
            var object = value?.objectValue ?? [:]
            value = nil
            let removed = changes.count { isRemoval($0.value) }
            // Removing one member takes time linear in their number.
            if removed > removedOneByOneMax {
                let kept = object.filter { changes[$0.key].map(isRemoval) != true }
                object = JSONObject(kept.map { ($0.key, $0.value) })
            }
            for member in changes { apply(member.value, to: member.key, of: &object) }
            value = .object(object)
        }
    }

    private static let removedOneByOneMax = 8

    private static func isRemoval(_ change: JSON) -> Bool { change.arrayValue?.isEmpty == true }

    private static func apply(_ change: JSON, to key: String, of object: inout JSONObject) {
        if isRemoval(change), object[key] == nil { return }
        var member = object.updateValue(.null, forKey: key)
        apply(change, to: &member)
        object[key] = member
    }

    private static func composed(_ first: JSON, _ second: JSON) -> JSON {
        switch (Kind(first), Kind(second)) {
        case (_, .nothing): return first
        case (.nothing, _), (_, .set): return second
        case (.set(var value), _):
            apply(second, to: &value)
            return value.map { [$0] } ?? []
        case (.append(let items), .append(let more)): return [.array(items + more), "+"]
        case (.members(var changes), .members(let later)):
            for member in later {
                changes[member.key] = changes[member.key].map { composed($0, member.value) } ?? member.value
            }
            return .object(changes)
        case (.append, .members), (.members, .append):
            var value: JSON?
            apply(second, to: &value)
            return value.map { [$0] } ?? []
        }
    }
}
