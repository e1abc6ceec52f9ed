import MemorySearch
import Store

/// Plans and encodes steps from one consistent state, while others may write.
struct IndexPlanner {
    let database: SQLiteConnection
    let limits: IndexLimits
    /// What one transaction may write.
    let bytesMax: Int

    private static let tombsMax = 1000
    /// Bytes that the removal of a row costs about as much as.
    private static let bytesOfRemoval = 512
    /// A word is counted when at least so many documents of a fold have it.
    private static let countedMin = 8

    func step(_ work: IndexWork, of state: PartitionState) throws -> IndexStep {
        switch work {
        case .fold: return try fold(state)
        case .merge(let level, let sources, let target): return try merge(state, level, sources, target)
        case .abandon(let id): return IndexStep(state, [[.setDead([id])]])
        case .sweep(let id): return IndexStep(state, [[.sweep(id, limit: removalsMax)]])
        case .dropTombs(let id):
            guard let row = state[id] else { throw IndexOutdated() }
            return IndexStep(state, [[.dropTombs(row, limit: removalsMax)]])
        }
    }

    private var removalsMax: Int { max(16, bytesMax / Self.bytesOfRemoval) }

    // MARK: - Fold

    private func fold(_ state: PartitionState) throws -> IndexStep {
        let rows = try database.rows(
            "SELECT n, data FROM tail WHERE partition = ? ORDER BY n LIMIT ?",
            [.integer(state.partition), .int(limits.fold)]
        ) { (document: $0.int(), row: try TailRow(decoding: $0.bytes())) }
        guard let first = rows.first?.document, let last = rows.last?.document else { throw IndexOutdated() }
        let tombs = try database.rows(
            "SELECT n FROM tomb WHERE n BETWEEN ? AND ? AND partition = ?",
            [.int(first), .int(last), .integer(state.partition)]
        ) { $0.int64() }
        var changes: [IndexChange] = [
            .removeTail(partition: state.partition, through: Int64(last), count: rows.count),
            .bumpGeneration(partition: state.partition),
        ]
        if !tombs.isEmpty { changes.append(.removeTombs(tombs)) }
        let dropped = Set(tombs)
        let kept = rows.filter { !dropped.contains(Int64($0.document)) }
        if !kept.isEmpty { changes += try segment(of: kept, first...last, state) }
        return IndexStep(state, [changes])
    }

    private func segment(
        of tail: [(document: Int, row: TailRow)], _ documents: ClosedRange<Int>, _ state: PartitionState
    ) throws -> [IndexChange] {
        let id = try freeSegment()
        let built = try SegmentBuilder.build(id: Int(id), tail: tail)
        let segment = IndexSegment(
            id: id, level: 0, state: .live, documents: Int64(documents.lowerBound)...Int64(documents.upperBound))
        let posts = IndexChange.putPosts(built.rows)
        let row = SegmentRow(
            segment, partition: state.partition, documents: built.info.documents,
            totalLength: built.info.totalLength, bytes: posts.byteCount)
        let counts = try wordCounts(of: tail, segment: id)
        return [.insertSegment(row), posts] + (counts.isEmpty ? [] : [.countWords(counts)])
    }

    /// Documents for the words of stems that many documents of the fold have.
    ///
    /// A count is right to a sixteenth or so, so that frequent words are not written with each fold: what is less than
    /// a sixteenth is added as one, as often as makes up for it (Morris, "Counting large numbers of events in small
    /// registers", CACM 21, 1978).
    func wordCounts(
        of tail: [(document: Int, row: TailRow)], segment: Int64
    ) throws -> [IndexChange.WordCount] {
        var documents: [Int: Int] = [:]
        for (_, row) in tail {
            for entry in row.entries { documents[entry.stem, default: 0] += 1 }
        }
        var counts: [IndexChange.WordCount] = []
        for (stem, count) in documents.sorted(by: { $0.key < $1.key }) where count >= Self.countedMin {
            let words = try database.rows(
                """
                SELECT id, freq FROM word WHERE id = ?1 AND uses > 0
                UNION ALL SELECT id, freq FROM word WHERE stem = ?1 AND stem <> id AND uses > 0
                """, [.int(stem)]
            ) { (id: $0.int(), frequency: $0.int()) }
            for word in words {
                let step = max(count, word.frequency / 16)
                let chance = StableHash.of("\(segment) \(word.id)".utf8) % UInt64(max(1, step))
                if chance < UInt64(count) { counts.append(IndexChange.WordCount(word: word.id, documents: step)) }
            }
        }
        return counts
    }

    /// An id for a new segment: the next one, or once these run out one that was freed.
    private func freeSegment() throws -> Int64 {
        let next = try database.first("SELECT coalesce(max(id), 0) + 1 FROM segment") { $0.int64() } ?? 1
        if next <= Int64(PostKey.segmentMax) { return next }
        let freed = try database.first(
            """
            SELECT min(id) + 1 FROM (SELECT 0 AS id UNION ALL SELECT id FROM segment) s
            WHERE NOT EXISTS(SELECT 1 FROM segment t WHERE t.id = s.id + 1)
            """
        ) { $0.int64() }
        guard let freed, freed <= Int64(PostKey.segmentMax) else { throw IndexError.full("segment") }
        return freed
    }

    // MARK: - Merge

    private func merge(
        _ state: PartitionState, _ level: Int, _ sources: [Int64], _ target: Int64?
    ) throws -> IndexStep {
        let rows = sources.compactMap { state[$0] }
        guard rows.count == sources.count, let first = rows.first, let last = rows.last else { throw IndexOutdated() }
        guard let target else {
            let documents = first.segment.documents.lowerBound...last.segment.documents.upperBound
            let segment = IndexSegment(
                id: try freeSegment(), level: min(level, SegmentRow.levelMax), state: .building, documents: documents,
                sources: sources)
            let row = SegmentRow(segment, partition: state.partition, documents: 0, totalLength: 0)
            return IndexStep(state, [[.insertSegment(row)]])
        }
        guard let row = state[target] else { throw IndexOutdated() }
        guard let cursor = row.cursor else { return try markTombs(state, row) }
        return try merge(state, row, rows, from: cursor)
    }

    /// Only what is marked before the first stem is left out, so that every stem leaves out the same.
    private func markTombs(_ state: PartitionState, _ target: SegmentRow) throws -> IndexStep {
        let range: [SQLiteValue] = [
            .integer(target.segment.documents.lowerBound), .integer(target.segment.documents.upperBound),
            .integer(state.partition), .integer(target.segment.id),
        ]
        let found = try database.rows(
            "SELECT n FROM tomb WHERE n BETWEEN ? AND ? AND partition = ? AND segment IS NOT ? LIMIT ?",
            range + [.int(Self.tombsMax)]
        ) { $0.int64() }
        let mark = IndexChange.markTombs(found, segment: target.segment.id)
        if found.count == Self.tombsMax { return IndexStep(state, [[.expect(target), mark]]) }
        var next = target
        next.cursor = 0
        return IndexStep(state, [[.expect(target)] + (found.isEmpty ? [] : [mark]) + [.advance(next)]])
    }

    private func merge(
        _ state: PartitionState, _ target: SegmentRow, _ sources: [SegmentRow], from cursor: Int64
    ) throws -> IndexStep {
        let tombs = try database.rows(
            "SELECT n FROM tomb WHERE n BETWEEN ? AND ? AND partition = ? AND segment = ? ORDER BY n",
            [
                .integer(target.segment.documents.lowerBound), .integer(target.segment.documents.upperBound),
                .integer(state.partition), .integer(target.segment.id),
            ]
        ) { $0.int() }
        let merger = SegmentMerger(sources: sources.map(\.info), target: Int(target.segment.id), tombs: tombs)
        let step = try merger.step(from: Int(cursor), rows: PostTable(database), byteBudget: bytesMax)
        var next = target
        next.bytes += IndexChange.putPosts(step.rows).byteCount
        next.cursor = step.nextStem.map(Int64.init)
        var ending: [IndexChange] = []
        if step.nextStem == nil {
            // Now, not when it began: memories may have been forgotten since.
            let info = SegmentInfo(
                id: Int(target.segment.id), merging: sources.map(\.info), dropped: tombs.count)
            next.documents = info.documents
            next.totalLength = info.totalLength
            next.segment.state = .live
            next.segment.sources = []
            next.cursor = tombs.isEmpty ? nil : 0
            ending = [.setDead(sources.map(\.segment.id)), .bumpGeneration(partition: state.partition)]
        }
        return IndexStep(state, transactions(step.rows, of: target, from: cursor, [.advance(next)] + ending))
    }

    /// Rows of a stem that most documents have are too many for one transaction.
    private func transactions(
        _ rows: [PostRow], of target: SegmentRow, from cursor: Int64, _ last: [IndexChange]
    ) -> [[IndexChange]] {
        var parts: [[PostRow]] = [[]]
        var bytes = 0
        for row in rows {
            // A step is a little more than its budget; only what is much more is parted.
            if bytes + row.bytes.count > bytesMax + bytesMax / 2 {
                parts.append([])
                bytes = 0
            }
            parts[parts.count - 1].append(row)
            bytes += row.bytes.count
        }
        // The first rows come last: a directory is there only when its blocks are.
        var transactions = parts.reversed().map { [IndexChange.expect(target), .putPosts($0)] }
        transactions[0].insert(.clearPosts(segment: target.segment.id, fromStem: cursor), at: 1)
        if transactions.count > 1 { transactions[0].append(.bumpGeneration(partition: target.partition)) }
        transactions[transactions.count - 1] += last
        return transactions
    }
}

extension SegmentRow {
    var info: SegmentInfo {
        SegmentInfo(
            id: Int(segment.id), documents: documents, totalLength: totalLength,
            firstDocument: Int(segment.documents.lowerBound), lastDocument: Int(segment.documents.upperBound))
    }
}
