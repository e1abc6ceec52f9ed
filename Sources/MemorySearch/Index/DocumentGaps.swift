/// The documents of a block as its bytes have them: of each but the first a varint of what lies between it and the one
/// before.
enum DocumentGaps {
    private static let continues: UInt64 = 0x8080_8080_8080_8080
    private static let twoEach: UInt64 = 0x0080_0080_0080_0080

    /// Most gaps take a byte or two: eight bytes are looked at at once, which hold eight gaps of one byte, or four of
    /// either, without a branch for each, for which it is could not be foretold.
    ///
    /// - Parameter documents: room for `count`, 512 at most; the first is there already
    /// - Returns: the last document
    static func decode(
        _ bytes: UnsafeRawBufferPointer, from documents: UnsafeMutablePointer<Int>, count: Int
    ) throws(IndexError) -> Int {
        var document = documents[0]
        var place = 1
        var offset = 0
        while place < count {
            if let start = bytes.baseAddress, place &+ 8 <= count, offset &+ 8 <= bytes.count {
                var eight = UInt64(littleEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                let long = eight & continues
                if long == 0 {
                    for step in 0..<8 {
                        document &+= Int(eight & 0xFF) &+ 1
                        eight &>>= 8
                        documents[place &+ step] = document
                    }
                    place &+= 8
                    offset &+= 8
                    continue
                }
                if long == twoEach {
                    var gaps = eight & 0x007F_007F_007F_007F | (eight &>> 1) & 0x3F80_3F80_3F80_3F80
                    for step in 0..<4 {
                        document &+= Int(gaps & 0xFFFF) &+ 1
                        gaps &>>= 16
                        documents[place &+ step] = document
                    }
                    place &+= 4
                    offset &+= 8
                    continue
                }
                if long & long &<< 8 == 0 {
                    var used = 0 as UInt64
                    for step in 0..<4 {
                        let second = (eight &>> 7) & 1
                        let gap = eight & 0x7F | (eight &>> 1) & 0x3F80 & (0 &- second)
                        document &+= Int(gap) &+ 1
                        documents[place &+ step] = document
                        eight &>>= 8 &<< second
                        used &+= 1 &+ second
                    }
                    place &+= 4
                    offset &+= Int(used)
                    continue
                }
            }
            var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
            document &+= try reader.varint(max: Posting.documentMax) &+ 1
            documents[place] = document
            offset &+= reader.offset
            place &+= 1
        }
        // At most 512 gaps of at most 2^53: the sum stayed in range.
        guard offset == bytes.count else { throw .damaged("documents do not add up") }
        return document
    }
}
