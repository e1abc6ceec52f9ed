import JSON

/// Shapes what was found as TypeSense does.
struct SearchReply<Source: SearchSource> {
    let source: Source
    let request: SearchRequest
    let analyzer: TextAnalyzer
    let matchers: [TextMatcher]
    let work: SearchWork

    /// - Parameter sorted: the hits in their order, at least as far as the page goes.
    func make(_ hits: SearchHits, _ sorted: [SearchHit]) throws -> JSONObject {
        var reply = JSONObject()
        reply["facet_counts"] = .array(hits.facets.map { $0.reply(request) })
        if request.groupBy.isEmpty {
            reply["found"] = .int(Int64(hits.hits.count))
            reply["hits"] = .array(try shown(Array(sorted.dropFirst(request.offset).prefix(request.perPage))))
        } else {
            reply["found"] = .int(Int64(hits.groups.count))
            reply["found_docs"] = .int(Int64(hits.hits.count))
            reply["grouped_hits"] = .array(try grouped(sorted, hits))
        }
        reply["out_of"] = .int(Int64(try source.documentCount()))
        if let page = request.page { reply["page"] = .int(Int64(page)) }
        var parameters = JSONObject([
            ("collection_name", "memories"), ("first_q", .string(request.text)),
            ("per_page", .int(Int64(request.perPage))), ("q", .string(request.text)),
        ])
        if request.page == nil { parameters["offset"] = .int(Int64(request.offset)) }
        reply["request_params"] = .object(parameters)
        reply["search_cutoff"] = .bool(work.isCut)
        reply["search_time_ms"] = 0
        return reply
    }

    private func grouped(_ sorted: [SearchHit], _ hits: SearchHits) throws -> [JSON] {
        var order: [Int] = []
        var members: [Int: [SearchHit]] = [:]
        for hit in sorted {
            if members[hit.group] == nil { order.append(hit.group) }
            if members[hit.group, default: []].count < request.groupLimit {
                members[hit.group, default: []].append(hit)
            }
        }
        return try order.dropFirst(request.offset).prefix(request.perPage).map { group in
            [
                "found": .int(Int64(hits.groupCounts[group])), "group_key": .array(hits.groups[group]),
                "hits": .array(try shown(members[group] ?? [])),
            ]
        }
    }

    // MARK: Hits

    private func shown(_ hits: [SearchHit]) throws -> [JSON] {
        let numbers = hits.map(\.number).sorted()
        var documents: [Int64: MemoryDocument] = [:]
        for start in stride(from: 0, to: numbers.count, by: SearchBatch.documents) {
            let batch = Array(numbers[start..<min(numbers.count, start + SearchBatch.documents)])
            for document in try source.documents(batch) { documents[document.number] = document }
        }
        let projection = FieldProjection(include: request.includeFields, exclude: request.excludeFields)
        return hits.compactMap { hit in documents[hit.number].map { shown(hit, $0, projection) } }
    }

    private func shown(_ hit: SearchHit, _ document: MemoryDocument, _ projection: FieldProjection) -> JSON {
        let highlights = highlights(hit, document)
        var shown = JSONObject()
        if hit.position != nil { shown["curated"] = true }
        shown["document"] = .object(projection.apply(to: document.object))
        shown["highlight"] = .object(highlights.object)
        if request.highlight.isListed { shown["highlights"] = .array(highlights.list) }
        shown["vector_distance"] = hit.distance.map(JSON.double)
        if request.hasWords, let fusion = hit.fusion {
            shown["hybrid_search_info"] = ["rank_fusion_score": .double(fusion)]
        }
        guard hit.attempt != nil else { return .object(shown) }
        shown["text_match"] = .int(hit.match.score)
        shown["text_match_info"] = [
            "best_field_score": .string("\(hit.match.bestFieldScore)"),
            "best_field_weight": .int(Int64(hit.match.bestFieldWeight)),
            "fields_matched": .int(Int64(hit.match.fieldsMatched)),
            "num_tokens_dropped": .int(Int64(hit.match.tokensDropped)),
            "score": .string("\(hit.match.score)"), "tokens_matched": .int(Int64(hit.match.tokensMatched)),
            "typo_prefix_score": .int(Int64(hit.match.typoPrefixScore)),
        ]
        return .object(shown)
    }

    private func highlights(_ hit: SearchHit, _ document: MemoryDocument) -> (object: JSONObject, list: [JSON]) {
        let fields: [MemoryField]
        switch request.highlight.fields {
        case .none: return (JSONObject(), [])
        case .queried: fields = request.queryBy.map(\.field)
        case .these(let named): fields = named
        }
        guard let attempt = hit.attempt else { return (JSONObject(), []) }
        let highlights = HitHighlights(
            fullFields: request.highlight.fullFields, matched: matchers[attempt].matchedWords,
            highlighter: Highlighter(analyzer, request.highlight.options))
        let extra = request.highlight.fullFields.filter { !fields.contains($0) }
        return highlights.make(of: document, fields + extra)
    }
}
