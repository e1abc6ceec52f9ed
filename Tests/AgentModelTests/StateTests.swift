import AgentModel
import JSON
import Testing

/// SplitMix64: the same values for the same seed.
private struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    /// Few keys and few values, so that much of one is found again in the other.
    mutating func value(depth: Int = 3) -> JSON {
        switch below(depth > 0 ? 8 : 4) {
        case 0: return .null
        case 1: return .int(Int64(below(3)))
        case 2: return .string(["", "a", "b"][below(3)])
        case 3: return .bool(below(2) == 0)
        case 4, 5: return .array((0..<below(4)).map { _ in value(depth: depth - 1) })
        default:
            return .object(
                JSONObject(
                    (0..<below(4)).map { _ in (["a", "b", "é", "e\u{301}"][below(4)], value(depth: depth - 1)) }))
        }
    }

    /// As a state goes on: mostly it grows.
    mutating func next(after value: JSON) -> JSON {
        switch value {
        case .object(var object):
            let key = "k\(below(6))"
            object[key] = below(6) == 0 ? nil : object[key].map { next(after: $0) } ?? self.value(depth: 2)
            return .object(object)
        case .array(let items): return .array(items + [self.value(depth: 1)])
        default: return below(3) == 0 ? ["k1": []] : self.value(depth: 1)
        }
    }
}

@Suite struct StateChangeTests {
    @Test(
        arguments: [
            (["a": 1, "b": 2], ["a": 1, "b": 3], ["b": [3]]),
            (["a": 1], [:], ["a": []]),
            ([:], ["a": nil], ["a": [nil]]),
            (["m": ["x", "y"]], ["m": ["x", "y", "z"]], ["m": [["z"], "+"]]),
            (["m": ["x", "y"]], ["m": ["y"]], ["m": [["y"]]]),
            (["a": ["b": ["c": 1]]], ["a": ["b": ["c": 1, "d": nil]]], ["a": ["b": ["d": [nil]]]]),
            (["a": 1], ["a": 1], nil), (1, ["a": 1], [["a": 1]]), ([], [1], [[1]]),
        ] as [(JSON, JSON, JSON?)])
    func saysWhatDiffers(old: JSON, new: JSON, change: JSON?) {
        #expect(StateChange(from: old, to: new)?.json == change)
    }

    @Test func takesAnyValueToAnyOther() {
        var dice = Dice(state: 1)
        for _ in 0..<20_000 {
            let (old, new) = (dice.value(), dice.value())
            #expect((StateChange(from: old, to: new)?.applied(to: old) ?? old) == new)
            #expect(StateChange(from: nil, to: new)?.applied(to: nil) == new)
            #expect(StateChange(from: old, to: nil)?.applied(to: old) == JSON?.none)
        }
    }

    /// Whatever they are applied to, also to what they were not made for.
    @Test func twoInARowAreOne() {
        var dice = Dice(state: 2)
        for _ in 0..<20_000 {
            let values = (0..<5).map { _ in dice.value() }
            guard let first = StateChange(from: values[0], to: values[1]),
                let second = StateChange(from: values[dice.below(2) + 1], to: values[3])
            else { continue }
            let one = first.followed(by: second)
            for value in [values[0], values[4]] {
                #expect(one.applied(to: value) == second.applied(to: first.applied(to: value)))
            }
        }
    }

    @Test func whatIsNoChangeChangesNothing() {
        for odd in [1, "x", nil, [1, 2, 3]] as [JSON] {
            #expect(StateChange(json: odd).applied(to: ["a": 1]) == ["a": 1])
            let set = StateChange(json: [5])
            #expect(set.followed(by: StateChange(json: odd)) == set)
            #expect(StateChange(json: odd).followed(by: set) == set)
        }
    }

    @Test func manyMembersGoAtOnce() {
        let old = JSON.object(JSONObject((0..<5000).map { ("k\($0)", .int(Int64($0))) }))
        let new: JSON = ["k77": 77, "z": 1]
        #expect(StateChange(from: old, to: new)?.applied(to: old) == new)
    }
}

/// What is stored of states that follow each other, in a tree: each reads as it was saved, whatever was deleted.
@Suite struct StateChainTests {
    struct Saved {
        var parent: Int?
        var stored: StateChain.Stored
        var state: JSON
        var bytes: Int {
            switch stored {
            case .whole(let state): state.encoded().count
            case .change(let change): change?.json.encoded().count ?? 0
            }
        }
    }

    /// Rows as a store has them.
    struct Rows {
        var saved: [Int: Saved] = [:]
        var head: Int?
        var changedBytes = 0

        func chain(of number: Int) -> StateChain {
            var links: [Saved] = []
            var next: Int? = number
            while let link = next.flatMap({ saved[$0] }) {
                links.append(link)
                if case .whole = link.stored { break }
                next = link.parent
            }
            var chain = StateChain()
            for link in links.reversed() { chain.read(link.stored, bytes: link.bytes) }
            return chain
        }

        mutating func save(_ state: JSON, after parent: Int?) {
            var chain = parent.map(chain(of:)) ?? StateChain()
            changedBytes += (StateChange(from: chain.state, to: state)?.json.encoded().count ?? 0)
            changedBytes += StateChain.linkBytes
            let number = (saved.keys.max() ?? 0) + 1
            saved[number] = Saved(parent: parent, stored: chain.save(state), state: state)
            head = number
        }

        mutating func delete(_ number: Int) {
            guard let gone = saved[number], number != head else { return }
            for child in saved.keys where saved[child]?.parent == number {
                saved[child]?.parent = gone.parent
                if let stored = saved[child]?.stored { saved[child]?.stored = stored.following(gone.stored) }
            }
            saved[number] = nil
        }
    }

    @Test(arguments: 1...20) func everyStateIsRead(seed: Int) {
        var dice = Dice(state: UInt64(seed))
        var rows = Rows()
        var wholes = 0
        for _ in 0..<300 {
            let known = rows.saved.keys.sorted()
            switch dice.below(10) {
            case 0 where !known.isEmpty:
                let back = known[dice.below(known.count)]
                rows.save(rows.saved[back]?.state ?? [:], after: back)
            case 1, 2, 3: if !known.isEmpty { rows.delete(known[dice.below(known.count)]) }
            default:
                rows.save(dice.next(after: rows.head.flatMap { rows.saved[$0]?.state } ?? [:]), after: rows.head)
            }
            if let head = rows.head, case .whole? = rows.saved[head]?.stored { wholes += 1 }
            for (number, saved) in rows.saved {
                let chain = rows.chain(of: number)
                #expect(chain.state == saved.state)
                let alone = saved.state.encoded().count
                #expect(chain.readBytes <= max(2 * alone, StateChain.readBytesMin), "\(number)")
            }
        }
        #expect(wholes > 1, "a chain was begun anew")
    }

    /// A state that grows, one that stays as large, and one that stays as it is.
    @Test(arguments: [0, 1, 2]) func storageIsWithinTwiceTheChange(kind: Int) {
        var rows = Rows()
        var messages: [JSON] = []
        for turn in 0..<2000 {
            messages.append(.string("message \(turn)" + String(repeating: "x", count: 600)))
            let state: JSON =
                switch kind {
                case 0: ["messages": .array(messages)]
                case 1: ["turn": .int(Int64(turn)), "text": .string(String(repeating: "x", count: 3000))]
                default: ["text": .string(String(repeating: "x", count: 3000))]
                }
            rows.save(state, after: rows.head)
        }
        let stored = rows.saved.values.reduce(0) { $0 + $1.bytes }
        #expect(stored <= 2 * rows.changedBytes)
        if kind == 0 {
            #expect(stored < JSON.array(messages).encoded().count * 5 / 4, "a growing conversation is not said again")
        }
    }
}

@Suite struct VisibleHistoryTests {
    @Test func aReturnCutsOutWhatCameAfter() {
        var history = VisibleHistory()
        #expect(history.ranges(through: 9) == [1...9])
        history.cut(after: 4, goingOnAfter: 10)
        #expect(history.ranges(through: 10) == [1...4])
        #expect(history.ranges(through: 12) == [1...4, 11...12])
        #expect((1...12).filter(history.contains) == [1, 2, 3, 4, 11, 12])
        history.cut(after: 2, goingOnAfter: 13)
        #expect(history.ranges(through: 20) == [1...2, 14...20])
        let back = CheckpointState(stored: history.state.stored)
        #expect(back.history == history)
    }

    @Test func cutsNestLikeATree() {
        var dice = Dice(state: 3)
        for _ in 0..<200 {
            var history = VisibleHistory()
            var visible: Set<Int> = []
            var last = 0
            for _ in 0..<30 {
                last += 1
                visible.insert(last)
                guard dice.below(4) == 0, let back = visible.randomElement(using: &dice) else { continue }
                last += 1
                history.cut(after: back, goingOnAfter: last)
                visible = visible.filter { $0 <= back }
            }
            #expect(Set(history.ranges(through: last).flatMap { Array($0) }) == visible)
            #expect(Set((1...last).filter(history.contains)) == visible)
        }
    }
}

extension VisibleHistory {
    fileprivate var state: CheckpointState {
        var state = CheckpointState()
        state.history = self
        return state
    }
}
