import CSQLite
import Foundation
import Testing

@testable import sample_shop

@Suite struct ShopTests {
    let folder = FileManager.default.temporaryDirectory.appending(path: "shop-\(UUID().uuidString)")

    /// The first column of what a query finds, as text, in a shop with this seed.
    private func column(_ sql: String, seed: UInt64 = 1) throws -> [String] {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "shop.db").path
        try makeShop(at: path, ShopOptions(seed: seed, orders: 2400))
        var database: OpaquePointer?
        var statement: OpaquePointer?
        defer {
            sqlite3_finalize(statement)
            sqlite3_close(database)
        }
        try #require(sqlite3_open(path, &database) == SQLITE_OK)
        try #require(sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK)
        var found: [String] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            found.append(sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? "NULL")
        }
        return found
    }

    @Test func theSameSeedGivesTheSameRows() throws {
        let rows = "SELECT order_date || customer_id || freight FROM orders ORDER BY order_id"
        #expect(try column(rows) == column(rows))
        #expect(try column(rows, seed: 2) != column(rows))
    }

    @Test(arguments: [
        ("SELECT count(*) FROM orders", "2400"),
        ("SELECT min(order_date) >= '2024-01-01' AND max(order_date) = '2025-12-17' FROM orders", "1"),
        ("SELECT count(DISTINCT substr(order_date, 1, 7)) FROM orders", "24"),
        ("SELECT count(*) FROM orders WHERE customer_id NOT IN (SELECT customer_id FROM customers)", "3"),
        ("SELECT count(*) > 0 FROM customers WHERE email IS NULL", "1"),
        ("SELECT count(*) FROM order_lines WHERE product_id NOT IN (SELECT product_id FROM products)", "0"),
        ("SELECT count(*) BETWEEN 1 AND 10 FROM products WHERE discontinued", "1"),
        ("SELECT count(*) FROM customers WHERE name LIKE '%?%'", "0"),
        ("PRAGMA integrity_check", "ok"),
    ])
    func theShopIs(sql: String, expected: String) throws {
        #expect(try column(sql) == [expected])
    }

    @Test func revenueGrows() throws {
        let sql = """
            SELECT sum(unit_price * quantity * (1 - discount)) FROM orders JOIN order_lines USING (order_id)
            WHERE order_date < '2025-12-01' GROUP BY substr(order_date, 1, 4) ORDER BY substr(order_date, 1, 4)
            """
        let years = try column(sql).compactMap(Double.init)
        #expect(years.count == 2)
        #expect(years[1] > years[0] * 1.1)
    }

    @Test func aFileThatExistsIsLeftAlone() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "taken.db").path
        try Data("my notes".utf8).write(to: URL(filePath: path))
        #expect(throws: (any Error).self) { try makeShop(at: path, ShopOptions()) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "my notes")
    }

    @Test func daysFollowTheCalendar() {
        let day = CalendarDay(year: 2024, month: 2, day: 28)
        #expect(day.adding(1).description == "2024-02-29")
        #expect(day.adding(2).description == "2024-03-01")
        #expect(day.adding(308).description == "2025-01-01")
        #expect(CalendarDay(year: 2100, month: 2, day: 28).adding(1).description == "2100-03-01")
    }
}
