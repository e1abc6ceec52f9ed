/// Compares one vector with many that are kept as a byte for each dimension (-127...127, scaled by whatever). Only
/// directions count, so scales do not matter.
package struct VectorSimilarity: Sendable {
    private let query: [Int16]
    private let length: Double

    /// `nil` for a vector without length, of no or more than 65,536 dimensions, or with parts that are no numbers.
    package init?(_ vector: [Float]) {
        // At most 127 * 127 a dimension: the sum of so many fits into 32 bits.
        let largest = vector.reduce(Float(0)) { max($0, abs($1)) }
        guard 1...65_536 ~= vector.count, largest > 0, largest.isFinite, vector.allSatisfy(\.isFinite) else {
            return nil
        }
        query = vector.map { Int16(($0 / largest * 127).rounded()) }
        length = Double(query.reduce(0) { $0 + Int($1) * Int($1) }).squareRoot()
        guard length > 0 else { return nil }
    }

    package var dimension: Int { query.count }

    /// The cosine of the angle to a kept vector, -1...1; `nil` when that has another dimension or no length.
    package func cosine(_ kept: UnsafeRawBufferPointer) -> Double? {
        guard kept.count == query.count else { return nil }
        var product: Int32 = 0
        var square: Int32 = 0
        query.withUnsafeBufferPointer { query in
            kept.withMemoryRebound(to: Int8.self) { kept in
                for place in 0..<query.count {
                    let part = Int32(kept[place])
                    product &+= Int32(query[place]) &* part
                    square &+= part &* part
                }
            }
        }
        guard square > 0 else { return nil }
        return min(1, max(-1, Double(product) / (length * Double(square).squareRoot())))
    }
}
