/// A UUID as two words; version 7 (RFC 9562, 5.7) when made here.
package struct UUID128: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A version 7 UUID from a Unix time in milliseconds and 74 random bits (the lowest of each word).
    package init(milliseconds: Int64, randomA: UInt64, randomB: UInt64) {
        high = UInt64(bitPattern: milliseconds) << 16 | 0x7000 | randomA & 0x0fff
        low = 0x8000_0000_0000_0000 | randomB & 0x3fff_ffff_ffff_ffff
    }

    /// Reads the form with hyphens, in either case.
    package init?(_ text: String) {
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for (index, byte) in text.utf8.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Self.hexDigit(byte), digits < 32 else { return nil }
            if digits < 16 { words.0 = words.0 << 4 | digit } else { words.1 = words.1 << 4 | digit }
            digits += 1
        }
        guard digits == 32, text.utf8.count == 36 else { return nil }
        self.init(high: words.0, low: words.1)
    }

    /// Its 32 digits without hyphens.
    package var hex: String { description.filter { $0 != "-" } }

    package var description: String {
        String(unsafeUninitializedCapacity: 36) { bytes in
            var place = 0
            var word = high
            for index in 0..<32 {
                if index == 16 { word = low }
                if index == 8 || index == 12 || index == 16 || index == 20 {
                    bytes[place] = UInt8(ascii: "-")
                    place &+= 1
                }
                let digit = UInt8(truncatingIfNeeded: word &>> 60)
                word &<<= 4
                bytes[place] = digit < 10 ? UInt8(ascii: "0") &+ digit : UInt8(ascii: "a") &+ digit &- 10
                place &+= 1
            }
            return place
        }
    }

    package static func < (left: UUID128, right: UUID128) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
