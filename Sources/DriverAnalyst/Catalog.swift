import JSON

/// The tables that the analyst works with, and what their values show.
struct Catalog: Sendable {
    var dialect: SQLDialect
    var tables: [CatalogTable]

    subscript(_ reference: ColumnRef) -> CatalogColumn { tables[reference.table].columns[reference.column] }

    func name(_ reference: ColumnRef) -> String { "\(tables[reference.table].name).\(self[reference].name)" }

    var columns: [ColumnRef] {
        tables.indices.flatMap { table in
            tables[table].columns.indices.map { ColumnRef(table: table, column: $0) }
        }
    }
}

/// A column by its place in the catalogue.
struct ColumnRef: Hashable, Comparable, Sendable {
    let table: Int
    let column: Int

    static func < (left: ColumnRef, right: ColumnRef) -> Bool {
        (left.table, left.column) < (right.table, right.column)
    }
}

struct CatalogTable: Sendable {
    let namespace: String?
    let name: String
    let isView: Bool
    /// The folded words of its name, without prefixes such as `tbl`.
    let words: [String]
    var columns: [CatalogColumn]
    /// Rows, or the least that is known when `isCountExact` is false.
    var rowCount: Int
    var isCountExact: Bool
    /// Whether the values looked at are all that there are.
    var isSampleWhole: Bool
    /// Places of the primary key's columns, in its order; a column that is evidently unique where none is declared.
    var key: [Int] = []
    /// Places of the columns that tell a reader which row it is, e.g. first and last name.
    var label: [Int] = []

    /// What one row is called, for sentences: the name in lower case, as it is otherwise.
    var noun: String { words.joined(separator: " ") }
}

struct CatalogColumn: Sendable {
    let name: String
    let declaredType: String
    /// The folded words of its name.
    let words: [String]
    var isNullable: Bool
    var statistics: ColumnStatistics
    var role = ColumnRole.text
    var encoding: TimeEncoding?

    var isNumeric: Bool { statistics.kind == .integer || statistics.kind == .real }
}

/// What a column is good for in an analysis.
enum ColumnRole: Hashable, Sendable {
    /// Identifies a row of this table or another.
    case key
    /// A number to add up or average.
    case measure
    case time
    /// Yes or no, with the values that say so.
    case flag(yes: FlagValue, no: FlagValue?)
    /// One of few values.
    case category
    case text
    case binary
    /// No value but null.
    case empty

    var word: String {
        switch self {
        case .key: "key"
        case .measure: "measure"
        case .time: "time"
        case .flag: "flag"
        case .category: "category"
        case .text: "text"
        case .binary: "binary"
        case .empty: "empty"
        }
    }
}

/// A value of a flag column, as SQL compares it.
struct FlagValue: Hashable, Sendable {
    let text: String
    let isText: Bool
    let isBoolean: Bool
}

/// What the values of a column are, in what was read of the table.
struct ColumnStatistics: Hashable, Sendable {
    enum Kind: String, Sendable { case integer, real, text, boolean, binary, mixed, empty }

    var kind = Kind.empty
    var rows = 0
    var nulls = 0
    var distinct = 0
    var minimum: Double?
    var maximum: Double?
    /// Whether a number has a fraction.
    var hasFractions = false
    /// Different texts with how often each occurs, most frequent first; capped.
    var texts: [TextCount] = []
    /// The numbers, sorted.
    var numbers: [Double] = []
    var averageTextLength = 0.0

    struct TextCount: Hashable, Sendable {
        let text: String
        let count: Int
    }

    var filled: Int { rows - nulls }
    var isUnique: Bool { filled > 0 && nulls == 0 && distinct == filled }
}
