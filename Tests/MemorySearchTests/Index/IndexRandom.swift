/// SplitMix64 (Steele, Lea, Flood 2014).
struct IndexRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }

    mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }

    /// 0..<limit, small ones much more often.
    mutating func skewed(_ limit: Int) -> Int {
        let unit = Double.random(in: 0..<1, using: &self)
        return min(limit - 1, Int(Double(limit) * unit * unit * unit))
    }
}
