/// What one search may ask for. A request beyond them is refused with `limitExceeded`; work beyond them ends the search
/// with what was found so far and `search_cutoff: true`.
package enum SearchLimits {
    /// The text of `filter_by`.
    package static let filterBytesMax = 65_536
    /// Parentheses and nested objects of a filter that are open at once.
    package static let filterDepthMax = 32
    /// Conditions and values of a filter.
    package static let filterNodesMax = 4_096
    /// The text of `sort_by`, `facet_by`, `vector_query` and each list of names or ids.
    package static let listBytesMax = 16_384
    package static let sortFieldsMax = 3
    package static let textMatchBucketsMax = 1_000_000
    /// The text of `q`.
    package static let queryBytesMax = 8_192
    /// Words of `q`, an identifier's parts each; those after are dropped, as the last ones that a search can drop.
    package static let queryWordsMax = 64
    package static let queryFieldsMax = 16
    package static let facetFieldsMax = 32
    package static let facetRangesMax = 100
    package static let facetValuesMax = 10_000
    package static let groupFieldsMax = 8
    package static let groupLimitMax = 99
    package static let perPageMax = 250
    /// Hits that a page may start after.
    package static let offsetMax = 1_000_000
    package static let pinnedHitsMax = 100
    package static let hiddenHitsMax = 1_000
    package static let candidatesMax = 10_000
    package static let tagBytesMax = 256
    package static let setNamesMax = 16
    package static let synonymsMax = 32

    /// Documents that one search may load.
    package static let documentsMax = 1_000_000
    /// Postings that one search may read.
    package static let postingsMax = 50_000_000
    /// Vectors that one search may compare.
    package static let vectorsMax = 1_000_000
    /// Words and values that one search may compare.
    package static let stepsMax = 400_000_000
    /// Combinations of candidates and dropped words that one search may try.
    package static let attemptsMax = 200
}
