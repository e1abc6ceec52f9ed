import JSON
import MemorySearch
import Store

/// The vectors that a search compares: those of one model.
extension SQLiteSearchSource {
    private var model: SQLiteValue { .string(query.embeddingModel) }

    func vectorDimension() throws -> Int? {
        try renewIfDue()
        return try database.first("SELECT dimension FROM embedding WHERE model = ? LIMIT 1", [model]) { $0.int() }
    }

    func vector(of number: Int64) throws -> [Float]? {
        try renewIfDue()
        return try database.first(
            "SELECT scale, vector FROM embedding WHERE n = ? AND model = ?", [.integer(number), model]
        ) { row in QuantisedVector(scale: row.double(), bytes: Array(row.bytes())).vector }
    }

    func distances(_ numbers: [Int64], to vector: VectorSimilarity) throws -> [VectorDistance] {
        try renewIfDue()
        var distances: [VectorDistance] = []
        try database.each(
            """
            SELECT e.n, e.vector FROM json_each(?) wanted CROSS JOIN embedding e ON e.n = wanted.value
            WHERE e.model = ?
            """, [.json(.array(numbers.map(JSON.int))), model]
        ) { row in
            let number = row.int64()
            if let cosine = vector.cosine(row.bytes()) {
                distances.append(VectorDistance(number: number, distance: 1 - cosine))
            }
            return true
        }
        return distances
    }
}
