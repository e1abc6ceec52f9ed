/// New ids for a copy of what has ids: the same id always becomes the same new one, and without the key nobody can tell
/// which, so that no two of a file that somebody has made up come together.
package struct IdentityMap: Hashable, Sendable {
    private let key: UUID128

    /// - Parameter key: random, of this copy alone.
    package init(key: UUID128) { self.key = key }

    /// With the time that the id begins with, so that the order of ids stays.
    package func callAsFunction<Kind>(_ id: Identifier<Kind>) -> Identifier<Kind> {
        let first = Self.mixed(id.uuid.high ^ key.high)
        let second = Self.mixed(id.uuid.low ^ key.low ^ first)
        let third = Self.mixed(first ^ second ^ key.high)
        return Identifier(
            UUID128(milliseconds: Int64(bitPattern: id.uuid.high >> 16), randomA: second >> 52, randomB: third))
    }

    /// The last step of SplitMix64 (Steele, Lea, Flood 2014).
    private static func mixed(_ word: UInt64) -> UInt64 {
        var word = word &+ 0x9e37_79b9_7f4a_7c15
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
