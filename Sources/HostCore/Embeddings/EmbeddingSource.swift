/// What turns texts into vectors. Confined to the loop's thread; nothing of it blocks.
protocol EmbeddingSource: AnyObject {
    /// Calls back once, after so many milliseconds at the latest, with a vector for each text.
    func embed(
        _ texts: [String], milliseconds: Int, then: @escaping (Result<[[Float]], EmbeddingFailure>) -> Void)
    /// Ends what it has running. Nothing is called back after it.
    func close()
}

/// Why there are no vectors.
struct EmbeddingFailure: Error, Hashable, CustomStringConvertible {
    enum Kind: Hashable {
        /// The source does not work for now.
        case unavailable
        case timedOut
        /// The source works, but not with these texts.
        case refused
    }

    let kind: Kind
    let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
