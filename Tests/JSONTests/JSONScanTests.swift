import JSON
import Testing

@Suite struct JSONScanTests {
    @Test func tellsWhereMembersLie() throws {
        let text = Array(#" { "a" : 1 ,"b":{"x":[1,2]}, "\u0063":"s" } "#.utf8)
        let found = try text.withUnsafeBytes { bytes in
            var scan = try JSONScan(bytes)
            #expect(scan.kind == .object)
            var found: [String] = []
            while let member = try scan.nextMember() {
                found.append("\(scan.key(of: member))=\(String(decoding: bytes[member.value], as: UTF8.self))")
                if found.count == 1 { #expect(member.keyOffset == 3) }
                #expect(scan.key(of: member, is: "c") == (found.count == 3))
                #expect(scan.string(of: member)?.text == (found.count == 3 ? "s" : nil))
            }
            #expect(try scan.nextMember() == nil)
            return found
        }
        #expect(found == ["a=1", #"b={"x":[1,2]}"#, #"c="s""#])
    }

    @Test func tellsWhereElementsLie() throws {
        let text = Array(#"[1, [2], "x"]"#.utf8)
        try text.withUnsafeBytes { bytes in
            var scan = try JSONScan(bytes)
            #expect(scan.kind == .array)
            #expect(try scan.nextElement() == 1..<2)
            #expect(try scan.nextElement() == 4..<7)
            #expect(try scan.nextElement() == 9..<12)
            #expect(try scan.nextElement() == nil)
        }
    }

    @Test func keysAreComparedWholly() throws {
        let text = Array(#"{"method2":1,"metho":2,"method":3}"#.utf8)
        try text.withUnsafeBytes { bytes in
            var scan = try JSONScan(bytes)
            var matches: [Bool] = []
            while let member = try scan.nextMember() { matches.append(scan.key(of: member, is: "method")) }
            #expect(matches == [false, false, true])
        }
    }

    @Test(arguments: ["{}", "[]", " {} ", "1", "\"x\"", "null"])
    func acceptsWhatHasNoMembers(_ text: String) throws {
        #expect(try scanned(Array(text.utf8)) == 0)
    }

    @Test(arguments: [
        "", " ", "{,}", "[,]", "{\"a\":1,}", "[1,]", "{\"a\"}", "{a:1}", "{} 1", "[] ]", "1 1", "{\"a\":\"\\x\"}",
        "[1e400]", "{",
        "[", "[1", "{\"a\":1", "[{\"a\":[01]}]", "[\"\u{1}\"]", "nulll", "[tru]", "{\"a\":{\"b\" 1}}", "[[1 2]]",
    ])
    func refusesWithTheParsersError(_ text: String) throws {
        let bytes = Array(text.utf8)
        let error = #expect(throws: JSONParseError.self) { try JSON.parse(bytes) }
        #expect(throws: try #require(error)) { try scanned(bytes) }
    }

    @Test(arguments: [512, 513, 100_000])
    func nestingIsCapped(_ depth: Int) {
        for (opening, closing) in [("[", "]"), ("{\"a\":", "}")] {
            let open = String(repeating: opening, count: depth) + "1"
            let text = Array((open + String(repeating: closing, count: depth)).utf8)
            if depth <= 512 {
                #expect(throws: Never.self) { try scanned(text) }
            } else {
                #expect(throws: JSONParseError(.tooDeep, at: 512 * opening.count)) { try scanned(text) }
            }
        }
    }
}

/// Walks a text to its end and counts its outermost members.
private func scanned(_ text: [UInt8]) throws -> Int {
    try text.withUnsafeBytes { bytes in
        var scan = try JSONScan(bytes)
        var count = 0
        switch scan.kind {
        case .object: while try scan.nextMember() != nil { count += 1 }
        case .array: while try scan.nextElement() != nil { count += 1 }
        case .scalar: try scan.finish()
        }
        return count
    }
}
