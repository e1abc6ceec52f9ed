import AgentModel

/// The SQL that differs between database systems. All of it is text; nothing here runs.
struct SQLDialect: Hashable, Sendable {
    let system: DatabaseDialect

    func identifier(_ name: String) -> String { "\"" + name.split("\"").joined(separator: "\"\"") + "\"" }

    func literal(_ text: String) -> String { "'" + text.split("'").joined(separator: "''") + "'" }

    func literal(_ number: Double) -> String {
        if let whole = Int64(exactly: number) { return String(whole) }
        return String(number)
    }

    /// Text for the day of a moment, `YYYY-MM-DD`.
    func day(_ column: String, _ encoding: TimeEncoding) -> String {
        switch (encoding, system) {
        case (.isoText, _): "substr(\(column), 1, 10)"
        case (.dayMonthYear, _):
            "substr(\(column), 7, 4) || '-' || substr(\(column), 4, 2) || '-' || substr(\(column), 1, 2)"
        case (.monthDayYear, _):
            "substr(\(column), 7, 4) || '-' || substr(\(column), 1, 2) || '-' || substr(\(column), 4, 2)"
        case (.compactDay, _): compactDay("CAST(\(column) AS TEXT)")
        case (.year, _): "CAST(\(column) AS TEXT) || '-01-01'"
        case (_, .sqlite): "strftime('%Y-%m-%d', \(sqliteMoment(column, encoding)))"
        case (_, .postgresql): "to_char(\(postgresMoment(column, encoding)), 'YYYY-MM-DD')"
        }
    }

    /// Text that names the period of a moment: `1997`, `1997-Q2`, `1997-05`, `1997-05-12`, `1997-05-12 14:00`; a week
    /// by its Monday, a weekday by its number from Monday = 1.
    func period(_ column: String, _ encoding: TimeEncoding, _ unit: TimeUnit) -> String {
        // Text that begins with the day serves as the day itself where only its parts are taken.
        let day = encoding == .isoText && unit != .day ? column : day(column, encoding)
        switch unit {
        case .day: return day
        case .month: return "substr(\(day), 1, 7)"
        case .year: return "substr(\(day), 1, 4)"
        case .quarter:
            let quarter = "CAST((CAST(substr(\(day), 6, 2) AS INTEGER) + 2) / 3 AS TEXT)"
            return "substr(\(day), 1, 4) || '-Q' || \(quarter)"
        case .week:
            return system == .sqlite
                ? "date(\(day), 'weekday 0', '-6 days')"
                : "to_char(date_trunc('week', CAST(\(day) AS date)), 'YYYY-MM-DD')"
        case .weekday:
            return system == .sqlite
                ? "CAST((CAST(strftime('%w', \(day)) AS INTEGER) + 6) % 7 + 1 AS TEXT)"
                : "to_char(CAST(\(day) AS date), 'ID')"
        case .hour: return hour(column, encoding)
        }
    }

    /// The value of the column at the beginning of a day, for comparing without converting each row.
    func bound(_ day: Day, _ encoding: TimeEncoding, isText: Bool) -> String {
        switch encoding {
        case .isoText, .native: literal(day.iso)
        case .epochSeconds: String(day.number * 86_400)
        case .epochMilliseconds: String(day.number * 86_400_000)
        case .julianDay: String(Double(day.number) + 2_440_587.5)
        case .compactDay: isText ? literal(compact(day)) : compact(day)
        case .year: String(day.year)
        case .dayMonthYear, .monthDayYear: literal(day.iso)
        }
    }

    /// The left side that `bound` is compared with.
    func comparable(_ column: String, _ encoding: TimeEncoding) -> String {
        encoding == .dayMonthYear || encoding == .monthDayYear ? day(column, encoding) : column
    }

    /// Text that names a row uniquely where a table has no key.
    func rowIdentity(_ alias: String) -> String { system == .sqlite ? "\(alias).rowid" : "\(alias).ctid" }

    /// Whether dates and timestamps have types of their own.
    var hasTimeTypes: Bool { system == .postgresql }

    /// The median of an expression is not the same function everywhere: SQLite has none.
    var hasMedian: Bool { system == .postgresql }

    private func compact(_ day: Day) -> String { padded(day.year, 4) + padded(day.month, 2) + padded(day.day, 2) }

    private func compactDay(_ text: String) -> String {
        "substr(\(text), 1, 4) || '-' || substr(\(text), 5, 2) || '-' || substr(\(text), 7, 2)"
    }

    private func hour(_ column: String, _ encoding: TimeEncoding) -> String {
        switch (encoding, system) {
        case (.isoText, _): "substr(\(column), 1, 10) || ' ' || substr(\(column), 12, 2) || ':00'"
        case (.epochSeconds, .sqlite), (.epochMilliseconds, .sqlite), (.julianDay, .sqlite):
            "strftime('%Y-%m-%d %H:00', \(sqliteMoment(column, encoding)))"
        case (.native, .postgresql), (.epochSeconds, .postgresql), (.epochMilliseconds, .postgresql),
            (.julianDay, .postgresql):
            "to_char(\(postgresMoment(column, encoding)), 'YYYY-MM-DD HH24:00')"
        default: day(column, encoding)
        }
    }

    private func sqliteMoment(_ column: String, _ encoding: TimeEncoding) -> String {
        switch encoding {
        case .epochSeconds: "\(column), 'unixepoch'"
        case .epochMilliseconds: "\(column) / 1000, 'unixepoch'"
        default: column
        }
    }

    private func postgresMoment(_ column: String, _ encoding: TimeEncoding) -> String {
        switch encoding {
        case .epochSeconds: "to_timestamp(\(column)) AT TIME ZONE 'UTC'"
        case .epochMilliseconds: "to_timestamp(\(column) / 1000.0) AT TIME ZONE 'UTC'"
        case .julianDay: "to_timestamp((\(column) - 2440587.5) * 86400) AT TIME ZONE 'UTC'"
        default: column
        }
    }
}

extension String {
    /// The pieces between occurrences of a separator, empty ones too.
    func split(_ separator: Character) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}
