/// Base64 with padding (RFC 4648, section 4).
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var word = group.reduce(0) { $0 << 8 | Int($1) }
            word <<= 8 * (3 - group.count)
            for place in 0..<4 {
                text.append(place <= group.count ? alphabet[word >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// `nil` for what `encode` does not write.
    static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 4 * 3)
        var start = 0
        while start < digits.count {
            let isLast = start + 4 == digits.count
            let padding = !isLast || digits[start + 3] != pad ? 0 : digits[start + 2] != pad ? 1 : 2
            var word = 0
            for place in 0..<4 {
                let value = place < 4 - padding ? values[Int(digits[start + place])] : 0
                guard value >= 0 else { return nil }
                word = word << 6 | value
            }
            // What lies beyond the last byte is nothing.
            guard word & (1 << (8 * padding) - 1) == 0 else { return nil }
            for place in 0..<3 - padding { bytes.append(UInt8(truncatingIfNeeded: word >> (16 - 8 * place))) }
            start += 4
        }
        return bytes
    }

    private static let pad = UInt8(ascii: "=")
    /// By digit; -1 for what is none.
    private static let values: [Int] = {
        var values = [Int](repeating: -1, count: 256)
        for (value, digit) in alphabet.enumerated() { values[Int(digit)] = value }
        return values
    }()
}
