/// What a search reads: the index and the documents of the scopes it looks into, at one moment.
///
/// A source decides what is visible (its scopes, current versions, not expired, valid now); the engine decides what
/// matches. Numbers of documents ascend in the order in which memories were remembered. Errors of the source end the
/// search and come out as they are. Words are those of all its scopes.
package protocol SearchSource: WordSource {
    /// How many documents there are in the scopes, the ones among them that are not to be found now.
    func documentCount() throws -> Int

    /// The documents that have a word of the stem, perhaps also ones that are not visible.
    func cursor(ofStem stem: Int) throws -> any SearchCursor

    /// The visible ones of these documents, in the order given: ascending, at most `SearchBatch.documents` of them.
    func documents(_ numbers: [Int64]) throws -> [MemoryDocument]

    /// The visible documents with these ids.
    func documents(ids: [String]) throws -> [MemoryDocument]

    /// The next visible documents after a number that fulfil what the store can look for, ascending. Ones that do not
    /// fulfil it may be among them. Empty: there are no more.
    func scan(_ pushdown: FilterPushdown, after number: Int64, limit: Int) throws -> [MemoryDocument]

    /// Those of these documents, in ascending order and any number of them, that are visible and fulfil a pushdown that
    /// is complete, with their values at fields that are `MemoryField.isColumn`. No document is read for it.
    func rows(_ numbers: [Int64], _ pushdown: FilterPushdown, _ columns: [MemoryField]) throws -> [DocumentRow]

    /// The next such documents after a number, ascending.
    func rows(
        after number: Int64, limit: Int, _ pushdown: FilterPushdown, _ columns: [MemoryField]
    ) throws -> [DocumentRow]

    /// How many numbers the vectors have that are kept; `nil` when there are none.
    func vectorDimension() throws -> Int?

    /// The vector that is kept of a document.
    func vector(of number: Int64) throws -> [Float]?

    /// How far those of these documents are that have a vector, which may be any number of them in ascending order.
    func distances(_ numbers: [Int64], to vector: VectorSimilarity) throws -> [VectorDistance]

    /// The words of a set of stop words; `nil` when there is no such set.
    func stopwords(ofSet name: String) throws -> [String]?

    /// The synonyms of a set; `nil` when there is no such set.
    func synonyms(ofSet name: String) throws -> [SearchSynonym]?

    /// The names of all sets of synonyms.
    func synonymSets() throws -> [String]
}

/// How much is asked of a source at once.
package enum SearchBatch {
    package static let documents = 256
    /// Documents that are asked about without being read.
    package static let rows = 1_024
}

/// Documents that have a word of one stem, ascending.
package protocol SearchCursor: AnyObject {
    /// The first document whose number is at least this; numbers asked for never fall.
    func next(from number: Int64) throws -> Int64?

    /// Where the stem stands in the document that was returned last.
    func fields() throws -> FieldMask
}

/// A document by what a store knows without reading it.
package struct DocumentRow: Hashable, Sendable {
    package let number: Int64
    /// At the columns that were asked for: numbers, and times as milliseconds.
    package let values: [Double?]

    package init(number: Int64, values: [Double?] = []) {
        self.number = number
        self.values = values
    }
}

/// How far a document is from a vector.
package struct VectorDistance: Hashable, Sendable {
    package let number: Int64
    /// 1 less the cosine of the angle: 0 for the same direction, 2 for the opposite one.
    package let distance: Double

    package init(number: Int64, distance: Double) {
        self.number = number
        self.distance = distance
    }
}

/// Words that stand for each other.
package struct SearchSynonym: Hashable, Sendable {
    /// `nil`: each of the words stands for all others. Otherwise only the root stands for the words.
    package let root: String?
    package let synonyms: [String]

    package init(root: String? = nil, synonyms: [String]) {
        self.root = root
        self.synonyms = synonyms
    }
}
