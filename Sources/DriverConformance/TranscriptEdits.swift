import AgentModel
import Driver
import JSON

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed.
struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// 0 ..< `bound`, which is at least 1.
    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((word ^ (word >> 31)) % UInt64(max(1, bound)))
    }
}

extension [UInt8] {
    /// Cut into pieces of the sizes given, each at least 1.
    func chunks(_ size: () -> Int) -> [[UInt8]] {
        var chunks: [[UInt8]] = []
        var rest = self[...]
        while !rest.isEmpty {
            let count = Swift.max(1, size())
            chunks.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return chunks
    }

    /// The same object with the members of every object in reverse; what is no JSON object stays as it is.
    var withKeysReversed: [UInt8] {
        guard let json = try? JSON.parse(self), json.objectValue != nil else { return self }
        return json.withKeysReversed.encoded() + (last == 10 ? [10] : [])
    }
}

extension JSON {
    fileprivate var withKeysReversed: JSON {
        switch self {
        case .array(let elements): .array(elements.map(\.withKeysReversed))
        case .object(let members):
            .object(JSONObject(members.reversed().map { ($0.key, $0.value.withKeysReversed) }))
        default: self
        }
    }
}

extension DriverEffect {
    var isSpawn: Bool {
        if case .spawn = self { true } else { false }
    }
}

extension [DriverEffect] {
    /// Neighbouring text deltas of one message as one: how text is cut into deltas is not part of the contract.
    var withDeltasJoined: [DriverEffect] {
        var joined: [DriverEffect] = []
        for effect in self {
            if case .emit(.textDelta(let id, let text)) = effect,
                case .emit(.textDelta(let lastID, let lastText))? = joined.last, id == lastID
            {
                joined[joined.count - 1] = .emit(.textDelta(messageID: id, text: lastText + text))
            } else {
                joined.append(effect)
            }
        }
        return joined
    }

    /// The first place at which they differ; `nil` when they are equal.
    func firstDifference(from other: [DriverEffect]) -> Int? {
        if self == other { return nil }
        return zip(self, other).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            ?? Swift.min(count, other.count)
    }
}
