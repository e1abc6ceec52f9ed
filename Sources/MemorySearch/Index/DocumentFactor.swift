/// What a document's sum of words is multiplied with: for its importance, the day it was remembered, its scope.
struct DocumentFactor {
    private let source: any IndexSource
    private let tuning: RankingTuning
    private let today: Int
    private let unit: Double
    /// Of each code, without what its day adds.
    private let ofImportance: [Double]
    private var span = CalendarSpan(day: 0, documents: 0...0)
    private var recency = -1.0
    var scopeWeight = 0.0

    init(_ query: RecallQuery, unit: Double, source: any IndexSource) {
        self.source = source
        self.unit = unit
        tuning = query.tuning
        today = query.today
        ofImportance = (0...UInt8.max).map {
            query.tuning.factor(importance: ImportanceCode.importance($0), recency: 0)
        }
    }

    /// Of the day a document was remembered: no older document's is greater.
    @inline(__always)
    mutating func recency(of document: Int) throws -> Double {
        if recency >= 0, span.documents.contains(document) { return recency }
        span = try source.day(of: document)
        let (age, overflow) = today.subtractingReportingOverflow(span.day)
        recency = tuning.recency(ageDays: overflow ? Int(Int32.max) : age)
        return recency
    }

    /// Rises with both: what bounds them bounds it.
    @inline(__always)
    func factor(importance: UInt8, recency: Double) -> Double {
        (ofImportance[Int(importance)] + max(0, tuning.recency) * recency) * scopeWeight * unit
    }
}
