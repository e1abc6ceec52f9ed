/// Decodes UTF-8 that comes in pieces: a character that two pieces share comes out whole, with the second. Invalid
/// bytes become U+FFFD, the same ones whatever the pieces.
struct UTF8Decoder {
    /// The start of a character that is not whole yet: at most three bytes.
    private var pending: [UInt8] = []

    mutating func decode(_ bytes: ArraySlice<UInt8>) -> String {
        let all = pending + bytes
        let end = all.count - Self.unfinishedCount(all)
        pending = Array(all[end...])
        return String(decoding: all[..<end], as: UTF8.self)
    }

    /// What is left when nothing more comes.
    mutating func end() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    /// How many bytes at the end begin a character that needs more of them. To cut before a lead byte is always safe:
    /// no lead byte belongs to what precedes it.
    private static func unfinishedCount(_ bytes: [UInt8]) -> Int {
        for (index, byte) in bytes.suffix(3).reversed().enumerated() where byte & 0xc0 != 0x80 {
            let needed =
                switch byte {
                case 0xc2...0xdf: 2
                case 0xe0...0xef: 3
                case 0xf0...0xf4: 4
                default: 1
                }
            return needed > index + 1 ? index + 1 : 0
        }
        return 0
    }
}
