/// Fills in what a question leaves to the reader: what is grouped by, what is counted, whether it is a list.
enum IntentCompletion {
    static func complete(_ interpreter: Interpreter) -> Intent {
        var intent = interpreter.intent
        let catalog = interpreter.catalog
        if intent.kind == .profile || intent.kind == .schema {
            if intent.measures.isEmpty, intent.groups.isEmpty { return intent }
            intent.kind = nil
        }
        guard average(&intent, interpreter) else { return intent }
        rank(&intent, catalog)
        measure(&intent, interpreter)
        if intent.kind == nil { intent.kind = kind(of: intent) }
        if intent.kind == .trend, intent.measures.isEmpty, let subject = intent.subject {
            intent.measures = [.count(table: subject)]
        }
        if intent.comparesTimes, intent.groups.isEmpty,
            intent.times.count > 1 || intent.times.contains(where: \.isSeveral)
        {
            intent.groups = [.time(intent.times.first?.unit ?? .year)]
        }
        return intent
    }

    /// "average order value", "average number of orders per customer": an average over sums or counts. An average that
    /// finds nothing to be taken of makes the question unanswerable.
    private static func average(_ intent: inout Intent, _ interpreter: Interpreter) -> Bool {
        if case .metric(let metric, .average?)? = intent.measures.first, case .table? = intent.groups.first,
            intent.groups.count == 1, intent.rank == nil,
            intent.spoken.contains("per") || intent.spoken.contains("each")
        {
            intent.measures = [.metric(metric, nil)]
            intent.averagesGroups = true
        }
        guard interpreter.expected.aggregate == .average, intent.shown.isEmpty, interpreter.verb == nil else {
            return true
        }
        if case .count? = intent.measures.first, case .table? = intent.groups.first, intent.groups.count == 1 {
            intent.averagesGroups = true
            return true
        }
        let speaksOfWorth = ["valu", "size", "amount"].contains { intent.spoken.contains($0) }
        guard let subject = intent.subject, intent.measures.isEmpty, intent.groups.isEmpty, speaksOfWorth else {
            return intent.measures.isEmpty && intent.subject == nil
        }
        intent.measures = [.metric(.revenue, nil)]
        intent.groups = [.table(TableMatch(table: subject, score: 1), columns: [])]
        intent.averagesGroups = true
        return true
    }

    /// "which customer has the most orders" groups by customer; "which country has the most customers" by country.
    private static func rank(_ intent: inout Intent, _ catalog: Catalog) {
        guard intent.rank != nil, intent.groups.isEmpty else { return }
        let counted: Int? = intent.measures.lazy.compactMap {
            if case .count(let table) = $0 { table } else { nil }
        }.first
        if let subject = intent.subject, subject != counted {
            intent.groups = [.table(TableMatch(table: subject, score: 1), columns: [])]
            return
        }
        let place = intent.shown.firstIndex { columns in
            columns.first.map { catalog[$0.reference].role != .measure } ?? false
        }
        if let place, !intent.measures.isEmpty || intent.subject == nil {
            intent.groups = [.columns(intent.shown.remove(at: place))]
        }
    }

    private static func measure(_ intent: inout Intent, _ interpreter: Interpreter) {
        guard intent.measures.isEmpty else { return }
        let catalog = interpreter.catalog
        let wantsFigure =
            intent.rank != nil || !intent.groups.isEmpty || intent.kind == .trend
            || interpreter.expected.aggregate != nil
        guard wantsFigure || intent.isAnalysis || intent.wantsShare else { return }
        if intent.rank?.isByTime == true { return }
        if let metric = interpreter.verb {
            intent.measures = [.metric(metric, interpreter.expected.aggregate)]
        } else if let place = intent.shown.firstIndex(where: { columns in
            columns.contains { catalog[$0.reference].role == .measure }
        }) {
            let columns = intent.shown.remove(at: place).filter { catalog[$0.reference].role == .measure }
            intent.measures = [.columns(columns, interpreter.expected.aggregate)]
        } else if intent.rank != nil, case .table(let match, _)? = intent.groups.first {
            intent.measures = [.worth(table: match.table)]
        } else if intent.rank != nil, case .time? = intent.groups.first {
            intent.measures = [.metric(.revenue, nil)]
        } else if let subject = intent.subject, intent.rank == nil, !isGroup(subject, intent) {
            intent.measures = [.count(table: subject)]
        }
    }

    private static func isGroup(_ table: Int, _ intent: Intent) -> Bool {
        intent.groups.contains {
            if case .table(let match, _) = $0 { match.table == table } else { false }
        }
    }

    private static func kind(of intent: Intent) -> Intent.Kind? {
        if intent.rank?.isByTime == true { return .list }
        if intent.rank != nil, !intent.groups.isEmpty { return .figure }
        if !intent.measures.isEmpty {
            return intent.isAnalysis && intent.groups.isEmpty ? .trend : .figure
        }
        return intent.subject != nil || !intent.shown.isEmpty || intent.filteredTable != nil ? .list : nil
    }
}

extension TimePhrase {
    /// Whether it names more than one stretch of time.
    var isSeveral: Bool {
        if case .anyOf = self { true } else { false }
    }

    /// The length of the periods that it speaks of.
    var unit: TimeUnit {
        switch self {
        case .year: .year
        case .quarter: .quarter
        case .month: .month
        case .day: .day
        case .last(_, let unit), .current(let unit): unit
        case .since(let phrase), .after(let phrase), .before(let phrase), .until(let phrase), .between(let phrase, _):
            phrase.unit
        case .anyOf(let phrases): phrases.first?.unit ?? .year
        }
    }
}
