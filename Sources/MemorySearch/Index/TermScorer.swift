/// The part of BM25 that is the same for every stem: how a frequency and a length weigh.
struct FrequencyWeight {
    private let k1: Double
    /// Of each length code.
    private let norms: [Double]
    /// Of each `Posting.tfAndLength` that is not escaped.
    let table: [Double]

    init(_ tuning: RankingTuning, averageLength: Double) {
        let k1 = max(0, tuning.k1)
        let b = min(max(0, tuning.b), 1)
        self.k1 = k1
        norms = LengthCode.lengths.map { k1 * (1 - b + b * Double($0) / max(averageLength, 1)) }
        var table = [Double](repeating: 0, count: 256)
        for byte in 0..<Int(PostingBlock.tfEscapeByte) {
            table[byte] = Self.weight(Double(byte >> 5 + 1), norms[byte & 31], k1)
        }
        self.table = table
    }

    /// At most `k1 + 1`. Written so that it rises with tf and falls with length in its rounding too: a bound is a
    /// bound.
    private static func weight(_ tf: Double, _ norm: Double, _ k1: Double) -> Double { (k1 + 1) / (1 + norm / tf) }

    func weight(tf: UInt32, lengthCode: UInt8) -> Double {
        Self.weight(Double(tf), norms[Int(lengthCode & 31)], k1)
    }
}

/// What a posting of one candidate of one word adds to a document's score, in fixed point: sums of whole numbers are
/// the same in every order, so that a document's score does not depend on the way in which it was found.
final class TermScorer {
    private let frequency: FrequencyWeight
    private let factor: Double
    /// Of each `Posting.tfAndLength` that is not escaped. As unsafe as `BlockBuffer`: a code is a byte.
    let table: UnsafeMutablePointer<UInt32>

    /// - Parameters:
    ///   - weight: of the candidate, times its idf
    ///   - scale: of the fixed point
    init(_ frequency: FrequencyWeight, weight: Double, scale: Double) {
        self.frequency = frequency
        factor = weight * scale
        table = .allocate(capacity: frequency.table.count)
        for (code, weight) in frequency.table.enumerated() { table[code] = Self.fixed(weight * factor) }
    }

    deinit { table.deallocate() }

    private static func fixed(_ value: Double) -> UInt32 { value > 0 ? UInt32(min(value + 0.5, 4_294_967_295)) : 0 }

    func score(tf: UInt32, lengthCode: UInt8) -> UInt32 {
        tf < Posting.tfEscape
            ? table[Int(UInt8(tf &- 1) << 5 | lengthCode & 31)]
            : Self.fixed(frequency.weight(tf: tf, lengthCode: lengthCode) * factor)
    }

    /// What no posting of a block exceeds.
    func bound(_ bounds: BlockBounds) -> UInt32 { score(tf: bounds.tfMax, lengthCode: bounds.lengthMin) }

    /// What a posting of a decoded block scores.
    @inline(__always)
    func score(_ buffer: BlockBuffer, _ place: Int) -> UInt32 {
        let code = buffer.tfAndLength[place]
        return code < PostingBlock.tfEscapeByte
            ? table[Int(code)] : score(tf: buffer.tf(place), lengthCode: code & 31)
    }
}
