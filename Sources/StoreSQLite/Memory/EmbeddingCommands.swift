import AgentModel
import Store

/// A vector at a byte for each dimension: what it is multiplied with, and where it points, -127...127.
struct QuantisedVector {
    let scale: Double
    let bytes: [UInt8]

    /// `nil` for a vector without length or with parts that are no numbers.
    init?(_ vector: [Float]) {
        let largest = vector.reduce(Float(0)) { max($0, abs($1)) }
        guard largest > 0, largest.isFinite, vector.allSatisfy(\.isFinite) else { return nil }
        let scale = Double(largest) / 127
        self.scale = scale
        bytes = vector.map { UInt8(bitPattern: Int8((Double($0) / scale).rounded())) }
    }

    init(scale: Double, bytes: [UInt8]) {
        self.scale = scale
        self.bytes = bytes
    }

    var vector: [Float] { bytes.map { Float(Double(Int8(bitPattern: $0)) * scale) } }
}

extension StoreTransaction {
    func keepEmbedding(_ id: MemoryID, _ document: Int, _ embedding: RecallEmbedding) throws {
        guard let quantised = QuantisedVector(embedding.vector) else {
            throw StoreFailure.refused("a vector without length")
        }
        try database.run(
            """
            INSERT OR REPLACE INTO embedding(n, model, dimension, scale, vector)
            SELECT n, ?3, ?4, ?5, ?6 FROM memory WHERE id = ?1 AND current = 1 AND n = ?2
            """,
            [
                .id(id), .int(document), .text(embedding.model), .int(embedding.vector.count),
                .double(quantised.scale), .blob(quantised.bytes),
            ])
    }
}
