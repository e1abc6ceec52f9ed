/// What will be asked of the database, and how its answer is to be read.
struct QueryPlan: Sendable {
    enum Shape: Hashable, Sendable {
        /// One number.
        case figure
        /// A number per group, largest or asked-for first.
        case ranking(isDescending: Bool)
        case groups
        /// A number per period, in order of time.
        case series(TimeUnit)
        case list
    }

    var shape: Shape
    var sql: String
    /// What the number is: "revenue", "average Freight", "number of Orders".
    var measure: String
    /// What it is given for: "Customers", "ShipCountry", "month".
    var groups: [String]
    /// The unit of the first group, where it is time.
    var timeGroup: TimeUnit?
    /// Whether the number is a sum or a count, so that shares of it mean something.
    var isAdditive: Bool
    /// A sentence each: columns, joins, filters, limits.
    var interpretation: [String]
    /// The time column that the question is about, its table and encoding.
    var time: BoundTime?
    /// The rows that were asked for, at most.
    var limit: Int?
    /// Titles of the columns that name a list's rows.
    var names: [String] = []
    /// The title of the column that a list is ordered by, where the question asked for an order.
    var orderedBy: String?
    var filters: [String]
}

/// A time column in use.
struct BoundTime: Hashable, Sendable {
    let reference: ColumnRef
    let encoding: TimeEncoding
    /// The first and last day of the data.
    var first: Day?
    var last: Day?
    /// On how many different days something happened.
    var days: Int?

    /// The average number of days from one on which something happened to the next.
    var pace: Double? {
        guard let first, let last, let days, days > 1 else { return nil }
        return Double(last.number - first.number) / Double(days - 1)
    }
}

/// Why no query can answer.
struct CannotAnswer: Error, Hashable, Sendable {
    /// What is missing, in a sentence.
    let reason: String
}
