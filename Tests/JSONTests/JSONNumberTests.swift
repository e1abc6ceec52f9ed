import JSON
import Testing

@Suite struct JSONNumberTests {
    @Test(arguments: [
        ("9223372036854775807", Int64.max), ("-9223372036854775808", .min), ("9223372036854775806", .max - 1),
        ("999999999999999999", 999_999_999_999_999_999), ("-0", 0),
    ])
    func integersOf64BitsAreExact(_ text: String, _ value: Int64) throws {
        #expect(try JSON(parsing: text) == .int(value))
    }

    @Test(
        arguments: [
            ("9223372036854775808", 9_223_372_036_854_775_808), ("-9223372036854775809", -9_223_372_036_854_775_808),
            ("18446744073709551616", 18_446_744_073_709_551_616), ("99999999999999999999999999", 1e26), ("0.1", 0.1),
            ("-0.0", -0.0), ("1.0", 1), ("1e0", 1), ("1E+2", 100), ("25e-1", 2.5), ("1e308", 1e308), ("1e22", 1e22),
            ("1e23", 1e23), ("1.7976931348623157e308", .greatestFiniteMagnitude), ("5e-324", .leastNonzeroMagnitude),
            ("1e-400", 0),
            ("0e999999999999999999999", 0), ("123456789012345678", 123_456_789_012_345_678.0), ("0.000001", 1e-6),
            ("9007199254740993.0", 9_007_199_254_740_992),
            ("2.2250738585072011e-308", Double.leastNormalMagnitude.nextDown),
            ("123456789.125", 123_456_789.125), ("1e-99999999999999999999", 0),
        ] as [(String, Double)])
    func otherNumbersAreTheNearestDouble(_ text: String, _ value: Double) throws {
        let read = try JSON(parsing: text).doubleValue
        #expect(read == value)
        #expect(read?.sign == value.sign)
    }

    @Test(arguments: ["1e309", "-1e309", "1e99999999999999999999", "1.8e308"])
    func numbersBeyondTheDoublesAreRefused(_ text: String) {
        #expect(throws: JSONParseError(.numberOutOfRange, at: 0)) { try JSON(parsing: text) }
    }

    @Test func veryLongNumbers() throws {
        let digits = String(repeating: "7", count: 100_000)
        #expect(throws: JSONParseError(.numberOutOfRange, at: 0)) { try JSON(parsing: digits) }
        #expect(try JSON(parsing: "0.\(digits)").doubleValue == 7.0 / 9)
        let zeros = String(repeating: "0", count: 400)
        #expect(try JSON(parsing: "0.\(zeros)1e401").doubleValue == 1)
    }

    @Test(
        arguments: [
            (0.1, "0.1"), (1, "1.0"), (-0.0, "-0.0"), (1e16, "1e+16"), (.leastNonzeroMagnitude, "5e-324"),
            (1e308, "1e+308"), (.nan, "null"),
            (.infinity, "null"), (-.infinity, "null"),
        ] as [(Double, String)])
    func writesDoubles(_ value: Double, _ text: String) {
        #expect(JSON.double(value).description == text)
    }

    @Test(arguments: [0, 9, 10, -1, -10, 1_234_567_890, .max, .min] as [Int64])
    func writesIntegers(_ value: Int64) {
        #expect(JSON.int(value).description == String(value))
    }
}
