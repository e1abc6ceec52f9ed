/// Databases of different trades and habits. What is in them follows from row numbers: no chance, no dates of today.
enum FixtureSchemas {
    private static func numbers(_ name: String, _ count: Int) -> String {
        "WITH RECURSIVE \(name)(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM \(name) WHERE i < \(count)) "
    }

    /// German names in snake case, no declared foreign keys, `DD.MM.YYYY`, a discount in percent.
    static let kontor = """
        CREATE TABLE kunden(kunden_nr INTEGER PRIMARY KEY, name TEXT, ort TEXT, land TEXT);
        CREATE TABLE artikel(artikel_nr INTEGER PRIMARY KEY, bezeichnung TEXT, kategorie TEXT, lagerbestand INTEGER);
        CREATE TABLE bestellungen(bestell_nr INTEGER PRIMARY KEY, kunden_nr INTEGER, bestelldatum TEXT);
        CREATE TABLE bestell_positionen(bestell_nr INTEGER, artikel_nr INTEGER, menge INTEGER, einzelpreis REAL,
          rabatt_prozent INTEGER, PRIMARY KEY(bestell_nr, artikel_nr));
        INSERT INTO kunden VALUES (1,'Müller GmbH','Köln','Deutschland'),(2,'Weber KG','Wien','Österreich'),
          (3,'Keller AG','Zürich','Schweiz'),(4,'Schulz OHG','Köln','Deutschland'),(5,'Neukunde','Bonn','Deutschland');
        INSERT INTO artikel VALUES (1,'Schraube','Metall',500),(2,'Mutter','Metall',70),(3,'Brett','Holz',12),
          (4,'Leiste','Holz',0);
        \(numbers("n", 120)) INSERT INTO bestellungen SELECT i, 1 + (i * 7) % 4,
          strftime('%d.%m.%Y', '2021-01-01', '+' || (i * 5) || ' days') FROM n;
        \(numbers("n", 120)) INSERT INTO bestell_positionen
          SELECT i, a, 1 + (i * a) % 9, 2.5 * a, CASE (i + a) % 5 WHEN 0 THEN 10 WHEN 1 THEN 25 ELSE 0 END
          FROM n, (SELECT 1 AS a UNION SELECT 2 UNION SELECT 3) WHERE (i + a) % 3 <> 0;
        """

    /// Seconds since 1970, money off the line, costs with the goods, people by two names, a flag of 0 and 1.
    static let store = """
        CREATE TABLE clients(id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, city TEXT, vip INTEGER);
        CREATE TABLE goods(sku TEXT PRIMARY KEY, label TEXT, kind TEXT, unit_cost REAL, list_price REAL);
        CREATE TABLE purchases(id INTEGER PRIMARY KEY, client_id INTEGER REFERENCES clients(id), placed_at INTEGER,
          status TEXT, shipping_fee REAL);
        CREATE TABLE purchase_items(id INTEGER PRIMARY KEY, purchase_id INTEGER REFERENCES purchases(id),
          sku TEXT REFERENCES goods(sku), units INTEGER, unit_price REAL, rebate_amount REAL);
        INSERT INTO clients VALUES (1,'Ada','Byron','London',1),(2,'Alan','Turing','London',0),
          (3,'Grace','Hopper','New York',1),(4,'Kurt','Gödel','Princeton',0),(5,'Emmy','Noether','Erlangen',0);
        INSERT INTO goods VALUES ('A-1','Teapot','Kitchen',8,19.5),('B-2','Kettle','Kitchen',15,40),
          ('C-3','Lamp','Living Room',22,55),('D-4','Rug','Living Room',60,149);
        \(numbers("n", 200)) INSERT INTO purchases SELECT i, 1 + (i * 3) % 4,
          1577836800 + i * 300000, CASE i % 10 WHEN 0 THEN 'cancelled' ELSE 'paid' END, 4.9 + i % 3 FROM n;
        \(numbers("n", 400)) INSERT INTO purchase_items
          SELECT i, 1 + i % 200, CASE i % 4 WHEN 0 THEN 'A-1' WHEN 1 THEN 'B-2' WHEN 2 THEN 'C-3' ELSE 'D-4' END,
          1 + i % 5, 20 + (i * 13) % 90, CASE WHEN i % 7 = 0 THEN 3.75 + i % 11 ELSE 0 END FROM n;
        """

    /// A time series: no money, averages instead of sums, ISO text with `T`.
    static let sensors = """
        CREATE TABLE sensor(id INTEGER PRIMARY KEY, name TEXT, location TEXT);
        CREATE TABLE reading(sensor_id INTEGER, recorded_at TEXT, temperature REAL, humidity REAL);
        INSERT INTO sensor VALUES (1,'north','Roof'),(2,'south','Roof'),(3,'vault','Cellar');
        \(numbers("n", 900)) INSERT INTO reading SELECT 1 + i % 3,
          strftime('%Y-%m-%dT%H:%M:%SZ', '2023-03-01', '+' || (i * 2) || ' hours'),
          10 + (i % 3) * 4 + (i * 17 % 50) / 10.0, 40 + i % 30 FROM n;
        """

    /// A key of two columns, flags of Y and N, grades, Julian dates of birth.
    static let school = """
        CREATE TABLE students(student_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, birth_date REAL,
          country TEXT, active TEXT);
        CREATE TABLE courses(course_code TEXT PRIMARY KEY, title TEXT, teacher TEXT, credits INTEGER);
        CREATE TABLE enrollments(student_id INTEGER, course_code TEXT, enrolled_on TEXT, grade REAL,
          PRIMARY KEY(student_id, course_code));
        CREATE TABLE absences(absence_id INTEGER PRIMARY KEY, student_id INTEGER, course_code TEXT, hours INTEGER);
        INSERT INTO courses VALUES ('MA1','Algebra','Ms Hill',6),
          ('PH1','Physics','Mr Stone',5),('AR1','Drawing','Ms Hill',3);
        \(numbers("n", 30)) INSERT INTO students SELECT i,
          CASE i % 3 WHEN 0 THEN 'Ann' WHEN 1 THEN 'Bo' ELSE 'Cy' END, 'Number' || i,
          julianday('2001-01-15') + i * 40, CASE i % 4 WHEN 0 THEN 'France' WHEN 1 THEN 'Spain' ELSE 'Italy' END,
          CASE i % 5 WHEN 0 THEN 'N' ELSE 'Y' END FROM n;
        \(numbers("n", 30)) INSERT INTO enrollments SELECT i, c, date('2022-09-01', '+' || (i * 11) || ' days'),
          1 + (i * 7 + length(c) + unicode(c)) % 5 FROM n, (SELECT 'MA1' AS c UNION SELECT 'PH1' UNION SELECT 'AR1')
          WHERE (i + unicode(c)) % 4 <> 0 AND i < 29;
        \(numbers("n", 60)) INSERT INTO absences SELECT i, 1 + i % 20, CASE i % 2 WHEN 0 THEN 'MA1' ELSE 'PH1' END,
          1 + i % 4 FROM n;
        """

    /// One wide table: days as `YYYYMMDD`, the amount as it is.
    static let ledger = """
        CREATE TABLE tbl_sales(entry_id INTEGER PRIMARY KEY, booking_date INTEGER,
          region TEXT, channel TEXT, amount REAL);
        \(numbers("n", 300)) INSERT INTO tbl_sales SELECT i,
          CAST(strftime('%Y%m%d', '2019-01-01', '+' || (i * 3) || ' days') AS INTEGER),
          CASE i % 3 WHEN 0 THEN 'North' WHEN 1 THEN 'South' ELSE 'São Paulo' END,
          CASE i % 2 WHEN 0 THEN 'web' ELSE 'shop' END, 100 + (i * 37) % 211 FROM n;
        """

    static let all = ["kontor": kontor, "store": store, "sensors": sensors, "school": school, "ledger": ledger]
}
