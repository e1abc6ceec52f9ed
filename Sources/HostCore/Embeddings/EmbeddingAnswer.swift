import JSON

/// Reads vectors out of JSON.
enum EmbeddingAnswer {
    /// What may be read on the loop; more takes another thread.
    static let bytesOnLoopMax = 64 << 10

    /// An answer of the protocol of `docs/embedding-commands.md`: `nil` when the line is none.
    static func command(_ line: [UInt8]) -> (id: Int, Result<[[Float]], EmbeddingFailure>)? {
        guard let json = try? JSON.parse(line), let id = json["id"]?.intValue else { return nil }
        if let error = json["error"] {
            return (id, .failure(EmbeddingFailure(.refused, error.stringValue ?? "an error without a text")))
        }
        guard let vectors = json["embeddings"].flatMap(vectors) else {
            return (id, .failure(EmbeddingFailure(.refused, "the answer has no embeddings")))
        }
        return (id, .success(vectors))
    }

    /// A response of an OpenAI-compatible `/v1/embeddings`.
    static func endpoint(_ response: HTTPResponse) -> Result<[[Float]], EmbeddingFailure> {
        let json = try? JSON.parse(response.body)
        guard (200...299).contains(response.status) else {
            let passes = response.status == 408 || response.status == 429 || response.status >= 500
            let isOfTexts = response.status == 400 || response.status == 413 || response.status == 422
            let detail = (json?["error"]?["message"] ?? json?["error"])?.stringValue.map { ": \($0.prefix(300))" } ?? ""
            return .failure(
                EmbeddingFailure(
                    isOfTexts && !passes ? .refused : .unavailable,
                    "the endpoint answered \(response.status)\(detail)"))
        }
        guard let items = json?["data"]?.arrayValue else {
            return .failure(EmbeddingFailure(.unavailable, "the endpoint's answer has no data"))
        }
        // `index` says which text a vector belongs to; servers that leave it out keep the order.
        var found = [[Float]?](repeating: nil, count: items.count)
        for (place, item) in items.enumerated() {
            let index = item["index"]?.intValue ?? place
            guard found.indices.contains(index), let vector = item["embedding"].flatMap(vector) else { continue }
            found[index] = vector
        }
        guard !found.contains(nil) else {
            return .failure(EmbeddingFailure(.unavailable, "the endpoint's answer lacks vectors"))
        }
        return .success(found.compactMap { $0 })
    }

    private static func vectors(_ json: JSON) -> [[Float]]? {
        guard let items = json.arrayValue else { return nil }
        let found = items.compactMap(vector)
        return found.count == items.count ? found : nil
    }

    private static func vector(_ json: JSON) -> [Float]? {
        guard let items = json.arrayValue, items.count <= EmbeddingConfiguration.dimensionMax else { return nil }
        var vector: [Float] = []
        vector.reserveCapacity(items.count)
        for item in items {
            guard let number = item.doubleValue.map({ Float($0) }), number.isFinite else { return nil }
            vector.append(number)
        }
        return vector
    }
}
