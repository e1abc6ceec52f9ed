import AgentModel
import Testing

@testable import DriverAnalyst

/// A question to one of the fixture databases, with the statement that a person would have written.
struct Question: Sendable, CustomTestStringConvertible {
    let schema: String
    let text: String
    let sql: String

    init(_ schema: String, _ text: String, _ sql: String) {
        self.schema = schema
        self.text = text
        self.sql = sql
    }

    var testDescription: String { "\(schema): \(text)" }
}

@Suite struct QuestionTests {
    /// The result file's first columns are the rows of the hand-written statement, in its order.
    @Test(arguments: kontor + store + sensors + school + ledger)
    func answersLikeAPerson(question: Question) throws {
        let fixture = try Fixture(try #require(FixtureSchemas.all[question.schema]))
        let reply = fixture.ask(question.text)
        let expected = try fixture.rows(question.sql)
        let width = expected.first?.count ?? 0
        #expect(reply.outcome.stopReason == .endTurn)
        #expect(!expected.isEmpty)
        #expect(reply.rows.map { Array($0.prefix(width)) } == expected, "\(reply.text)")
    }

    private static let umsatz = "SUM(menge * einzelpreis * (1 - rabatt_prozent / 100.0))"
    private static let sold = "FROM bestell_positionen p JOIN bestellungen b USING (bestell_nr)"

    static let kontor = [
        Question("kontor", "total revenue", "SELECT \(umsatz) FROM bestell_positionen"),
        Question(
            "kontor", "umsatz by kunde",
            "SELECT k.name, \(umsatz) s \(sold) JOIN kunden k USING (kunden_nr) GROUP BY k.kunden_nr ORDER BY s DESC"),
        Question(
            "kontor", "top 2 customers by revenue",
            "SELECT k.name, \(umsatz) s \(sold) JOIN kunden k USING (kunden_nr) GROUP BY k.kunden_nr ORDER BY s DESC "
                + "LIMIT 2"
        ),
        Question(
            "kontor", "revenue by month in 2021",
            "SELECT substr(bestelldatum, 7) || '-' || substr(bestelldatum, 4, 2) m, \(umsatz) \(sold) "
                + "WHERE bestelldatum LIKE '%2021' GROUP BY m ORDER BY m"),
        Question(
            "kontor", "how many orders in 2022", "SELECT COUNT(*) FROM bestellungen WHERE bestelldatum LIKE '%2022'"),
        Question(
            "kontor", "number of orders per land",
            "SELECT land, COUNT(*) c FROM bestellungen JOIN kunden USING (kunden_nr) GROUP BY land ORDER BY c DESC, "
                + "land"
        ),
        Question(
            "kontor", "kunden in Koeln or Köln", "SELECT kunden_nr, name FROM kunden WHERE ort = 'Köln' ORDER BY name"),
        Question("kontor", "customers without orders", "SELECT kunden_nr, name FROM kunden WHERE name = 'Neukunde'"),
        Question(
            "kontor", "quantity sold by category",
            "SELECT kategorie, SUM(menge) s FROM bestell_positionen JOIN artikel USING (artikel_nr) GROUP BY 1 ORDER "
                + "BY s DESC"
        ),
    ]

    private static let revenue = "SUM(unit_price * units - rebate_amount)"
    private static let items = "FROM purchase_items i JOIN purchases p ON p.id = i.purchase_id"
    private static let year = "strftime('%Y', placed_at, 'unixepoch')"

    static let store = [
        Question("store", "what is our revenue?", "SELECT \(revenue) FROM purchase_items"),
        Question(
            "store", "revenue by year", "SELECT \(year) y, \(revenue) \(items) GROUP BY y ORDER BY y"),
        Question("store", "revenue in 2020", "SELECT \(revenue) \(items) WHERE \(year) = '2020'"),
        Question(
            "store", "profit by product",
            "SELECT label, SUM(unit_price * units - rebate_amount - unit_cost * units) s FROM purchase_items "
                + "JOIN goods USING (sku) GROUP BY sku ORDER BY s DESC"),
        Question(
            "store", "who are our best clients",
            "SELECT first_name || ' ' || last_name, \(revenue) s \(items) JOIN clients c ON c.id = client_id "
                + "GROUP BY c.id ORDER BY s DESC LIMIT 10"),
        Question(
            "store", "which kind sells best",
            "SELECT kind, \(revenue) s FROM purchase_items JOIN goods USING (sku) GROUP BY kind ORDER BY s DESC"),
        Question("store", "how many clients are vip", "SELECT COUNT(*) FROM clients WHERE vip = 1"),
        Question(
            "store", "which clients are not vip",
            "SELECT id, first_name, last_name FROM clients WHERE vip = 0 ORDER BY 2, 1"),
        Question(
            "store", "average shipping fee by city",
            "SELECT city, AVG(shipping_fee) a FROM purchases JOIN clients c ON c.id = client_id GROUP BY city ORDER "
                + "BY a DESC"
        ),
        // Each purchase has two items: its fee must not count twice.
        Question(
            "store", "total shipping fee by kind",
            "SELECT kind, SUM(shipping_fee) s FROM (SELECT DISTINCT p.id, kind, shipping_fee \(items) JOIN goods "
                + "USING (sku)) "
                + "GROUP BY kind ORDER BY s DESC"),
        Question(
            "store", "purchases over 500",
            "SELECT p.id, \(revenue) s \(items) GROUP BY p.id HAVING s > 500 ORDER BY s DESC, 1"),
        Question(
            "store", "how many clients have more than 40 purchases",
            "SELECT COUNT(*) FROM (SELECT 1 FROM purchases GROUP BY client_id HAVING COUNT(*) > 40)"),
        Question(
            "store", "revenue from Londn",
            "SELECT \(revenue) \(items) JOIN clients c ON c.id = client_id WHERE city = 'London'"),
        Question(
            "store", "revenue of Ada Byron in Q2 2020",
            "SELECT \(revenue) \(items) WHERE client_id = 1 AND date(placed_at, 'unixepoch') BETWEEN '2020-04-01' AND "
                + "'2020-06-30'"
        ),
        Question(
            "store", "average purchase value",
            "SELECT AVG(s) FROM (SELECT \(revenue) s FROM purchase_items GROUP BY purchase_id)"),
        Question(
            "store", "average number of purchases per client",
            "SELECT AVG(c) FROM (SELECT COUNT(*) c FROM purchases GROUP BY client_id)"),
        Question(
            "store", "most expensive goods",
            "SELECT sku, label, list_price FROM goods ORDER BY list_price DESC"),
        Question(
            "store", "goods with list price between 30 and 100",
            "SELECT sku, label FROM goods WHERE list_price BETWEEN 30 AND 100 ORDER BY label"),
        Question("store", "number of cancelled purchases", "SELECT COUNT(*) FROM purchases WHERE status = 'cancelled'"),
        Question(
            "store", "number of purchases in the last 3 months",
            "SELECT COUNT(*) FROM purchases WHERE date(placed_at, 'unixepoch') > "
                + "date((SELECT MAX(placed_at) FROM purchases), 'unixepoch', '-3 months')"),
    ]

    static let sensors = [
        Question(
            "sensors", "average temperature by location",
            "SELECT location, AVG(temperature) a FROM reading JOIN sensor ON sensor.id = sensor_id GROUP BY location "
                + "ORDER BY a DESC"
        ),
        Question(
            "sensors", "temperature per sensor",
            "SELECT name, AVG(temperature) a FROM reading JOIN sensor ON sensor.id = sensor_id GROUP BY sensor.id "
                + "ORDER BY a DESC"
        ),
        Question(
            "sensors", "daily max humidity",
            "SELECT substr(recorded_at, 1, 10) d, MAX(humidity) FROM reading GROUP BY d ORDER BY d"),
        Question(
            "sensors", "how many readings since 2023-04-01",
            "SELECT COUNT(*) FROM reading WHERE recorded_at >= '2023-04-01'"),
        Question(
            "sensors", "readings with temperature above 22 in the cellar",
            "SELECT sensor_id, recorded_at, temperature, humidity FROM reading WHERE temperature > 22 AND sensor_id = "
                + "3 ORDER BY 1"
        ),
        Question(
            "sensors", "readings recorded on 2023-03-05",
            "SELECT sensor_id, recorded_at FROM reading WHERE recorded_at LIKE '2023-03-05%' ORDER BY 1"),
        Question("sensors", "highest temperature", "SELECT MAX(temperature) FROM reading"),
        Question(
            "sensors", "number of measurements by week",
            "SELECT date(recorded_at, 'weekday 0', '-6 days') w, COUNT(*) FROM reading GROUP BY w ORDER BY w"),
    ]

    static let school = [
        Question(
            "school", "average grade per course",
            "SELECT title, AVG(grade) a FROM enrollments JOIN courses USING (course_code) GROUP BY course_code ORDER "
                + "BY a DESC, title"
        ),
        Question("school", "how many pupils are active", "SELECT COUNT(*) FROM students WHERE active = 'Y'"),
        Question(
            "school", "number of students by country",
            "SELECT country, COUNT(*) c FROM students GROUP BY country ORDER BY c DESC, country"),
        Question(
            "school", "mean grade of students from Spain",
            "SELECT AVG(grade) FROM enrollments JOIN students USING (student_id) WHERE country = 'Spain'"),
        Question(
            "school", "total credits by teacher",
            "SELECT teacher, SUM(credits) s FROM courses GROUP BY teacher ORDER BY s DESC"),
        Question("school", "how many different teachers", "SELECT COUNT(DISTINCT teacher) FROM courses"),
        Question(
            "school", "which students were born in 2003",
            "SELECT student_id, first_name, last_name FROM students WHERE strftime('%Y', birth_date) = '2003' ORDER "
                + "BY 2, 1"
        ),
        // A student has several enrollments: hours must not be multiplied on the way to the course.
        Question(
            "school", "absence hours by course",
            "SELECT title, SUM(hours) s FROM absences JOIN courses USING (course_code) GROUP BY course_code ORDER BY "
                + "s DESC"
        ),
        Question(
            "school", "students with no enrollments",
            "SELECT student_id, first_name, last_name FROM students WHERE student_id NOT IN (SELECT student_id FROM "
                + "enrollments) ORDER BY 2, 1"
        ),
        Question(
            "school", "how many students take Physics",
            "SELECT COUNT(DISTINCT student_id) FROM enrollments WHERE course_code = 'PH1'"),
    ]

    private static let month = "substr(booking_date, 1, 4) || '-' || substr(booking_date, 5, 2)"

    static let ledger = [
        Question(
            "ledger", "sales by region", "SELECT region, SUM(amount) s FROM tbl_sales GROUP BY region ORDER BY s DESC"),
        Question("ledger", "analyze sales", "SELECT \(month) m, SUM(amount) FROM tbl_sales GROUP BY m ORDER BY m"),
        Question(
            "ledger", "revenue in Sao Paulo during 2020",
            "SELECT SUM(amount) FROM tbl_sales WHERE region = 'São Paulo' AND booking_date / 10000 = 2020"),
        Question(
            "ledger", "how many sales per channel",
            "SELECT channel, COUNT(*) c FROM tbl_sales GROUP BY channel ORDER BY c DESC, 1"),
        Question(
            "ledger", "average amount by channel and year",
            "SELECT channel, substr(booking_date, 1, 4) y, AVG(amount) FROM tbl_sales GROUP BY 1, 2 ORDER BY 1, 2"),
        Question("ledger", "amount over 300", "SELECT entry_id FROM tbl_sales WHERE amount > 300 ORDER BY 1"),
        Question(
            "ledger", "which month had the lowest revenue",
            "SELECT \(month) m, SUM(amount) s FROM tbl_sales GROUP BY m ORDER BY s, m LIMIT 10"),
    ]
}
