import JSON
import MemorySearch

/// A source that holds its documents in memory and finds everything by looking at all of it.
final class MemoryShelf: SearchSource {
    private var all: [MemoryDocument] = []
    private var dictionary: [DictionaryWord] = []
    private var places: [String: Int] = [:]
    private var postings: [Int: [(number: Int64, fields: FieldMask)]] = [:]
    private let analyzer = TextAnalyzer()
    var stopwordSets: [String: [String]] = [:]
    /// By the numbers of documents.
    var vectors: [Int64: [Float]] = [:]
    var synonymsBySet: [String: [SearchSynonym]] = [:]
    /// Documents handed out so far.
    private(set) var loaded = 0

    init(_ objects: [JSONObject]) {
        for (index, object) in objects.enumerated() { add(MemoryDocument(number: Int64(index + 1), object: object)) }
    }

    /// Memories `m1`, `m2`, ... with these texts.
    convenience init(texts: [String]) {
        self.init(texts.enumerated().map { ["id": .string("m\($0 + 1)"), "content_text": .string($1)] })
    }

    private func add(_ document: MemoryDocument) {
        all.append(document)
        var fields: [(field: FieldMask, text: String)] = []
        for (name, mask) in [("content_text", FieldMask.content), ("key", .key), ("tags", .tags), ("value", .value)] {
            guard let field = MemoryField(name) else { continue }
            if name == "key", document.object["key"] == document.object["id"] { continue }
            fields += document.values(of: field).compactMap { value in value.stringValue.map { (mask, $0) } }
        }
        for word in analyzer.analyze(fields).words {
            let stem = row(of: word.stem, stem: nil)
            _ = row(of: word.word, stem: stem)
            var list = postings[stem] ?? []
            let known = list.last?.number == document.number ? list.removeLast().fields : []
            list.append((document.number, word.fields.union(known)))
            postings[stem] = list
        }
    }

    private func row(of text: String, stem: Int?) -> Int {
        if let place = places[text] { return place }
        let id = dictionary.count
        places[text] = id
        dictionary.append(DictionaryWord(id: id, text: text, stem: stem ?? id, frequency: 1))
        return id
    }

    // MARK: Words

    func word(_ text: String) throws -> DictionaryWord? { places[text].map { dictionary[$0] } }
    func word(id: Int) throws -> DictionaryWord? { dictionary[id] }

    func firstLetters() -> [Unicode.Scalar] {
        Set(dictionary.compactMap { $0.text.unicodeScalars.first }).sorted()
    }

    func words(letter: Unicode.Scalar, length: Int, _ body: (Int, UnsafeRawBufferPointer) throws -> Bool) throws {
        for word in dictionary
        where word.text.unicodeScalars.first == letter && word.text.unicodeScalars.count == length {
            guard try Array(word.text.utf8).withUnsafeBytes({ try body(word.id, $0) }) else { return }
        }
    }

    func words(prefix: String, limit: Int) throws -> [DictionaryWord] {
        Array(dictionary.filter { $0.text.hasPrefix(prefix) }.prefix(limit))
    }

    // MARK: Documents

    final class Cursor: SearchCursor {
        let list: [(number: Int64, fields: FieldMask)]
        var place = 0

        init(_ list: [(number: Int64, fields: FieldMask)]) { self.list = list }

        func next(from number: Int64) -> Int64? {
            while place < list.count, list[place].number < number { place += 1 }
            return place < list.count ? list[place].number : nil
        }

        func fields() -> FieldMask { place < list.count ? list[place].fields : [] }
    }

    func documentCount() throws -> Int { all.count }
    func cursor(ofStem stem: Int) throws -> any SearchCursor { Cursor(postings[stem] ?? []) }

    func rows(_ numbers: [Int64], _ pushdown: FilterPushdown, _ columns: [MemoryField]) throws -> [DocumentRow] {
        numbers.map { all[Int($0) - 1] }.filter { Self.fulfils($0, pushdown) }.map { Self.row($0, columns) }
    }

    func rows(
        after number: Int64, limit: Int, _ pushdown: FilterPushdown, _ columns: [MemoryField]
    ) throws -> [DocumentRow] {
        all.filter { $0.number > number && Self.fulfils($0, pushdown) }.prefix(limit).map { Self.row($0, columns) }
    }

    private static func number(_ value: JSON) -> Double? {
        value.doubleValue ?? value.stringValue.flatMap(ISOTime.milliseconds).map(Double.init)
    }

    private static func row(_ document: MemoryDocument, _ columns: [MemoryField]) -> DocumentRow {
        DocumentRow(
            number: document.number,
            values: columns.map { document.values(of: $0).first.flatMap { Self.number($0) } })
    }

    func documents(_ numbers: [Int64]) throws -> [MemoryDocument] {
        loaded += numbers.count
        return numbers.map { all[Int($0) - 1] }
    }

    func documents(ids: [String]) throws -> [MemoryDocument] { all.filter { ids.contains($0.id) } }

    func scan(_ pushdown: FilterPushdown, after number: Int64, limit: Int) throws -> [MemoryDocument] {
        let found = Array(all.filter { $0.number > number && Self.fulfils($0, pushdown) }.prefix(limit))
        loaded += found.count
        return found
    }

    /// As a store does it by its columns, so that a pushdown that leaves too much out is seen.
    static func fulfils(_ document: MemoryDocument, _ pushdown: FilterPushdown) -> Bool {
        func has(_ name: String, _ wanted: [String]?) -> Bool {
            guard let wanted else { return true }
            return document.object[name]?.stringValue.map(wanted.contains) ?? false
        }
        let tags = document.object["tags"]?.arrayValue?.compactMap(\.stringValue) ?? []
        guard has("id", pushdown.ids), has("namespace", pushdown.namespaces), has("key", pushdown.keys),
            pushdown.tags.allSatisfy({ wanted in wanted.contains(where: tags.contains) })
        else { return false }
        for (name, bounds) in [("created_at", pushdown.createdAt), ("updated_at", pushdown.updatedAt)]
        where bounds.low != nil || bounds.high != nil {
            guard let time = document.object[name]?.stringValue.flatMap(ISOTime.milliseconds) else { return false }
            guard time >= bounds.low ?? time, time <= bounds.high ?? time else { return false }
        }
        let bounds = pushdown.importance
        guard bounds.low != nil || bounds.high != nil else { return true }
        guard let importance = document.object["importance"]?.doubleValue else { return false }
        return importance >= bounds.low ?? importance && importance <= bounds.high ?? importance
    }

    // MARK: Vectors

    func vectorDimension() throws -> Int? { vectors.first?.value.count }
    func vector(of number: Int64) throws -> [Float]? { vectors[number] }

    func distances(_ numbers: [Int64], to vector: VectorSimilarity) throws -> [VectorDistance] {
        numbers.compactMap { number in
            guard let kept = vectors[number], let largest = kept.map(abs).max(), largest > 0 else { return nil }
            let bytes = kept.map { Int8(($0 / largest * 127).rounded()) }
            return bytes.withUnsafeBytes(vector.cosine).map { VectorDistance(number: number, distance: 1 - $0) }
        }
    }

    // MARK: Sets

    func stopwords(ofSet name: String) throws -> [String]? { stopwordSets[name] }
    func synonyms(ofSet name: String) throws -> [SearchSynonym]? { synonymsBySet[name] }
    func synonymSets() throws -> [String] { synonymsBySet.keys.sorted() }
}

extension MemoryShelf {
    func search(_ parameters: JSONObject) throws -> JSONObject {
        var engine = MemorySearchEngine(self, try SearchRequest(parameters: parameters))
        return try engine.run()
    }

    /// The ids of the hits in their order.
    func ids(_ parameters: JSONObject) throws -> [String] {
        (try search(parameters)["hits"]?.arrayValue ?? []).compactMap { $0["document"]?["id"]?.stringValue }
    }
}
