import AgentModel
import MemorySearch
import Store

/// Makes the dictionary and the index anew from the memories, in one transaction: until its commit, and if the process
/// ends before it, everything is as it was. Nobody else may use the store meanwhile.
struct IndexRebuild {
    let database: SQLiteConnection
    let progress: (_ done: Int, _ of: Int) -> Void

    /// As many documents as a segment of this level has: some 30 MB of memory at work.
    private static let level = 2
    private static let documentsOfSegment = 4096

    func run() throws {
        try database.run("BEGIN IMMEDIATE")
        do {
            try clear()
            try fill()
            try database.run("COMMIT")
        } catch {
            if database.isInTransaction { _ = try? database.run("ROLLBACK") }
            throw error
        }
    }

    private func clear() throws {
        try database.run(
            """
            UPDATE memory_index SET lexed_word = 0, erasures = erasures + 1, analysis = ?,
                last_word = max(last_word, lexed_word, coalesce((SELECT max(id) FROM word), 0))
            """, [.int(TextAnalyzer.version)])
        for table in ["post", "segment", "tail", "tomb", "lex", "word"] {
            try database.run("DELETE FROM \(table)")
        }
        try database.run("UPDATE partition SET generation = generation + 1")
    }

    private func fill() throws {
        let total = try database.integer("SELECT count(*) FROM memory WHERE current = 1")
        let dictionary = MemoryDictionary(database)
        var segment = 0
        var done = 0
        for partition in try database.rows("SELECT id FROM partition ORDER BY id", [], { $0.int64() }) {
            var last: Int64 = -1
            while true {
                let documents = try self.documents(partition, after: last, dictionary)
                guard let newest = documents.last?.document else { break }
                last = Int64(newest)
                done += documents.count
                progress(done, total)
                if documents.count < IndexLimits().fold {
                    try addToTail(documents, partition)
                } else {
                    segment += 1
                    try addSegment(segment, documents, partition)
                }
            }
        }
    }

    private typealias Documents = [(document: Int, row: TailRow)]

    private func documents(
        _ partition: Int64, after last: Int64, _ dictionary: MemoryDictionary
    ) throws -> Documents {
        let rows = try database.rows(
            MemoryRow.select("WHERE m.partition = ? AND m.n > ? AND m.current = 1 ORDER BY m.n LIMIT ?"),
            [.integer(partition), .integer(last), .int(Self.documentsOfSegment)]
        ) { try MemoryRow(&$0) }
        return try rows.map { row in
            let analyzed = row.analyzed()
            let entries = try dictionary.add(analyzed)
            return (
                Int(row.number),
                TailRow(importance: row.value.importance, length: analyzed.length, entries: entries)
            )
        }
    }

    private func addToTail(_ documents: Documents, _ partition: Int64) throws {
        for (document, row) in documents {
            try database.run(
                "INSERT INTO tail(partition, n, data) VALUES (?, ?, ?)",
                [.integer(partition), .int(document), .blob(row.encoded())])
        }
    }

    private func addSegment(_ id: Int, _ documents: Documents, _ partition: Int64) throws {
        let built = try SegmentBuilder.build(id: id, tail: documents)
        let range = Int64(built.info.firstDocument)...Int64(built.info.lastDocument)
        let posts = IndexChange.putPosts(built.rows)
        let row = SegmentRow(
            IndexSegment(id: Int64(id), level: Self.level, state: .live, documents: range), partition: partition,
            documents: built.info.documents, totalLength: built.info.totalLength, bytes: posts.byteCount)
        try IndexChange.insertSegment(row).apply(to: database)
        try posts.apply(to: database)
        let planner = IndexPlanner(database: database, limits: IndexLimits(), bytesMax: 0)
        try IndexChange.countWords(planner.wordCounts(of: documents, segment: Int64(id))).apply(to: database)
    }
}
