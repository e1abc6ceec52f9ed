/// The length of a document in words, in 5 bits: 4 * 1.25^code, rounded. A posting keeps this instead of the length, so
/// that a block knows its shortest document without another row (Lucene's norms do the same in 8 bits).
package enum LengthCode {
    package static let count = 32

    /// What a code stands for. The last one stands for every longer document too.
    package static let lengths: [Int] = [
        4, 5, 6, 8, 10, 12, 15, 19, 24, 30, 37, 47, 58, 73, 91, 114, 142, 178, 222, 278, 347, 434, 542, 678, 847, 1059,
        1323, 1654, 2068, 2585, 3231, 4039,
    ]

    /// The code whose length is nearest, the smaller of two.
    package static func encode(_ length: Int) -> UInt8 {
        var low = 0
        var high = count - 1
        while low < high {
            let middle = (low + high) / 2
            if length <= (lengths[middle] + lengths[middle + 1]) / 2 { high = middle } else { low = middle + 1 }
        }
        return UInt8(low)
    }

    package static func length(_ code: UInt8) -> Int { lengths[Int(code & 31)] }
}

/// An importance of 0...1 in a byte.
package enum ImportanceCode {
    package static func encode(_ importance: Double) -> UInt8 {
        importance > 0 ? UInt8((min(importance, 1) * 255).rounded()) : 0
    }

    package static func importance(_ code: UInt8) -> Double { Double(code) / 255 }
}
