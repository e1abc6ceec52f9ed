import AgentModel
import JSON
import MemorySearch
import Store

// The engine's word, not the store's.
import struct MemorySearch.MemoryDocument

/// The memories of some scopes as a search sees them: current, not expired, valid at its time and not superseded. See
/// `RenewedRead` for what a long search sees.
final class SQLiteSearchSource: SearchSource {
    let query: SearchQuery
    let database: SQLiteConnection
    private let cache: MemoryIndexCache
    private let read: RenewedRead
    private let isLate: () -> Bool
    private let partitions: [Int]
    /// What every document found meets.
    private let visible: Condition
    private var words: WordRows
    private var index: SQLiteIndexSource
    /// The generations of the partitions as `index` knows them.
    private var generations: [Int]
    /// How often the index has been rewritten under the search: postings that were gathered before are void.
    private(set) var rewrites = 0
    private var gathering: GatheredStems?
    private var scanning: (pushdown: FilterPushdown, scan: MemoryScan, last: Int64)?

    /// - Parameter isLate: whether a scan is to end with what it has.
    init(
        _ query: SearchQuery, _ database: SQLiteConnection, _ cache: MemoryIndexCache, isLate: @escaping () -> Bool
    ) throws {
        self.query = query
        self.database = database
        self.cache = cache
        self.isLate = isLate
        read = RenewedRead(database)
        partitions = try query.scopes.compactMap { scope in
            try MemoryPartition.find(scope.scope, in: database).map { Int($0) }
        }
        var visible = Condition("m.current = 1")
        visible.andActive(at: query.at)
        if let namespace = query.namespace { visible.and("m.namespace = ?", .text(namespace)) }
        if partitions.isEmpty { visible.and("FALSE") }
        visible.and("m.partition", isIn: partitions)
        self.visible = visible
        words = WordRows(database)
        index = SQLiteIndexSource(
            database, cache, at: query.at, namespaces: query.namespace.map { [$0] })
        generations = try Self.generations(partitions, database)
    }

    // MARK: Long searches

    func renewIfDue() throws { if try read.renewIfDue() { try look() } }

    func renewIfDueByStep() throws { if try read.renewIfDueByStep() { try look() } }

    /// Has the words and, where it was rewritten, the index as the transaction that has begun sees them.
    func look() throws {
        words = WordRows(database)
        let generations = try Self.generations(partitions, database)
        // What a partition's tail has got meanwhile is newer than the search.
        guard generations != self.generations else { return }
        self.generations = generations
        index = SQLiteIndexSource(
            database, cache, at: query.at, namespaces: query.namespace.map { [$0] })
        rewrites += 1
    }

    private static func generations(_ partitions: [Int], _ database: SQLiteConnection) throws -> [Int] {
        try partitions.map { try database.integer("SELECT generation FROM partition WHERE id = ?", [.int($0)]) }
    }

    // MARK: Postings

    func cursor(ofStem stem: Int) throws -> any SearchCursor {
        let stems = gathering.flatMap { $0.isOpen ? $0 : nil } ?? GatheredStems(self)
        gathering = stems
        return stems.cursor(stem)
    }

    func gather(_ stems: [Int]) throws -> TermPostings {
        try TermPostings(stems: stems, partitions: partitions, source: index)
    }

    // MARK: Documents

    func documentCount() throws -> Int {
        try partitions.reduce(0) { count, partition in
            try renewIfDue()
            return count + (try cache.count(partition, query.namespace, database) { try renewIfDue() })
        }
    }

    func documents(_ numbers: [Int64]) throws -> [MemoryDocument] {
        // What is done with them may take long.
        defer { read.lookAtNextStep() }
        return try numbers.compactMap { number in
            try renewIfDue()
            return try document("m.n = ?", .integer(number))
        }
    }

    func documents(ids: [String]) throws -> [MemoryDocument] {
        try ids.compactMap { id in
            try renewIfDue()
            return try MemoryID(id).flatMap { try document("m.id = ?", .id($0)) }
        }
    }

    private func document(_ test: String, _ value: SQLiteValue) throws -> MemoryDocument? {
        let sql = MemoryRow.select("\(visible.sql) AND \(test)")
        return try database.first(sql, visible.values + [value]) { row in
            let row = try MemoryRow(&row)
            return MemoryDocument(number: row.number, object: row.value.object)
        }
    }

    func scan(_ pushdown: FilterPushdown, after number: Int64, limit: Int) throws -> [MemoryDocument] {
        if let ids = pushdown.ids {
            let found = try documents(ids: Array(Set(ids))).filter { $0.number > number }
            return Array(found.sorted { $0.number < $1.number }.prefix(limit))
        }
        var scan = resumed(pushdown, after: number)
        while !isLate() {
            guard let numbers = try scan.next(limit, database, renew: { try renewIfDue() }) else { break }
            let found = try documents(numbers)
            guard let last = found.last?.number else { continue }
            scanning = (pushdown, scan, last)
            return found
        }
        return []
    }

    // MARK: Rows

    func rows(_ numbers: [Int64], _ pushdown: FilterPushdown, _ columns: [MemoryField]) throws -> [DocumentRow] {
        try renewIfDue()
        let test = MemoryScan.test(pushdown, visible)
        let selected = (["m.n"] + columns.map(Self.column)).joined(separator: ", ")
        return try database.rows(
            """
            SELECT \(selected) FROM json_each(?) wanted CROSS JOIN memory m NOT INDEXED ON m.n = wanted.value
            \(test.sql)
            """, [.json(.array(numbers.map(JSON.int)))] + test.values
        ) { row in DocumentRow(number: row.int64(), values: columns.map { _ in row.optionalDouble() }) }
    }

    /// The column of a field that is `MemoryField.isColumn`.
    private static func column(of field: MemoryField) -> String {
        field.name == "source.seq" ? "m.seq" : "m.\(field.name)"
    }

    func rows(
        after number: Int64, limit: Int, _ pushdown: FilterPushdown, _ columns: [MemoryField]
    ) throws -> [DocumentRow] {
        var scan = resumed(pushdown, after: number)
        while !isLate() {
            try renewIfDue()
            guard let numbers = try scan.next(limit, database, renew: { try renewIfDue() }) else { break }
            let found = columns.isEmpty ? numbers.map { DocumentRow(number: $0) } : try rows(numbers, pushdown, columns)
            guard let last = found.last?.number else { continue }
            scanning = (pushdown, scan, last)
            return found
        }
        return []
    }

    private func resumed(_ pushdown: FilterPushdown, after number: Int64) -> MemoryScan {
        if let known = scanning, known.last == number, known.pushdown == pushdown { return known.scan }
        return MemoryScan(pushdown, partitions, query.namespace, visible, after: number)
    }

    // MARK: Words

    func word(_ text: String) throws -> DictionaryWord? {
        try renewIfDue()
        return try words.word(text)
    }

    func word(id: Int) throws -> DictionaryWord? {
        try renewIfDue()
        return try words.word(id: id)
    }

    func firstLetters() throws -> [Unicode.Scalar] {
        try renewIfDue()
        return try words.firstLetters()
    }

    func words(letter: Unicode.Scalar, length: Int, _ body: (Int, UnsafeRawBufferPointer) throws -> Bool) throws {
        try renewIfDue()
        try words.words(letter: letter, length: length, body)
    }

    func words(prefix: String, limit: Int) throws -> [DictionaryWord] {
        try renewIfDue()
        return try words.words(prefix: prefix, limit: limit)
    }

    // MARK: Sets

    func stopwords(ofSet name: String) throws -> [String]? {
        try renewIfDue()
        return try database.first("SELECT words FROM stopword_set WHERE name = ?", [.text(name)]) { try $0.strings() }
    }

    func synonyms(ofSet name: String) throws -> [SearchSynonym]? {
        try renewIfDue()
        return try database.first("SELECT root, synonyms FROM synonym_set WHERE name = ?", [.text(name)]) { row in
            [SearchSynonym(root: row.optionalText(), synonyms: try row.strings())]
        }
    }

    func synonymSets() throws -> [String] {
        try renewIfDue()
        return try database.rows("SELECT name FROM synonym_set ORDER BY name") { $0.text() }
    }
}

/// The postings of stems that are walked together: found in one go when the first of them is needed, and again when the
/// index has been rewritten since.
final class GatheredStems {
    private unowned let source: SQLiteSearchSource
    private var stems: [Int] = []
    private var gathered: (postings: TermPostings, rewrites: Int)?

    /// So many that they are gathered well within the time that a transaction may last.
    private static let stemsMax = 128

    init(_ source: SQLiteSearchSource) { self.source = source }

    /// Whether it takes further stems.
    var isOpen: Bool { gathered == nil && stems.count < Self.stemsMax }

    func cursor(_ stem: Int) -> any SearchCursor {
        stems.append(stem)
        return Cursor(self, stem)
    }

    private func postings() throws -> TermPostings {
        if let gathered, gathered.rewrites == source.rewrites { return gathered.postings }
        try source.renewIfDue()
        let postings = try source.gather(stems)
        gathered = (postings, source.rewrites)
        return postings
    }

    private final class Cursor: SearchCursor {
        private let stems: GatheredStems
        private let stem: Int
        private var postings: TermPostings?
        private var cursor: PostingCursor?
        private var found: Int?

        init(_ stems: GatheredStems, _ stem: Int) {
            self.stems = stems
            self.stem = stem
        }

        func next(from number: Int64) throws -> Int64? {
            try stems.source.renewIfDueByStep()
            let postings = try stems.postings()
            if postings !== self.postings {
                self.postings = postings
                cursor = postings.cursor(stem)
            }
            found = try cursor?.seek(Int(number))
            return found.map { Int64($0) }
        }

        func fields() throws -> FieldMask {
            let postings = try stems.postings()
            guard let found, postings !== self.postings else { return try cursor?.posting()?.fields ?? [] }
            self.postings = postings
            cursor = postings.cursor(stem)
            return try cursor?.seek(found) == found ? cursor?.posting()?.fields ?? [] : []
        }
    }
}
