package import JSON

extension SearchRequest {
    /// Reads the parameters of a search.
    ///
    /// - Parameter known: names of parameters that the caller reads itself, such as the ones of scopes.
    /// - Throws: `SearchError` for the first parameter that cannot be used. Unknown ones become `warnings`.
    package init(
        parameters: JSONObject, known: Set<String> = [], analyzer: TextAnalyzer = TextAnalyzer()
    ) throws(SearchError) {
        var reader = SearchParameters(parameters)
        try Self.refuseUnsupported(&reader)
        guard let q = try reader.text("q", bytesMax: SearchLimits.queryBytesMax) else {
            throw SearchError(.invalid, "q", expected: "words, or * for everything", found: "nothing")
        }
        self.init(query: try QueryText(q, analyzer: analyzer))
        text = q
        try readQuery(&reader)
        try readTypos(&reader)
        try readOrder(&reader)
        try readFacets(&reader)
        try readGroups(&reader)
        try readPage(&reader)
        try readResult(&reader)
        for name in Self.withoutEffect {
            if reader.has(name) { warnings.append("\(name) changes nothing here") }
            _ = reader.value(name)
        }
        for name in reader.names where !reader.taken.contains(name) && !known.contains(name) {
            warnings.append("\(name) is no parameter of a search")
        }
        if query.isCut { warnings.append("q: only the first \(SearchLimits.queryWordsMax) words are looked for") }
    }

    private mutating func readQuery(_ reader: inout SearchParameters) throws(SearchError) {
        if let names = try reader.list("query_by", countMax: SearchLimits.queryFieldsMax) {
            queryBy = QueryField.weighted(try Self.fields(names, "query_by"))
            guard !queryBy.isEmpty else { throw SearchError(.invalid, "query_by", expected: "a field") }
            for field in queryBy where !field.field.isSearchable {
                throw SearchError(
                    .invalid, "query_by", expected: "content_text, key, tags, value or value.<path>",
                    found: field.field.name)
            }
        }
        let count = queryBy.count
        let weights = try reader.perField("query_by_weights", count: count, "whole numbers from 0 to 127") {
            Self.int($0, 0...127)
        }
        let prefixes = try reader.perField("prefix", count: count, "true or false", SearchParameters.bool)
        let typos = try reader.perField("num_typos", count: count, "0, 1 or 2") { Self.int($0, 0...2) }
        for index in queryBy.indices {
            if let weights { queryBy[index].weight = weights[index] }
            if let prefixes { queryBy[index].isPrefix = prefixes[index] }
            if let typos { queryBy[index].typos = typos[index] }
        }
        textMatchType = try reader.choice("text_match_type", TextMatchType.self) ?? textMatchType
        stopwordSets = try reader.list("stopwords", countMax: SearchLimits.setNamesMax) ?? []
        enablesSynonyms = try reader.bool("enable_synonyms") ?? true
        synonymSets = try reader.list("synonym_sets", countMax: SearchLimits.setNamesMax)
        demotesSynonymMatches = try reader.bool("demote_synonym_match") ?? false
        if let text = try reader.text("filter_by") { filter = try FilterParser.parse(text) }
        if let text = try reader.text("vector_query", bytesMax: .max) {
            let vector = try VectorQueryParser.parse(text)
            guard !vector.isOfWords || hasWords else {
                throw SearchError(.invalid, "vector_query", expected: "a vector, an id, or words in q")
            }
            vectorQuery = vector
        }
    }

    private mutating func readTypos(_ reader: inout SearchParameters) throws(SearchError) {
        minLengthOfOneTypo = try reader.int("min_len_1typo", 0...1_000) ?? minLengthOfOneTypo
        minLengthOfTwoTypos = try reader.int("min_len_2typo", 0...1_000) ?? minLengthOfTwoTypos
        typoTokensThreshold = try reader.int("typo_tokens_threshold", 0...1_000_000) ?? typoTokensThreshold
        try readDropping(&reader)
        correctsNumbers = try reader.bool("enable_typos_for_numerical_tokens") ?? true
        correctsIdentifiers = try reader.bool("enable_typos_for_alpha_numerical_tokens") ?? true
        maxCandidates = try reader.int("max_candidates", 1...SearchLimits.candidatesMax)
        isExhaustive = try reader.bool("exhaustive_search") ?? false
    }

    /// `drop_tokens_threshold: 1`, or with its mode as in `"1:left_to_right"`; and `drop_tokens_mode`.
    private mutating func readDropping(_ reader: inout SearchParameters) throws(SearchError) {
        if let value = reader.value("drop_tokens_threshold"), let text = value.stringValue, text.contains(":") {
            let parts = text.split(separator: ":", maxSplits: 1).map { String($0).trimmed }
            guard parts.count == 2, let threshold = Int(parts[0]), (0...1_000_000).contains(threshold),
                let mode = Self.dropMode(parts[1])
            else {
                throw SearchParameters.refusal(
                    "drop_tokens_threshold", "a whole number, with ':' and \(Self.dropModes) if need be", value)
            }
            dropTokensThreshold = threshold
            dropTokensMode = mode
        } else {
            dropTokensThreshold = try reader.int("drop_tokens_threshold", 0...1_000_000) ?? dropTokensThreshold
        }
        guard let text = try reader.text("drop_tokens_mode", bytesMax: SearchLimits.tagBytesMax) else { return }
        guard let mode = Self.dropMode(text.trimmed) else {
            throw SearchError(.invalid, "drop_tokens_mode", expected: Self.dropModes, found: text)
        }
        dropTokensMode = mode
    }

    private static let dropModes = "right_to_left, left_to_right or both_sides:3"

    private static func dropMode(_ text: String) -> DropTokensMode? {
        switch text {
        case "right_to_left": return .rightToLeft
        case "left_to_right": return .leftToRight
        case "both_sides": return .bothSides(3)
        default:
            guard text.hasPrefix("both_sides:"), let count = Int(text.dropFirst(11)), (0...10).contains(count) else {
                return nil
            }
            return .bothSides(count)
        }
    }

    private mutating func readOrder(_ reader: inout SearchParameters) throws(SearchError) {
        if let text = try reader.listText("sort_by") { sortBy = try SortParser.parse(text) }
        if !sortBy.contains(where: \.isTextMatch), sortBy.count < SearchLimits.sortFieldsMax {
            sortBy.append(SortOrder(.textMatch(.none), isDescending: true))
        }
        prioritizesExactMatch = try reader.bool("prioritize_exact_match") ?? true
        prioritizesTokenPosition = try reader.bool("prioritize_token_position") ?? false
        prioritizesNumMatchingFields = try reader.bool("prioritize_num_matching_fields") ?? true
        filtersPinnedHits = try reader.bool("filter_curated_hits") ?? false
        hiddenHits = try reader.list("hidden_hits", countMax: SearchLimits.hiddenHitsMax) ?? []
        for pin in try reader.list("pinned_hits", countMax: SearchLimits.pinnedHitsMax) ?? [] {
            let colon = pin.utf8.lastIndex(of: UInt8(ascii: ":"))
            guard let colon, colon > pin.startIndex, let position = Int(pin[pin.index(after: colon)...].trimmedText),
                (1...SearchLimits.offsetMax).contains(position)
            else {
                throw SearchError(
                    .invalid, "pinned_hits", expected: "ids with positions from 1, as in id:1,other:3", found: pin)
            }
            pinnedHits.append(PinnedHit(id: String(pin[..<colon]).trimmed, position: position))
        }
    }

    private mutating func readFacets(_ reader: inout SearchParameters) throws(SearchError) {
        if let text = try reader.listText("facet_by") { facetBy = try FacetParser.parse(text) }
        maxFacetValues = try reader.int("max_facet_values", 0...SearchLimits.facetValuesMax) ?? maxFacetValues
        facetQueryTypos = try reader.int("facet_query_num_typos", 0...2) ?? facetQueryTypos
        guard let text = try reader.text("facet_query", bytesMax: SearchLimits.listBytesMax), !text.trimmed.isEmpty
        else { return }
        let parts = text.split(separator: ":", maxSplits: 1).map { String($0).trimmed }
        guard parts.count == 2, facetBy.contains(where: { $0.field.name == parts[0] }) else {
            throw SearchError(.invalid, "facet_query", expected: "a field of facet_by, ':' and text", found: text)
        }
        facetQuery = FacetQuery(field: parts[0], text: parts[1])
    }

    private mutating func readGroups(_ reader: inout SearchParameters) throws(SearchError) {
        if let names = try reader.list("group_by", countMax: SearchLimits.groupFieldsMax) {
            groupBy = try Self.fields(names, "group_by")
        }
        groupLimit = try reader.int("group_limit", 1...SearchLimits.groupLimitMax) ?? groupLimit
        groupsMissingValues = try reader.bool("group_missing_values") ?? true
        if groupBy.isEmpty, sortBy.contains(where: { $0.key == .groupFound }) {
            throw SearchError(.invalid, "sort_by", expected: "_group_found to come with group_by")
        }
        if vectorQuery == nil, sortBy.contains(where: { $0.key == .vectorDistance }) {
            throw SearchError(.invalid, "sort_by", expected: "_vector_distance to come with vector_query")
        }
    }

    private mutating func readPage(_ reader: inout SearchParameters) throws(SearchError) {
        let perPageName = reader.has("limit") && !reader.has("per_page") ? "limit" : "per_page"
        let byDefault = facetQuery == nil ? 10 : 0
        perPage = try reader.int(perPageName, 0...SearchLimits.perPageMax) ?? byDefault
        _ = reader.value("limit")
        let page = try reader.int("page", 0...Int.max)
        if let offset = try reader.int("offset", 0...SearchLimits.offsetMax), page == nil {
            self.page = nil
            self.offset = offset
        } else {
            self.page = max(1, page ?? 1)
            let (before, overflows) = (max(1, page ?? 1) - 1).multipliedReportingOverflow(by: max(1, perPage))
            guard !overflows, before <= SearchLimits.offsetMax else {
                throw SearchError(
                    .limitExceeded, "page", expected: "\(SearchLimits.offsetMax) hits before it", found: "\(page ?? 1)")
            }
            offset = before
        }
        if let most = try reader.int("limit_hits", 1...Int.max) {
            guard perPage == 0 || offset <= most - min(most, perPage), perPage <= most else {
                throw SearchError(.limitExceeded, "limit_hits", expected: "\(most) hits", found: "\(offset + perPage)")
            }
        }
    }

    private mutating func readResult(_ reader: inout SearchParameters) throws(SearchError) {
        includeFields = try reader.list("include_fields", countMax: 100) ?? []
        excludeFields = try reader.list("exclude_fields", countMax: 100) ?? []
        cutoffMilliseconds = try reader.int("search_cutoff_ms", 1...Int(Int32.max))
        if let names = try reader.list("highlight_fields", countMax: SearchLimits.queryFieldsMax) {
            highlight.fields = names == ["none"] ? .none : .these(try Self.fields(names, "highlight_fields"))
        }
        if let names = try reader.list("highlight_full_fields", countMax: SearchLimits.queryFieldsMax) {
            if names == ["none"] {
                highlight.fields = .none
            } else {
                highlight.fullFields = try Self.fields(names, "highlight_full_fields")
            }
        }
        highlight.startTag =
            try reader.text("highlight_start_tag", bytesMax: SearchLimits.tagBytesMax) ?? highlight.startTag
        highlight.endTag = try reader.text("highlight_end_tag", bytesMax: SearchLimits.tagBytesMax) ?? highlight.endTag
        highlight.affixWords = try reader.int("highlight_affix_num_tokens", 0...1_000) ?? highlight.affixWords
        highlight.snippetThreshold = try reader.int("snippet_threshold", 0...1_000_000) ?? highlight.snippetThreshold
        highlight.isListed = try reader.bool("enable_highlight_v1") ?? true
    }

    // MARK: Values

    private static func fields(_ names: [String], _ parameter: String) throws(SearchError) -> [MemoryField] {
        var fields: [MemoryField] = []
        for name in names {
            guard let field = MemoryField(name) else {
                throw SearchError(.invalid, parameter, expected: MemoryField.namesForPeople, found: name)
            }
            if !fields.contains(field) { fields.append(field) }
        }
        return fields
    }

    private static func int(_ value: JSON, _ range: ClosedRange<Int>) -> Int? {
        (value.intValue ?? value.stringValue.flatMap { Int($0.trimmed) }).flatMap { range.contains($0) ? $0 : nil }
    }

    // MARK: What is not there

    /// Parameters of TypeSense that nothing here does, and the values that ask for nothing.
    private static let unsupported: [String: [JSON]] = [
        "infix": ["off"], "max_extra_prefix": [], "max_extra_suffix": [], "preset": [], "voice_query": [],
        "split_join_tokens": ["off"], "pre_segmented_query": [false], "synonym_prefix": [false],
        "synonym_num_typos": [0], "enable_overrides": [true, false], "enable_curations": [true, false],
        "override_tags": [],
        "curation_tags": [], "curation_sets": [], "facet_return_parent": [], "facet_sample_percent": [100],
        "facet_sample_threshold": [0], "facet_sample_slope": [0], "group_max_candidates": [],
        "use_cache": [false], "cache_ttl": [], "conversation": [false], "conversation_id": [],
        "conversation_model_id": [], "nl_query": [false], "nl_model_id": [], "rerank_hybrid_matches": [false],
        "remote_embedding_timeout_ms": [], "remote_embedding_num_tries": [], "personalization_model_id": [],
        "validate_field_names": [true], "diversity_lambda": [], "union": [false],
    ]

    /// Parameters that only trade exactness or memory for time where there is nothing to trade.
    private static let withoutEffect = ["enable_lazy_filter", "facet_strategy", "max_filter_by_candidates"]

    private static func refuseUnsupported(_ reader: inout SearchParameters) throws(SearchError) {
        for name in reader.names {
            guard let idle = unsupported[name], let value = reader.value(name) else { continue }
            let asBool = SearchParameters.bool(value).map { JSON.bool($0) }
            guard idle.contains(value) || asBool.map(idle.contains) ?? false else {
                throw SearchError(.unsupported, name, expected: name)
            }
        }
    }
}

extension Substring {
    fileprivate var trimmedText: String { String(self).trimmed }
}
