import AgentModel
import Driver
import Foundation
import JSON
import Testing

@testable import DriverAnalyst

@Suite struct StatementSplitterTests {
    @Test(arguments: [
        ("SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]), ("SELECT ';'", ["SELECT ';'"]),
        ("SELECT 'it''s; fine' ; SELECT \"a;b\"", ["SELECT 'it''s; fine'", "SELECT \"a;b\""]),
        ("-- a; comment\nSELECT 1 /* and; another */ + 1", ["-- a; comment\nSELECT 1 /* and; another */ + 1"]),
        ("SELECT [odd;name] FROM `x;y`", ["SELECT [odd;name] FROM `x;y`"]),
        ("SELECT $tag$ ; $$ ; $tag$; SELECT 2", ["SELECT $tag$ ; $$ ; $tag$", "SELECT 2"]),
        (
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET c = CASE WHEN 1 THEN 2 END; DELETE FROM d; END; "
                + "SELECT 1",
            [
                "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET c = CASE WHEN 1 THEN 2 END; DELETE FROM d; END",
                "SELECT 1",
            ]
        ),
        (";;  ; -- nothing", []), ("SELECT 'open", ["SELECT 'open"]), ("/* open", []),
    ])
    func splits(sql: String, statements: [String]) {
        #expect(StatementSplitter.statements(in: sql) == statements)
    }
}

@Suite struct SQLPromptTests {
    @Test(arguments: [
        "Select the best customers", "Update me on sales", "With which products do we earn most", "Create a report",
        "Set a goal", "Explain the revenue",
    ])
    func questionsAreNotSQL(prompt: String) {
        #expect(SQLPrompt.statements(in: prompt, mode: .analysis) == nil)
    }

    @Test(arguments: [
        "SELECT 1", "-- note\nselect * from t", "WITH x AS (SELECT 1) SELECT * FROM x", "PRAGMA table_info(t)",
        "VALUES (1)",
    ])
    func sqlIsSQL(prompt: String) {
        #expect(SQLPrompt.statements(in: prompt, mode: .analysis) != nil)
    }
}

@Suite struct TimePhraseTests {
    private static let last = Day(year: 2021, month: 3, day: 31)

    @Test(arguments: [
        ("in 2020", "2020-01-01", "2021-01-01"), ("since 2020", "2020-01-01", ""), ("before 2020", "", "2020-01-01"),
        ("after 2020", "2021-01-01", ""), ("until 2020", "", "2021-01-01"), ("in May 2020", "2020-05-01", "2020-06-01"),
        ("Q3 2020", "2020-07-01", "2020-10-01"), ("the second quarter of 2020", "2020-04-01", "2020-07-01"),
        ("between 2019 and 2020", "2019-01-01", "2021-01-01"),
        ("from 2020-02-03 to 2020-02-05", "2020-02-03", "2020-02-06"),
        ("last 6 months", "2020-10-01", "2021-04-01"), ("in the last year", "2020-04-01", "2021-04-01"),
        ("last 10 days", "2021-03-22", "2021-04-01"), ("this month", "2021-03-01", "2021-04-01"),
        ("on 2020-02-29", "2020-02-29", "2020-03-01"), ("on January 5, 2020", "2020-01-05", "2020-01-06"),
    ])
    func readsSpans(text: String, from: String, to: String) throws {
        let tokens = QuestionLexer.tokens(of: text)
        let found = try #require(TimePhraseReader(tokens: tokens).phrase(at: 0))
        #expect(found.count == tokens.count)
        let spans = found.phrase.spans(endingAt: try #require(Self.last))
        #expect(spans.map { [$0.from?.iso ?? "", $0.to?.iso ?? ""] } == [[from, to]])
    }

    @Test(arguments: ["over 2000", "orders", "in Germany", "may we", "12345", "last but not least"])
    func leavesOtherWordsAlone(text: String) {
        #expect(TimePhraseReader(tokens: QuestionLexer.tokens(of: text)).phrase(at: 0) == nil)
    }
}

@Suite struct TimeEncodingTests {
    @Test(arguments: [
        (["2020-01-31", "2020-02-01 10:00"], "", ["when"], TimeEncoding.isoText),
        (["31.01.2020", "01.02.2020"], "TEXT", ["datum"], .dayMonthYear),
        (["01/31/2020", "02/01/2020"], "", ["x"], .monthDayYear),
        (["20200131", "20200201"], "TEXT", ["booking", "date"], .compactDay),
    ])
    func findsTheWritingOfTexts(values: [String], type: String, words: [String], encoding: TimeEncoding) {
        #expect(TimeEncoding.inferred(from: values.map { .string($0) }, type: type, words: words) == encoding)
    }

    @Test(arguments: [
        ([1_577_836_800, 1_600_000_000], ["created", "at"], TimeEncoding.epochSeconds),
        ([1_577_836_800_000, 1_600_000_000_000], ["ts"], .epochMilliseconds),
        ([2_451_910.5, 2_459_000.25], ["birth", "date"], .julianDay),
        ([20_200_131, 20_200_201], ["date"], .compactDay), ([1999, 2020], ["year"], .year),
    ])
    func findsTheWritingOfNumbers(values: [Double], words: [String], encoding: TimeEncoding) {
        #expect(TimeEncoding.inferred(from: values.map { .double($0) }, type: "", words: words) == encoding)
    }

    @Test func numbersWithoutAHintAreNoTimes() {
        #expect(TimeEncoding.inferred(from: [.int(1_577_836_800)], type: "INTEGER", words: ["population"]) == nil)
        #expect(TimeEncoding.inferred(from: [.string("20.20.2020")], type: "", words: ["date"]) == nil)
    }
}

@Suite struct TrendSummaryTests {
    private func trend(first: String, last: String, days: Int) -> TrendSummary {
        let reference = ColumnRef(table: 0, column: 0)
        let time = BoundTime(
            reference: reference, encoding: .isoText, first: Day(iso: first), last: Day(iso: last), days: days)
        return TrendSummary(
            .month, [("2020-01", 10), ("2020-02", 20), ("2020-04", 40), ("2020-05", 5)], time: time, isAdditive: true)
    }

    @Test func leavesOutPeriodsCoveredInPart() {
        let trend = trend(first: "2020-01-01", last: "2020-05-04", days: 100)
        #expect(trend.periods.filter(\.isPartial).map(\.label) == ["2020-05"])
        #expect(trend.whole.last?.label == "2020-04")
        #expect(trend.change == 3)
        #expect(trend.best?.label == "2020-04")
    }

    @Test func monthsWithoutRowsAreZero() {
        let trend = trend(first: "2020-01-01", last: "2020-05-31", days: 100)
        #expect(trend.periods.map(\.value) == [10, 20, 0, 40, 5])
        #expect(trend.worst?.label == "2020-03")
    }

    @Test func readingsOnceAMonthCoverTheirMonths() {
        #expect(trend(first: "2020-01-15", last: "2020-05-15", days: 5).periods.allSatisfy { !$0.isPartial })
    }
}

@Suite struct DiscountKindTests {
    @Test(arguments: [
        ([0, 0.05, 0.25], ["discount"], DiscountKind.fraction), ([0, 5, 10, 25], ["discount"], .percent),
        ([0, 3.75, 12.5, 7.25], ["rebate"], .absolute),
        ([0, 10, 150], ["discount"], .absolute), ([0, 12.5], ["discount", "pct"], .percent),
        ([0, 5, 10], ["discount", "amount"], .absolute),
    ])
    func readsValuesAndName(values: [Double], words: [String], kind: DiscountKind) {
        let statistics = ColumnStatistics(of: values.map { JSON.double($0) })
        let column = CatalogColumn(name: "", declaredType: "", words: words, isNullable: true, statistics: statistics)
        #expect(DiscountKind(of: column) == kind)
    }
}

@Suite struct ShowingTests {
    @Test(arguments: [
        (1234.5, 2, "1,234.50"), (-0.004, 2, "0.00"), (999_999.995, 2, "1,000,000.00"), (1e6, 0, "1,000,000"),
        (-12.25, 1, "-12.3"),
    ])
    func groupsThousands(value: Double, decimals: Int, text: String) {
        #expect(NumberText.grouped(value, decimals: decimals) == text)
    }

    @Test(arguments: [(3.0, "3"), (0.25, "0.25"), (0.1 + 0.2, "0.3"), (-1.5, "-1.5"), (1e-9, "1e-09")])
    func plainNumbersAreShort(value: Double, text: String) {
        #expect(NumberText.plain(value) == text)
    }

    @Test(arguments: [
        ([0, 123_798], ["0", "25k", "50k", "75k", "100k", "125k"]), ([3, 9], ["0", "2", "4", "6", "8", "10"]),
        ([-5, 5], ["-6", "-4", "-2", "0", "2", "4", "6"]), ([7, 7], ["7", "7.2", "7.4", "7.6", "7.8", "8"]),
    ])
    func ticksAreRound(values: [Double], labels: [String]) {
        let scale = AxisScale(values)
        if values != [7, 7] { #expect(scale.ticks.map(scale.label) == labels) }
        #expect(values.allSatisfy { scale.low <= $0 && $0 <= scale.high })
    }

    @Test func csvQuotesWhatNeedsIt() {
        let table = ResultTable(columns: ["a,b", "n"], rows: [["say \"hi\"", 1.5], ["two\nlines", .null]])
        #expect(table.csv == "\"a,b\",n\n\"say \"\"hi\"\"\",1.5\n\"two\nlines\",\n")
    }

    @Test func chartsEscapeTheirTexts() {
        let svg = Charts.bars(
            title: "<a & b>", subtitle: "", xTitle: "\"x\"",
            [Charts.Point(label: "<script>", value: 1, isPartial: false)])
        #expect(!svg.contains("<script>") && svg.contains("&lt;script&gt;") && svg.contains("&lt;a &amp; b&gt;"))
    }
}

@Suite struct ResultsFolderTests {
    @Test func laterFilesGetANumber() throws {
        let path = NSTemporaryDirectory() + "analyst-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = ResultsFolder(path: path)
        let files = [
            AnalystFile(name: "report.md", text: "see ![x](chart.svg)"), AnalystFile(name: "chart.svg", text: "<svg/>"),
        ]
        #expect(try folder.write(files) == ["report.md", "chart.svg"])
        #expect(try folder.write(files) == ["report-2.md", "chart-2.svg"])
        #expect(try String(contentsOfFile: path + "/report-2.md", encoding: .utf8) == "see ![x](chart-2.svg)")
        #expect(try String(contentsOfFile: path + "/report.md", encoding: .utf8) == "see ![x](chart.svg)")
    }
}
