import AgentModel
import Store

/// What memory knows by meaning: vectors for questions, and in the background for every memory that has none of the
/// configured model. Confined to the loop's thread. Whatever goes wrong here leaves memory as it is without vectors.
final class Embedder {
    /// How things stand, for `memory.stats`.
    struct Status: Equatable {
        enum State: String {
            /// Every memory that can have a vector has one, as far as this host knows.
            case idle
            case working
            /// The source does not work; it is tried again.
            case waiting
        }

        var state = State.idle
        /// Vectors that this host has kept.
        var kept = 0
        /// Memories whose texts the source refused.
        var refused = 0
        /// What went wrong last, until something goes well.
        var lastError: String?
    }

    /// A text is embedded by its beginning.
    static let textBytesMax = 16 << 10
    /// A host that lives no longer embeds nothing in the background.
    private static let settleMilliseconds: UInt64 = 2000
    /// What is remembered in quick succession is embedded together.
    private static let gatherMilliseconds: UInt64 = 100
    /// Between two batches, for others to have their turn.
    private static let pauseMilliseconds: UInt64 = 20
    private static let retryMilliseconds: UInt64 = 1000

    let configuration: EmbeddingConfiguration
    private(set) var status = Status()
    private let source: any EmbeddingSource
    private let store: StoreClient
    private let clock: HostClock
    private let after: (UInt64, @escaping () -> Void) -> Void
    private let log: (String) -> Void
    private var backoff = Backoff()
    private var sweep = EmbeddingSweep()
    /// Documents that are not asked about again.
    private var refused: Set<Int> = []
    private var questionsUnderWay = 0
    private var isStepDue = false
    private var isStepping = false
    private var isClosed = false

    /// - Parameters:
    ///   - after: calls back after so many milliseconds.
    ///   - log: told what a person running the host should know.
    init(
        _ configuration: EmbeddingConfiguration, source: any EmbeddingSource, store: StoreClient, clock: HostClock,
        after: @escaping (UInt64, @escaping () -> Void) -> Void, log: @escaping (String) -> Void
    ) {
        self.configuration = configuration
        self.source = source
        self.store = store
        self.clock = clock
        self.after = after
        self.log = log
    }

    /// The vector of a question. Calls back within the configured time.
    func embed(_ text: String, then: @escaping (Result<RecallEmbedding, EmbeddingFailure>) -> Void) {
        questionsUnderWay += 1
        ask([text], milliseconds: configuration.milliseconds) { [weak self, model = configuration.model] result in
            self?.questionsUnderWay -= 1
            then(
                result.flatMap { vectors in
                    guard let vector = vectors.first, vector.contains(where: { $0 != 0 }) else {
                        return .failure(EmbeddingFailure(.refused, "a vector without length"))
                    }
                    return .success(RecallEmbedding(model: model, vector: vector))
                })
        }
    }

    /// Has a question asked by meaning, too.
    func give(_ embedding: RecallEmbedding, to query: inout RecallQuery) {
        query.embedding = embedding
        query.embeddingWeight = configuration.weight
        query.similarityMin = configuration.similarityMin
    }

    /// Begins the background work, after a while.
    func start() { plan(Self.settleMilliseconds) }

    /// Takes on documents that were just remembered.
    func remembered(_ documents: [Int]) {
        guard !documents.isEmpty else { return }
        for document in documents { sweep.remembered(document) }
        plan(Self.gatherMilliseconds)
    }

    /// Looks again at every memory that has no vector of the model.
    func restart() {
        sweep.restart()
        plan(0)
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        source.close()
    }

    // MARK: - The source

    /// Asks the source unless it is to be left alone, and checks what it gives.
    private func ask(
        _ texts: [String], milliseconds: Int, then: @escaping (Result<[[Float]], EmbeddingFailure>) -> Void
    ) {
        if backoff.remaining(at: clock.monotonicMilliseconds()) != nil {
            return then(.failure(EmbeddingFailure(.unavailable, status.lastError ?? "the source does not work")))
        }
        let texts = texts.map { Self.beginning($0) }
        source.embed(texts, milliseconds: milliseconds) { [weak self] result in
            guard let self, !isClosed else { return }
            let checked = result.flatMap { self.check($0, texts.count) }
            note(checked)
            then(checked)
        }
    }

    private func check(_ vectors: [[Float]], _ count: Int) -> Result<[[Float]], EmbeddingFailure> {
        guard vectors.count == count else {
            return .failure(EmbeddingFailure(.unavailable, "\(vectors.count) vectors came for \(count) texts"))
        }
        guard let dimension = configuration.dimension ?? vectors.first?.count, dimension > 0,
            vectors.allSatisfy({ $0.count == dimension })
        else {
            let counts = Set(vectors.map(\.count)).sorted().map(String.init).joined(separator: ", ")
            return .failure(EmbeddingFailure(.unavailable, "vectors of \(counts) numbers came, not of one dimension"))
        }
        return .success(vectors)
    }

    private func note(_ result: Result<[[Float]], EmbeddingFailure>) {
        switch result {
        case .success:
            backoff.succeeded()
            status.lastError = nil
        case .failure(let failure):
            if status.lastError != failure.description { log("memory's embeddings: \(failure)") }
            status.lastError = failure.description
            if failure.kind != .refused { backoff.failed(at: clock.monotonicMilliseconds()) }
        }
    }

    private static func beginning(_ text: String) -> String {
        guard text.utf8.count > textBytesMax else { return text }
        var bytes = Array(text.utf8.prefix(textBytesMax))
        while let last = bytes.last, last & 0xC0 == 0x80 { bytes.removeLast() }
        if bytes.last.map({ $0 >= 0xC0 }) == true { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: - In the background

    /// Comes back to the background work, unless that is due already.
    private func plan(_ milliseconds: UInt64) {
        guard !isStepDue, !isStepping, !isClosed else { return }
        isStepDue = true
        after(milliseconds) { [weak self] in
            self?.isStepDue = false
            self?.step()
        }
    }

    /// One page: read, embedded, kept. One at a time, and none while a question waits.
    private func step() {
        guard !isClosed, !isStepping else { return }
        if questionsUnderWay > 0 { return plan(Self.gatherMilliseconds) }
        if let wait = backoff.remaining(at: clock.monotonicMilliseconds()) {
            status.state = .waiting
            return plan(wait)
        }
        guard let page = sweep.begin() else {
            status.state = .idle
            return
        }
        isStepping = true
        status.state = .working
        let (model, batch) = (configuration.model, configuration.batch)
        store.read { reader in
            try reader.memoriesToEmbed(model: model, after: page.after, limit: batch)
        } then: { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let found): embed(found, page)
            case .failure: failed(page)
            }
        }
    }

    private func embed(_ found: MemoriesToEmbed, _ page: EmbeddingSweep.Page) {
        let documents = found.documents.filter { !refused.contains($0.document) }
        guard !documents.isEmpty else { return passed(page, next: found.next, pause: 1) }
        let texts = documents.map(\.memory.contentText)
        ask(texts, milliseconds: configuration.milliseconds * documents.count) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let vectors):
                keep(zip(documents, vectors).map { ($0, $1) }, page) { [weak self] in
                    self?.passed(page, next: found.next, pause: Self.pauseMilliseconds)
                }
            case .failure(let failure) where failure.kind == .refused:
                embedAlone(documents[...], page, next: found.next)
            case .failure:
                failed(page)
            }
        }
    }

    /// Finds out which texts of a batch the source refuses.
    private func embedAlone(_ documents: ArraySlice<MemoryDocument>, _ page: EmbeddingSweep.Page, next: Int?) {
        guard let document = documents.first else { return passed(page, next: next, pause: Self.pauseMilliseconds) }
        ask([document.memory.contentText], milliseconds: configuration.milliseconds) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let vectors):
                keep(vectors.map { (document, $0) }, page) { [weak self] in
                    self?.embedAlone(documents.dropFirst(), page, next: next)
                }
            case .failure(let failure) where failure.kind == .refused:
                refuse([document])
                embedAlone(documents.dropFirst(), page, next: next)
            case .failure:
                failed(page)
            }
        }
    }

    private func keep(
        _ found: [(MemoryDocument, [Float])], _ page: EmbeddingSweep.Page, then: @escaping () -> Void
    ) {
        let kept = found.filter { $0.1.contains { $0 != 0 } }
        refuse(found.map(\.0).filter { document in !kept.contains { $0.0.document == document.document } })
        guard !kept.isEmpty else { return then() }
        let commands = kept.map { document, vector in
            StoreCommand.keepEmbedding(
                document.memory.id, document: document.document,
                RecallEmbedding(model: configuration.model, vector: vector))
        }
        store.commit(commands) { [weak self] result in
            guard let self else { return }
            guard case .success = result else { return failed(page) }
            status.kept += kept.count
            then()
        }
    }

    private func refuse(_ documents: [MemoryDocument]) {
        refused.formUnion(documents.map(\.document))
        status.refused = refused.count
    }

    private func passed(_ page: EmbeddingSweep.Page, next: Int?, pause: UInt64) {
        if let next { sweep.goOn(page, after: next) }
        isStepping = false
        plan(pause)
    }

    private func failed(_ page: EmbeddingSweep.Page) {
        sweep.putBack(page)
        isStepping = false
        plan(Self.retryMilliseconds)
    }
}
