/// The one source of chance of a simulated life: SplitMix64 (Steele, Lea, Flood 2014).
// Used on the simulation's one thread.
final class Chance: @unchecked Sendable {
    private var state: UInt64

    /// The words of two seeds have nothing in common: lives whose words were shifted against each other would fall into
    /// step and be one and the same from there.
    init(seed: UInt64) { state = Self.mixed(seed &+ 1) }

    func word() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Self.mixed(state)
    }

    private static func mixed(_ number: UInt64) -> UInt64 {
        var word = number
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    func below(_ bound: Int) -> Int { Int(word() % UInt64(max(1, bound))) }
    func oneIn(_ bound: Int) -> Bool { below(bound) == 0 }
    func pick<Item>(_ items: [Item]) -> Item? { items.isEmpty ? nil : items[below(items.count)] }

    /// One of several, each as often as its weight says.
    func draw<Item>(_ items: [(Int, Item)]) -> Item {
        var left = below(items.reduce(0) { $0 + $1.0 })
        for (weight, item) in items {
            left -= weight
            if left < 0 { return item }
        }
        return items[items.count - 1].1
    }
}
