/// What `memory.search` asks for, with TypeSense's parameters and defaults.
package struct SearchRequest: Sendable {
    /// As given, for `request_params`.
    package var text = "*"
    package var query: QueryText
    /// At least one.
    package var queryBy: [QueryField] = QueryField.byDefault
    package var textMatchType = TextMatchType.maxScore

    package var minLengthOfOneTypo = 4
    package var minLengthOfTwoTypos = 7
    package var typoTokensThreshold = 1
    package var dropTokensThreshold = 1
    package var dropTokensMode = DropTokensMode.rightToLeft
    package var correctsNumbers = true
    package var correctsIdentifiers = true
    /// The corrected words that a word may stand for; `nil`: as many as `CandidateOptions` say.
    package var maxCandidates: Int?
    package var isExhaustive = false

    package var filter: FilterExpression?
    /// Never empty: the text match is added where the request has room for it.
    package var sortBy: [SortOrder] = [SortOrder(.textMatch(.none), isDescending: true)]
    package var prioritizesExactMatch = true
    package var prioritizesTokenPosition = false
    package var prioritizesNumMatchingFields = true

    package var facetBy: [FacetField] = []
    package var maxFacetValues = 10
    package var facetQuery: FacetQuery?
    package var facetQueryTypos = 2

    package var groupBy: [MemoryField] = []
    package var groupLimit = 3
    package var groupsMissingValues = true

    /// Of the page, from 1; `nil` when `offset` was given.
    package var page: Int? = 1
    /// Hits, or groups, that come before the first one of the reply.
    package var offset = 0
    /// 0...`SearchLimits.perPageMax`
    package var perPage = 10

    package var includeFields: [String] = []
    package var excludeFields: [String] = []
    package var highlight = HighlightRequest()

    package var pinnedHits: [PinnedHit] = []
    package var hiddenHits: [String] = []
    package var filtersPinnedHits = false

    package var stopwordSets: [String] = []
    package var enablesSynonyms = true
    /// `nil`: all there are.
    package var synonymSets: [String]?
    package var demotesSynonymMatches = false

    /// After how long the search answers with what it has.
    package var cutoffMilliseconds: Int?
    package var vectorQuery: VectorQuery?

    /// Parameters that are not known, or that change nothing here.
    package var warnings: [String] = []

    package init(query: QueryText) { self.query = query }

    /// Whether memories are found by what `q` says.
    var hasWords: Bool { !query.isEverything && !query.isEmpty }
}

/// A field that `q` is looked for in.
package struct QueryField: Hashable, Sendable {
    package var field: MemoryField
    /// 0...127
    package var weight: Int
    package var isPrefix = true
    package var typos = 2

    package init(_ field: MemoryField, weight: Int) {
        self.field = field
        self.weight = weight
    }

    /// `content_text,key,tags`.
    package static let byDefault = weighted([.contentText, .key, .tags])

    /// The weights that come with the order: 15 for the first, one less for each after it.
    static func weighted(_ fields: [MemoryField]) -> [QueryField] {
        fields.enumerated().map { QueryField($1, weight: max(1, 15 - $0)) }
    }
}

/// How the scores of the fields make the score of a document.
package enum TextMatchType: String, Hashable, Sendable, CaseIterable {
    /// The best field's, its weight breaking ties.
    case maxScore = "max_score"
    /// That of the field with the greatest weight.
    case maxWeight = "max_weight"
    /// The sum of all, by weight.
    case sumScore = "sum_score"
}

package enum DropTokensMode: Hashable, Sendable {
    case rightToLeft, leftToRight
    /// From both sides while the query has at most this many words, else from the right.
    case bothSides(Int)
}

/// `memory id:position`, positions from 1.
package struct PinnedHit: Hashable, Sendable {
    package let id: String
    package let position: Int
}

/// Which fields are shown with their matched words marked.
package struct HighlightRequest: Hashable, Sendable {
    package enum Fields: Hashable, Sendable {
        /// The ones that are queried.
        case queried
        case none
        case these([MemoryField])
    }

    package var fields = Fields.queried
    /// Shown whole, too.
    package var fullFields: [MemoryField] = []
    package var startTag = "<mark>"
    package var endTag = "</mark>"
    /// The words on each side of a match that a snippet shows.
    package var affixWords = 4
    /// A field of at most so many words is shown whole.
    package var snippetThreshold = 30
    /// Whether hits carry the list `highlights` besides the object `highlight`.
    package var isListed = true
}

/// `facet_query`: only the values of the facet that begin with the text.
package struct FacetQuery: Hashable, Sendable {
    package let field: String
    package let text: String
}

/// `vector_query`: what is near to a vector.
package struct VectorQuery: Hashable, Sendable {
    package var field: String
    /// Empty: that of `id`, or of the words of `q`, which the caller has to fill in.
    package var vector: [Float] = []
    /// How many neighbours; `nil`: as many as there are up to the end of the page, and 100 beside words.
    package var k: Int?
    /// What the vector counts, the words the rest.
    package var alpha = 0.3
    /// How far a neighbour may be: 0 for the same direction, 2 for the opposite one.
    package var distanceThreshold: Double?
    /// The memory that is asked for the like of; it is none itself.
    package var id: String?

    /// Whether the vector is that of the words of `q`.
    package var isOfWords: Bool { vector.isEmpty && id == nil }
}
