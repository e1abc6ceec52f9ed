import AgentModel
import JSONRPC
import Store

/// Memory by meaning, where the configuration asks for it.
extension Host {
    /// What gives memories their vectors.
    static func embedder(
        _ options: HostOptions, children: Children, files: FileThread, store: StoreClient, clock: HostClock,
        post: @escaping @Sendable (HTTPThread.Report) -> Void, after: @escaping (UInt64, @escaping () -> Void) -> Void
    ) -> (Embedder, HTTPThread?)? {
        guard let configuration = options.embeddings else { return nil }
        var http: HTTPThread?
        let source: any EmbeddingSource
        switch configuration.source {
        case .command(let command, let inherits):
            source = EmbeddingCommand(
                command, inherits: inherits, children: children, files: files, environment: options.environment,
                after: after)
        case .endpoint(let url, let keyVariable):
            let thread = HTTPThread(post: post)
            http = thread
            source = EmbeddingEndpoint(
                url, keyVariable: keyVariable, model: configuration.model, dimension: configuration.dimension,
                environment: options.environment, http: thread, files: files)
        }
        let embedder = Embedder(
            configuration, source: source, store: store, clock: clock, after: after, log: options.log)
        return (embedder, http)
    }
}
