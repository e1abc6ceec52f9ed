package import JSON

/// States that follow each other, each stored as what it changes of the one before. When reading the changes has come
/// to cost as much as reading the state, a whole one is stored, and the next chain begins:
///
/// - reading a state costs at most twice what the state alone would, or `readBytesMin`;
/// - all that is stored is at most twice what changed.
package struct StateChain: Hashable, Sendable {
    package enum Stored: Hashable, Sendable {
        case whole(JSON)
        /// `nil`: nothing has changed.
        case change(StateChange?)
    }

    /// What following one link costs beside its change: finding a row and reading a small text, estimated as reading so
    /// many bytes of JSON.
    package static let linkBytes = 256
    /// Below this no whole state is worth its place.
    package static let readBytesMin = 4096

    package private(set) var state: JSON?
    /// Of the state, written out.
    package private(set) var stateBytes = 0
    /// What reading it costs: the whole state at the beginning, the changes since, their links.
    package private(set) var readBytes = 0

    package init() {}

    /// The next whole state or change as it was read.
    package mutating func read(_ stored: Stored, bytes: Int) {
        switch stored {
        case .whole(let whole):
            state = whole
            readBytes = bytes
        case .change(let change):
            change?.apply(to: &state)
            readBytes += bytes + Self.linkBytes
        }
    }

    /// What to store so that the next state can be read.
    package mutating func save(_ next: JSON) -> Stored {
        let change = StateChange(from: state, to: next)
        let isFirst = state == nil
        stateBytes = next.encoded().count
        state = next
        readBytes += (change?.json.encoded().count ?? 0) + Self.linkBytes
        guard isFirst || readBytes > max(2 * stateBytes, Self.readBytesMin) else { return .change(change) }
        readBytes = stateBytes
        return .whole(next)
    }
}

extension StateChain.Stored {
    /// What is to be stored in place of this when the one before it is taken out of the chain.
    package func following(_ gone: StateChain.Stored) -> StateChain.Stored {
        switch (gone, self) {
        case (_, .whole), (.change(nil), _): self
        case (.whole(let state), .change(let change)): .whole(change?.applied(to: state) ?? state)
        case (.change(let first), .change(nil)): .change(first)
        case (.change(let first?), .change(let second?)): .change(first.followed(by: second))
        }
    }
}
