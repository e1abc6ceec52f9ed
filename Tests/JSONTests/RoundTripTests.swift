import JSON
import Testing

/// Values from a seeded generator survive being written and read.
@Suite struct RoundTripTests {
    @Test(arguments: 0..<50)
    func writtenValuesReadBack(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<40 {
            let value = JSON.random(using: &random, depth: 5)
            #expect(try JSON.parse(value.encoded()) == value)
            #expect(try JSON(parsing: value.pretty) == value)
            #expect(try JSON.parse(value.encoded()).encoded() == value.encoded())
            #expect(try JSON.parseWithNotes(value.encoded()[...]).notes == [])
        }
    }

    @Test func anyBitPatternOfADoubleReadsBack() throws {
        var random = SplitMix64(seed: 7)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            #expect(try JSON.parse(JSON.double(value).encoded()) == .double(value))
        }
    }
}

/// S. Steele, *Fast Splittable Pseudorandom Number Generators*, 2014.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension JSON {
    fileprivate static func random(using random: inout SplitMix64, depth: Int) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .int(Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0..<64, using: &random))
        case 3: return .double(Double(Int.random(in: -9_999...9_999, using: &random)) / 100)
        case 4: return .double(Double.random(in: -1...1, using: &random) * 1e200)
        case 5: return .string(text(using: &random))
        case 6:
            let count = Int.random(in: 0..<6, using: &random)
            return .array((0..<count).map { _ in JSON.random(using: &random, depth: depth - 1) })
        default:
            let count = Int.random(in: 0..<24, using: &random)
            var object = JSONObject()
            for _ in 0..<count { object[text(using: &random)] = JSON.random(using: &random, depth: depth - 2) }
            return .object(object)
        }
    }

    private static func text(using random: inout SplitMix64) -> String {
        var text = String.UnicodeScalarView()
        let bound: UInt32 = [0x80, 0x80, 0x800, 0x1_0000, 0x11_0000].randomElement(using: &random) ?? 0x80
        for _ in 0..<Int.random(in: 0..<24, using: &random) {
            text.append(Unicode.Scalar(UInt32.random(in: 0..<bound, using: &random)) ?? "\u{FFFD}")
        }
        return String(text)
    }
}
