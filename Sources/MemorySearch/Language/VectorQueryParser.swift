/// Reads `vector_query`: `embedding:([0.1, 0.2], k: 10, alpha: 0.3, distance_threshold: 0.5)`, `embedding:([], id: ID)`
/// for the vector of a memory, or `embedding:([])` for that of the words of `q`.
package enum VectorQueryParser {
    package static let dimensionsMax = 16_384

    package static func parse(_ text: String, parameter: String = "vector_query") throws(SearchError) -> VectorQuery {
        // Each number takes some 20 bytes.
        var scanner = try ParameterScanner(
            text, parameter: parameter, bytesMax: SearchLimits.listBytesMax + dimensionsMax * 24)
        scanner.skipSpaces()
        let start = scanner.place
        let name = scanner.name()
        guard name == "embedding" else { throw scanner.unexpected("the field embedding", at: start) }
        try scanner.require(":", "':' and '('")
        try scanner.require("(", "'('")
        try scanner.require("[", "'[' and a vector, which may be empty")
        var query = VectorQuery(field: name)
        query.vector = try vector(&scanner)
        scanner.skipSpaces()
        var named: Set<String> = []
        while scanner.skip(",") {
            try option(&scanner, &query, &named)
            scanner.skipSpaces()
        }
        try scanner.require(")", "',' or ')'")
        scanner.skipSpaces()
        guard scanner.isAtEnd else { throw scanner.unexpected("the end") }
        return query
    }

    private static func vector(_ scanner: inout ParameterScanner) throws(SearchError) -> [Float] {
        var vector: [Float] = []
        scanner.skipSpaces()
        if scanner.skip("]") { return [] }
        repeat {
            scanner.skipSpaces()
            let start = scanner.place
            let text = scanner.take { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "]") }.trimmed
            guard let number = FilterNumber(text), Float(number.double).isFinite else {
                throw scanner.unexpected("a number", at: start)
            }
            guard vector.count < dimensionsMax else { throw scanner.tooMuch("\(dimensionsMax) dimensions", at: start) }
            vector.append(Float(number.double))
        } while scanner.skip(",")
        try scanner.require("]", "',' or ']'")
        return vector
    }

    private static func option(
        _ scanner: inout ParameterScanner, _ query: inout VectorQuery, _ named: inout Set<String>
    ) throws(SearchError) {
        scanner.skipSpaces()
        let start = scanner.place
        let name = scanner.name()
        guard named.insert(name).inserted else { throw scanner.unexpected("each option once", at: start) }
        try scanner.require(":", "':' and a value")
        scanner.skipSpaces()
        let place = scanner.place
        let value = scanner.take { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: ")") }.trimmed
        let number = FilterNumber(value)?.double
        switch name {
        case "k":
            guard let k = Int(value), (1...SearchLimits.candidatesMax).contains(k) else {
                throw scanner.unexpected("a whole number from 1 to \(SearchLimits.candidatesMax)", at: place)
            }
            query.k = k
        case "alpha":
            guard let number, (0...1).contains(number) else {
                throw scanner.unexpected("a number from 0 to 1", at: place)
            }
            query.alpha = number
        case "distance_threshold":
            guard let number, number >= 0 else { throw scanner.unexpected("a number from 0", at: place) }
            query.distanceThreshold = number
        case "id":
            guard !value.isEmpty else { throw scanner.unexpected("the id of a memory", at: place) }
            guard query.vector.isEmpty else { throw scanner.unexpected("either a vector or an id", at: start) }
            query.id = value
        case "ef", "flat_search_cutoff", "queries", "query_weights":
            throw scanner.unsupported("the option \(name)", at: start)
        default: throw scanner.unexpected("k, alpha, distance_threshold or id", at: start)
        }
    }
}
