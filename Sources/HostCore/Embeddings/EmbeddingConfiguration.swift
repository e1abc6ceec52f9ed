package import Driver
package import JSON

/// Where the vectors of memories come from, and what they count: `memory.embeddings` of the configuration.
package struct EmbeddingConfiguration: Hashable, Sendable {
    package enum Source: Hashable, Sendable {
        /// A program that speaks the protocol of `docs/embedding-commands.md`, with the names of further variables of
        /// the host's environment that it may see.
        case command([String], inherits: [String])
        /// The URL of an OpenAI-compatible `/v1/embeddings`, and the name of the variable that holds its key.
        case endpoint(String, keyVariable: String?)
    }

    package static let dimensionMax = 16_384

    package var source: Source
    /// Kept with each vector: only vectors of one model are compared.
    package var model: String
    /// `nil`: whatever the model gives.
    package var dimension: Int?
    /// 0...1: the share of meaning in a score, the rest being that of words.
    package var weight = 0.2
    /// -1...1: how similar a memory must be that shares no word with the query.
    package var similarityMin = 0.35
    /// Texts at once, in the background.
    package var batch = 32
    /// How long a recall waits for its vector; a batch may take as long for each of its texts.
    package var milliseconds = 2000

    package init(source: Source, model: String) {
        self.source = source
        self.model = model
    }
}

extension EmbeddingConfiguration {
    private static let path = "memory.embeddings"
    private static let members: Set<String> = [
        "command", "inherits", "endpoint", "api_key_env", "model", "dimension", "weight", "min_similarity", "batch",
        "timeout_ms",
    ]

    /// Reads the configuration's `memory`: `{embeddings?}`. `nil` when it asks for none.
    package init?(memory: JSON) throws(ConfigurationError) {
        guard let object = memory.objectValue else {
            throw ConfigurationError(path: "memory", message: "expected an object")
        }
        if let unknown = object.keys.first(where: { $0 != "embeddings" }) {
            throw ConfigurationError(path: "memory.\(unknown)", message: "there is no such setting")
        }
        guard let embeddings = object["embeddings"] else { return nil }
        try self.init(embeddings)
    }

    /// Reads `{command, inherits?} | {endpoint, api_key_env?}` with `model`, `dimension?`, `weight?`,
    /// `min_similarity?`, `batch?`, `timeout_ms?`.
    package init(_ json: JSON) throws(ConfigurationError) {
        guard let object = json.objectValue else {
            throw ConfigurationError(path: Self.path, message: "expected an object")
        }
        if let unknown = object.keys.first(where: { !Self.members.contains($0) }) {
            throw Self.fault(unknown, "there is no such setting")
        }
        self.init(source: try Self.source(object), model: try Self.text(object, "model") ?? "")
        guard !model.isEmpty else { throw Self.fault("model", "expected a text that is not empty") }
        dimension = try Self.number(object, "dimension", 1...Self.dimensionMax)
        batch = try Self.number(object, "batch", 1...2048) ?? batch
        milliseconds = try Self.number(object, "timeout_ms", 1...600_000) ?? milliseconds
        weight = try Self.fraction(object, "weight", 0...1) ?? weight
        similarityMin = try Self.fraction(object, "min_similarity", -1...1) ?? similarityMin
    }

    private static func source(_ object: JSONObject) throws(ConfigurationError) -> Source {
        switch (object["command"], object["endpoint"]) {
        case (.some, nil):
            if object["api_key_env"] != nil { throw fault("api_key_env", "a command has none: see inherits") }
            let command = try texts(object, "command")
            guard let program = command.first, !program.isEmpty, program.hasPrefix("/") || !program.contains("/") else {
                throw fault("command[0]", "expected an absolute path or a name without /")
            }
            return .command(command, inherits: try texts(object, "inherits"))
        case (nil, .some):
            if object["inherits"] != nil { throw fault("inherits", "only a command has an environment") }
            let url = try text(object, "endpoint") ?? ""
            let key = try text(object, "api_key_env")
            try check(url, hasKey: key != nil)
            return .endpoint(url, keyVariable: key)
        case (nil, nil), (.some, .some):
            throw ConfigurationError(path: path, message: "expected either command or endpoint")
        }
    }

    private static func check(_ url: String, hasKey: Bool) throws(ConfigurationError) {
        guard let scheme = ["https://", "http://"].first(where: url.hasPrefix),
            url.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw fault("endpoint", "expected a URL that begins with https:// or http://") }
        let authority = url.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        guard !authority.isEmpty, !authority.contains("@") else {
            throw fault("endpoint", "expected a host after \(scheme), without a name or password")
        }
        let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        if hasKey, scheme == "http://", !["localhost", "127.0.0.1", "[::1]"].contains(String(host)) {
            throw fault("endpoint", "expected https://: a key is sent in the clear to this machine only")
        }
    }

    private static func fault(_ member: String, _ message: String) -> ConfigurationError {
        ConfigurationError(path: "\(path).\(member)", message: message)
    }

    private static func text(_ object: JSONObject, _ key: String) throws(ConfigurationError) -> String? {
        guard let value = object[key] else { return nil }
        guard let text = value.stringValue, !text.isEmpty, !text.utf8.contains(0) else {
            throw fault(key, "expected a text that is not empty")
        }
        return text
    }

    private static func texts(_ object: JSONObject, _ key: String) throws(ConfigurationError) -> [String] {
        guard let value = object[key] else { return [] }
        guard let items = value.arrayValue?.map(\.stringValue),
            !items.contains(where: { $0?.utf8.contains(0) != false })
        else { throw fault(key, "expected a list of texts") }
        return items.compactMap { $0 }
    }

    private static func number(
        _ object: JSONObject, _ key: String, _ range: ClosedRange<Int>
    ) throws(ConfigurationError) -> Int? {
        guard let value = object[key] else { return nil }
        guard let number = value.intValue.flatMap({ Int(exactly: $0) }), range.contains(number) else {
            throw fault(key, "expected a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func fraction(
        _ object: JSONObject, _ key: String, _ range: ClosedRange<Double>
    ) throws(ConfigurationError) -> Double? {
        guard let value = object[key] else { return nil }
        guard let number = value.doubleValue, range.contains(number) else {
            throw fault(key, "expected a number from \(Int(range.lowerBound)) to \(Int(range.upperBound))")
        }
        return number
    }
}
