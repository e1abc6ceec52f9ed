import AgentModel
import JSON

/// Vectors from an OpenAI-compatible endpoint.
final class EmbeddingEndpoint: EmbeddingSource {
    private let url: String
    private let model: String
    private let dimension: Int?
    private let keyVariable: String?
    private let key: String?
    private let http: HTTPThread
    private let files: FileThread
    private var isClosed = false

    /// - Parameter environment: where the key is looked up.
    init(
        _ url: String, keyVariable: String?, model: String, dimension: Int?, environment: ChildEnvironment,
        http: HTTPThread, files: FileThread
    ) {
        self.url = url
        self.model = model
        self.dimension = dimension
        self.keyVariable = keyVariable
        key = keyVariable.flatMap { environment.variables[$0] }
        self.http = http
        self.files = files
    }

    func embed(
        _ texts: [String], milliseconds: Int, then: @escaping (Result<[[Float]], EmbeddingFailure>) -> Void
    ) {
        var body: JSONObject = [
            "model": .string(model), "input": .array(texts.map(JSON.string)), "encoding_format": "float",
        ]
        if let dimension { body["dimensions"] = .int(Int64(dimension)) }
        var request = HTTPRequest(url: url, body: JSON.object(body).encoded(), milliseconds: milliseconds)
        if let keyVariable {
            guard let key, !key.isEmpty, key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                return then(.failure(EmbeddingFailure(.unavailable, "the variable \(keyVariable) holds no key")))
            }
            request.headers = ["Authorization: Bearer \(key)"]
        }
        _ = http.send(request) { [weak self] result in
            guard let self, !isClosed else { return }
            switch result {
            case .success(let response): read(response, then)
            case .failure(let failure):
                let kind: EmbeddingFailure.Kind = failure.reason == .timedOut ? .timedOut : .unavailable
                then(.failure(EmbeddingFailure(kind, redacted("\(failure)"))))
            }
        }
    }

    func close() { isClosed = true }

    private func read(
        _ response: HTTPResponse, _ then: @escaping (Result<[[Float]], EmbeddingFailure>) -> Void
    ) {
        let finish = { [weak self] (result: Result<[[Float]], EmbeddingFailure>) in
            guard let self, !isClosed else { return }
            then(result.mapError { EmbeddingFailure($0.kind, self.redacted($0.description)) })
        }
        guard response.body.count > EmbeddingAnswer.bytesOnLoopMax else {
            return finish(EmbeddingAnswer.endpoint(response))
        }
        files.perform({ EmbeddingAnswer.endpoint(response) }, then: finish)
    }

    /// An endpoint that repeats the key in what it says must not bring it into a reply.
    private func redacted(_ text: String) -> String {
        guard let key, !key.isEmpty else { return text }
        return text.replacing(key, with: Redactor.mark)
    }
}
