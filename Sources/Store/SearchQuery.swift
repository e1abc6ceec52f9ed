package import AgentModel
package import JSON
package import MemorySearch

/// A search of memory, see `MemorySearchEngine`.
package struct SearchQuery: Sendable {
    package var request: SearchRequest
    package var scopes: [RecallScope]
    package var namespace: String?
    /// The time that validity and expiry are looked at from.
    package var at: Timestamp
    /// Whose vectors a vector query is compared with; without one there are none.
    package var embeddingModel: String?

    /// After how long a search answers with what it has when the request does not say: TypeSense's default.
    package static let cutoffMillisecondsByDefault = 30_000
    /// A search keeps one of the store's readers busy, so it cannot ask for longer than this.
    package static let cutoffMillisecondsMax = 60_000

    package init(_ request: SearchRequest, scopes: [RecallScope], at: Timestamp) {
        self.request = request
        self.scopes = scopes
        self.at = at
    }

    package var cutoffMilliseconds: Int {
        min(request.cutoffMilliseconds ?? Self.cutoffMillisecondsByDefault, Self.cutoffMillisecondsMax)
    }
}

package struct SearchAnswer: Hashable, Sendable {
    /// The reply as TypeSense shapes it.
    package var reply: JSONObject
    package var work: Work

    /// What the search did, held against `SearchLimits`.
    package struct Work: Hashable, Sendable {
        /// That were read.
        package var documents: Int
        /// Documents that were only asked about.
        package var rows: Int
        package var postings: Int
        package var steps: Int
        package var attempts: Int

        package init(_ work: SearchWork) {
            documents = work.documents
            rows = work.rows
            postings = work.postings
            steps = work.steps
            attempts = work.attempts
        }
    }

    package init(reply: JSONObject, work: Work) {
        self.reply = reply
        self.work = work
    }
}
