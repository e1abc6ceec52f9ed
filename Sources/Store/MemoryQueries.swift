package import AgentModel
package import JSON

package import enum MemorySearch.FilterExpression

/// Which memories. Empty members exclude nothing; what has expired, holds no longer or was replaced is left out unless
/// asked for.
package struct MemoryFilter: Hashable, Sendable {
    /// Any of these scopes; `nil`: all.
    package var scopes: [MemoryScope]?
    package var namespace: String?
    package var keyPrefix: String?
    package var tag: String?
    /// In the language of searches.
    package var expression: FilterExpression?
    /// Also what is not to be found at this time: expired, not yet or no longer valid, superseded.
    package var includeInactive = false

    package init() {}
}

/// How many memories a namespace of a scope holds.
package struct NamespaceCount: Hashable, Sendable {
    package var scope: MemoryScope
    package var namespace: String
    package var memories: Int
    package var updatedAt: Timestamp

    package init(scope: MemoryScope, namespace: String, memories: Int, updatedAt: Timestamp) {
        self.scope = scope
        self.namespace = namespace
        self.memories = memories
        self.updatedAt = updatedAt
    }
}

/// A scope that a recall looks into, and what its memories count there.
package struct RecallScope: Hashable, Sendable {
    package var scope: MemoryScope
    package var weight: Double

    package init(_ scope: MemoryScope, weight: Double = 1) {
        self.scope = scope
        self.weight = weight
    }
}

/// A question to memory in plain words.
package struct RecallQuery: Hashable, Sendable {
    package var text: String
    package var scopes: [RecallScope]
    /// Any of these; `nil`: all.
    package var namespaces: [String]?
    /// 1...1000
    package var limit = 5
    /// `nil`: at least one word that says something, and a tenth of the best score possible.
    package var minScore: Double?
    /// Whether each hit comes with the parts of its score.
    package var explains = false
    /// The time that validity, expiry and recency are looked at from.
    package var at: Timestamp
    /// The vector of the text, by the model it is named after.
    package var embedding: RecallEmbedding?
    /// 0...1: what meaning counts in a score, if there is a vector.
    package var embeddingWeight = 0.2
    /// -1...1: how similar a memory must be that no word of the text found.
    package var similarityMin = 0.35

    package init(text: String, scopes: [RecallScope], at: Timestamp) {
        self.text = text
        self.scopes = scopes
        self.at = at
    }
}

package struct RecallEmbedding: Hashable, Sendable {
    /// How many vectors a recall compares with at most, over all scopes, the newest first.
    package static let comparedMax = 20_000

    package var model: String
    package var vector: [Float]

    package init(model: String, vector: [Float]) {
        self.model = model
        self.vector = vector
    }
}

package struct RecallHit: Hashable, Sendable {
    package var memory: Memory
    package var score: Double
    /// The parts that make the score, when they were asked for.
    package var explanation: JSON?

    package init(memory: Memory, score: Double, explanation: JSON? = nil) {
        self.memory = memory
        self.score = score
        self.explanation = explanation
    }
}

package struct RecallResult: Hashable, Sendable {
    /// Best first.
    package var hits: [RecallHit] = []
    /// The query as it was understood, if words of it were corrected.
    package var correctedQuery: String?

    package init() {}
}

/// What memory holds and what its index is made of.
package struct MemoryStats: Hashable, Sendable {
    package var memories = 0
    package var versions = 0
    package var words = 0
    /// Documents that are searched by scanning until they are folded.
    package var tailDocuments = 0
    package var segments = 0
    package var indexBytes = 0
    package var embeddings = 0

    package init() {}
}

/// What forgetting removed.
package struct ForgetCounts: Hashable, Sendable {
    package var memories = 0
    /// Earlier versions.
    package var versions = 0
    /// Rows of the index, rewritten or removed.
    package var indexEntries = 0
    /// Words that nothing else used.
    package var words = 0

    package init() {}
}

/// What a command came to for one memory.
package struct MemoryChange: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case created, updated, unchanged
    }

    /// As it is afterwards.
    package var memory: Memory
    package var kind: Kind
    /// The number of its version, for `keepEmbedding`.
    package var document: Int

    package init(memory: Memory, kind: Kind, document: Int) {
        self.memory = memory
        self.kind = kind
        self.document = document
    }
}

/// A version of a memory with its number: later versions have greater ones, of whatever memory.
package struct MemoryDocument: Hashable, Sendable {
    package var document: Int
    package var memory: Memory

    package init(document: Int, memory: Memory) {
        self.document = document
        self.memory = memory
    }
}

/// A part of the memories that a model has no vectors of.
package struct MemoriesToEmbed: Hashable, Sendable {
    package var documents: [MemoryDocument]
    /// The document to ask after for the next part; `nil`: this was the last.
    package var next: Int?

    package init(documents: [MemoryDocument], next: Int?) {
        self.documents = documents
        self.next = next
    }
}

/// Words that a search takes for one another.
package struct SynonymSet: Hashable, Sendable {
    package var name: String
    /// One way: the root also finds the synonyms, and not they it.
    package var root: String?
    package var synonyms: [String]

    package init(name: String, root: String? = nil, synonyms: [String]) {
        self.name = name
        self.root = root
        self.synonyms = synonyms
    }
}

/// Words that a search leaves out.
package struct StopwordSet: Hashable, Sendable {
    package var name: String
    package var locale: String?
    package var words: [String]

    package init(name: String, locale: String? = nil, words: [String]) {
        self.name = name
        self.locale = locale
        self.words = words
    }
}
