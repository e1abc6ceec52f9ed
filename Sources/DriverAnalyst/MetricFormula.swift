/// How a figure of business is worked out from the columns that are there.
struct MetricFormula: Sendable {
    /// The table whose rows it is added up over.
    let root: Int
    /// Of one row of the root.
    let expression: String
    /// The tables that the expression speaks of.
    let tables: Set<Int>
    /// In words: `UnitPrice × Quantity × (1 − Discount)`.
    let words: String
    /// What had to be assumed.
    let assumptions: [String]
}

/// Finds the columns that make a metric: one that holds it, else price times quantity less discount, else an amount.
struct MetricResolver {
    let catalog: Catalog
    let graph: JoinGraph

    func formula(_ metric: Metric) -> MetricFormula? {
        switch metric {
        case .revenue: return revenue
        case .quantity:
            return saleLine.map { line in
                MetricFormula(
                    root: line.table, expression: catalog.qualified(line.quantity), tables: [line.table],
                    words: catalog.name(line.quantity), assumptions: [])
            }
        case .profit: return profit
        }
    }

    // MARK: Revenue

    private var revenue: MetricFormula? {
        let candidates = heldRevenue + [saleLine.map { (formula($0, cost: nil), 2.6) }].compactMap(\.self)
        return candidates.max { ($0.1, $1.0.root) < ($1.1, $0.0.root) }.flatMap { $0.1 > 0.5 ? $0.0 : nil }
    }

    /// Columns that hold a revenue or an amount themselves, with how likely that is what is meant.
    private var heldRevenue: [(MetricFormula, Double)] {
        catalog.columns.compactMap { reference in
            let column = catalog[reference]
            guard column.role == .measure, !Lexicon.isIntensive(column.words) else { return nil }
            var score: Double
            if Lexicon.means(column.words, "revenue") {
                score = column.words.contains("income") ? 1.6 : 3
            } else if Lexicon.means(column.words, "amount") || column.words.contains("total")
                || column.words.contains("subtotal")
            {
                score = column.words.count <= 2 ? 2 : 1.8
            } else {
                return nil
            }
            if column.words.contains(where: { Lexicon.stockWords.contains($0) || Lexicon.sideAmountWords.contains($0) })
            {
                return nil
            }
            if !reachesTime(reference.table) { score -= 1 }
            if isDimension(reference.table) { score -= 1.2 }
            let formula = MetricFormula(
                root: reference.table, expression: catalog.qualified(reference), tables: [reference.table],
                words: catalog.name(reference), assumptions: [])
            return (formula, score)
        }
    }

    private func reachesTime(_ table: Int) -> Bool {
        let paths = graph.paths(from: table, tableCount: catalog.tables.count)
        return catalog.tables.indices.contains { other in
            guard let path = paths[other], !path.fansOut else { return false }
            return catalog.tables[other].columns.contains { $0.role == .time }
        }
    }

    /// Whether other tables lead to it and it leads nowhere: what things are, not what happened.
    private func isDimension(_ table: Int) -> Bool {
        graph.edges.contains { $0.to == table } && !graph.edges.contains { $0.from == table && $0.to != table }
    }

    // MARK: Price times quantity

    struct SaleLine {
        let table: Int
        let quantity: ColumnRef
        let price: ColumnRef
        let discount: ColumnRef?
    }

    private var saleLine: SaleLine? {
        let lines = catalog.tables.indices.compactMap { table -> (SaleLine, Double)? in
            guard let quantity = column(in: table, meaning: "quantity", without: Lexicon.stockWords), reachesTime(table)
            else {
                return nil
            }
            var score = 0.0
            let own = column(in: table, meaning: "price", without: ["cost"])
            let price = own ?? nearbyPrice(table)
            guard let price else { return nil }
            if own != nil { score += 2 }
            let discount = column(in: table, meaning: "discount", without: [])
            if discount != nil { score += 0.5 }
            if isDimension(table) { score -= 2 }
            return (SaleLine(table: table, quantity: quantity, price: price, discount: discount), score)
        }
        return lines.max { ($0.1, $1.0.table) < ($1.1, $0.0.table) }?.0
    }

    private func column(in table: Int, meaning concept: String, without excluded: Set<String>) -> ColumnRef? {
        let places = catalog.tables[table].columns.indices.filter { place in
            let column = catalog.tables[table].columns[place]
            let isNumber = column.role == .measure || isFlagOfNumbers(column)
            return isNumber && Lexicon.means(column.words, concept)
                && !column.words.contains { excluded.contains($0) }
                && (concept != "quantity"
                    || !Lexicon.means(column.words, "price") && !Lexicon.means(column.words, "cost"))
        }
        // The plainest name.
        let best = places.min { left, right in
            let columns = catalog.tables[table].columns
            return (columns[left].words.count, left) < (columns[right].words.count, right)
        }
        return best.map { ColumnRef(table: table, column: $0) }
    }

    /// A quantity that is always 1 or a discount that is 0 or 1 looks like a flag.
    private func isFlagOfNumbers(_ column: CatalogColumn) -> Bool {
        if case .flag(let yes, _) = column.role { !yes.isText && !yes.isBoolean } else { false }
    }

    private func nearbyPrice(_ table: Int) -> ColumnRef? {
        let paths = graph.paths(from: table, tableCount: catalog.tables.count)
        let near = catalog.tables.indices.filter { other in
            guard let path = paths[other], !path.steps.isEmpty else { return false }
            return !path.fansOut
        }.sorted { ((paths[$0]?.cost ?? 0), $0) < ((paths[$1]?.cost ?? 0), $1) }
        return near.lazy.compactMap { column(in: $0, meaning: "price", without: ["cost"]) }.first
    }

    private func formula(_ line: SaleLine, cost: ColumnRef?) -> MetricFormula {
        let price = catalog.qualified(line.price)
        let quantity = catalog.qualified(line.quantity)
        var expression = "\(price) * \(quantity)"
        var words = "\(catalog[line.price].name) × \(catalog[line.quantity].name)"
        var assumptions: [String] = []
        if let discount = line.discount {
            let kind = DiscountKind(of: catalog[discount])
            let value =
                catalog[discount].statistics.nulls > 0
                ? "COALESCE(\(catalog.qualified(discount)), 0)" : catalog.qualified(discount)
            expression = kind.applied(to: expression, discount: value)
            words = kind.applied(toWords: words, discount: catalog[discount].name)
            assumptions.append("\(catalog.name(discount)) is read as \(kind.words(catalog[discount].statistics)).")
        }
        if line.price.table != line.table {
            assumptions.append(
                "The price is today's price in \(catalog.tables[line.price.table].name): sales keep none of their own.")
        }
        var tables: Set<Int> = [line.table, line.price.table]
        if let cost {
            expression = "\(expression) - \(catalog.qualified(cost)) * \(quantity)"
            words += " − \(catalog[cost].name) × \(catalog[line.quantity].name)"
            tables.insert(cost.table)
        }
        return MetricFormula(
            root: line.table, expression: expression, tables: tables, words: words, assumptions: assumptions)
    }

    // MARK: Profit

    private var profit: MetricFormula? {
        let held = catalog.columns.first { reference in
            let words = catalog[reference].words
            return catalog[reference].role == .measure
                && words.contains { ["profit", "gewinn", "earnings"].contains($0) }
        }
        if let held {
            return MetricFormula(
                root: held.table, expression: catalog.qualified(held), tables: [held.table], words: catalog.name(held),
                assumptions: [])
        }
        guard let line = saleLine else { return nil }
        let paths = graph.paths(from: line.table, tableCount: catalog.tables.count)
        let tables = catalog.tables.indices.filter { paths[$0].map { !$0.fansOut } ?? false }
            .sorted { ((paths[$0]?.cost ?? 0), $0) < ((paths[$1]?.cost ?? 0), $1) }
        guard let cost = tables.lazy.compactMap({ column(in: $0, meaning: "cost", without: ["shipping"]) }).first else {
            return nil
        }
        return formula(line, cost: cost)
    }
}

/// What a column of discounts holds: a share of the price, percent of it, or money.
enum DiscountKind: Sendable {
    case fraction, percent, absolute

    init(of column: CatalogColumn) {
        let values = column.statistics
        let saysPercent = column.words.contains { ["pct", "percent", "percentage", "rate", "prozent"].contains($0) }
        let saysMoney = column.words.contains {
            ["amount", "amt", "value", "abs", "betrag", "eur", "usd", "cents"].contains($0)
        }
        let largest = values.maximum ?? 0
        if saysMoney {
            self = .absolute
        } else if largest <= 1 {
            self = .fraction
        } else if saysPercent {
            self = .percent
        } else {
            // Percentages are few and round; amounts of money are many or odd.
            let kinds = Set(values.numbers)
            let isRound = kinds.allSatisfy { $0 == $0.rounded() }
            self = largest <= 100 && isRound && kinds.count <= 21 ? .percent : .absolute
        }
    }

    func applied(to expression: String, discount: String) -> String {
        switch self {
        case .fraction: "\(expression) * (1 - \(discount))"
        case .percent: "\(expression) * (1 - \(discount) / 100.0)"
        case .absolute: "\(expression) - \(discount)"
        }
    }

    func applied(toWords words: String, discount: String) -> String {
        switch self {
        case .fraction: "\(words) × (1 − \(discount))"
        case .percent: "\(words) × (1 − \(discount) / 100)"
        case .absolute: "\(words) − \(discount)"
        }
    }

    func words(_ values: ColumnStatistics) -> String {
        let range =
            "its values run from \(NumberText.plain(values.minimum ?? 0)) to \(NumberText.plain(values.maximum ?? 0))"
        return switch self {
        case .fraction: "a share of the price (\(range))"
        case .percent: "percent of the price (\(range))"
        case .absolute: "money off the whole line (\(range))"
        }
    }
}
