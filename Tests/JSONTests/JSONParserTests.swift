import JSON
import Testing

@Suite struct JSONParserTests {
    @Test(
        arguments: [
            ("null", JSON.null), ("true", true), ("false", false), ("0", 0), ("-0", 0), ("7", 7), ("-12", -12),
            ("\"\"", ""), ("\"a\"", "a"), ("[]", []), ("{}", [:]), (" [ 1 , 2 ] ", [1, 2]),
            ("\t{\r\n\"a\" : 1 }\n", ["a": 1]),
            ("{\"a\":{\"b\":[{}]}}", ["a": ["b": [[:]]]]),
        ] as [(String, JSON)])
    func readsValues(_ text: String, _ value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
        #expect(try JSON.parse(Array(text.utf8)) == value)
    }

    @Test func readsSlicesAndRawMemory() throws {
        let bytes = Array("xx[1]yy".utf8)
        #expect(try JSON.parse(bytes[2..<5]) == [1])
        #expect(try bytes.withUnsafeBytes { try JSON.parse(UnsafeRawBufferPointer(rebasing: $0[2..<5])) } == [1])
    }

    @Test(
        arguments: [
            ("", .empty, 0), ("  ", .unexpectedEnd, 2), ("[1,]", .unexpectedByte, 3),
            ("{\"a\":1,}", .unexpectedByte, 7),
            ("[1 2]", .unexpectedByte, 3), ("{\"a\" 1}", .unexpectedByte, 5), ("{a:1}", .unexpectedByte, 1),
            ("nul", .unexpectedEnd, 3), ("nulL", .unexpectedByte, 3), ("NaN", .unexpectedByte, 0),
            ("+1", .unexpectedByte, 0),
            ("01", .invalidNumber, 1), ("-", .unexpectedEnd, 1), ("-a", .invalidNumber, 1), ("1.", .unexpectedEnd, 2),
            ("1.e1", .invalidNumber, 2), ("1e", .unexpectedEnd, 2), ("1e+", .unexpectedEnd, 3),
            ("[1e]", .invalidNumber, 3),
            (".5", .unexpectedByte, 0), ("1e400", .numberOutOfRange, 0), ("[-1e400]", .numberOutOfRange, 1),
            ("\"a", .unexpectedEnd, 2), ("\"\\", .unexpectedEnd, 2), ("\"\\x\"", .invalidEscape, 1),
            ("\"\\u12G4\"", .invalidEscape, 1), ("\"\\u12", .unexpectedEnd, 5), ("\"\n\"", .controlCharacter, 1),
            ("1 2", .trailingBytes, 2), ("{}}", .trailingBytes, 2), ("\u{FEFF}1", .byteOrderMark, 0),
            ("'a'", .unexpectedByte, 0), ("\u{A0}1", .unexpectedByte, 0), ("[\u{0}]", .unexpectedByte, 1),
        ] as [(String, JSONParseError.Reason, Int)])
    func refuses(_ text: String, _ reason: JSONParseError.Reason, _ offset: Int) {
        #expect(throws: JSONParseError(reason, at: offset)) { try JSON(parsing: text) }
    }

    @Test func tellsReasonAndPlaceInWords() {
        #expect(JSONParseError(.unexpectedByte, at: 3).description == "unexpected character at byte 3")
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x9F, 0x80], [0xE2, 0x82],
            [0xE2, 0x82, 0x41],
            [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80],
            [0xFF], [0xFE],
        ] as [[UInt8]])
    func refusesInvalidUTF8(_ sequence: [UInt8]) {
        let text = Array("[\"ok\",\"".utf8) + sequence + Array("\"]".utf8)
        #expect(throws: JSONParseError(.invalidUTF8, at: 7)) { try JSON.parse(text) }
        #expect(throws: JSONParseError(.invalidUTF8, at: 7)) { try JSON.parse(Array(text.prefix(7 + sequence.count))) }
    }

    @Test(arguments: 0...24)
    func readsTextBeyondASCIIAtEachPlace(_ padding: Int) throws {
        let text =
            String(repeating: "a", count: padding) + "é€😀\u{7F}\u{10FFFF}" + String(repeating: "b", count: padding)
        #expect(try JSON(parsing: "\"\(text)\"") == .string(text))
    }

    @Test(arguments: [
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u20AC""#, "Aé€"),
        (#""\uD83D\uDE00!""#, "😀!"),
        (#""\u0000""#, "\0"),
    ])
    func readsEscapes(_ text: String, _ value: String) throws {
        let (read, notes) = try JSON.parseWithNotes(Array(text.utf8))
        #expect(read == .string(value))
        #expect(notes == [])
    }

    @Test(arguments: [
        (#""\uD83D""#, "\u{FFFD}"), (#""\uDE00""#, "\u{FFFD}"), (#""\uD83Dx""#, "\u{FFFD}x"),
        (#""\uD83D\uD83D\uDE00""#, "\u{FFFD}😀"), (#""\uD83D\n""#, "\u{FFFD}\n"),
        (#""\uDE00\uD83D""#, "\u{FFFD}\u{FFFD}"),
        (#""\uD83D\u0041""#, "\u{FFFD}A"),
    ])
    func replacesHalfSurrogatePairsAndNotesThem(_ text: String, _ value: String) throws {
        let (read, notes) = try JSON.parseWithNotes(Array(text.utf8))
        #expect(read == .string(value))
        #expect(notes == [JSONNote(.loneSurrogate, offset: 0)])
    }

    @Test func lastDuplicateKeyWinsAndIsNoted() throws {
        let text = #"{"a":1,"b":[0,{"c":1,"\u0063":2}],"a":3}"#
        let (read, notes) = try JSON.parseWithNotes(Array(text.utf8))
        #expect(read == ["a": 3, "b": [0, ["c": 2]]])
        #expect(read.objectValue?.keys == ["a", "b"])
        #expect(
            notes == [
                JSONNote(.duplicateKey, path: "b[1].c", offset: 21), JSONNote(.duplicateKey, path: "a", offset: 34),
            ])
        #expect(notes.last?.description == "a: duplicate key, the last value counts")
    }

    @Test func notesTellThePathOfAString() throws {
        let text = #"{"steps":[[1,"\ud800"],{"t":"\udfff"}]}"#
        let (_, notes) = try JSON.parseWithNotes(Array(text.utf8))
        #expect(notes.map(\.path) == ["steps[0][1]", "steps[1].t"])
    }

    @Test func aLongKeyIsCutInAPath() throws {
        let key = String(repeating: "k\u{301}", count: 1_000)
        let notes = try JSON.parseWithNotes(Array("{\"\(key)\":\"\\ud800\"}".utf8)).notes
        #expect(notes.map(\.path) == [String(repeating: "k\u{301}", count: 16) + "…"])
    }

    @Test func notesAreFewHoweverOddTheText() throws {
        let text = "[" + Array(repeating: #""\ud800""#, count: 1_000).joined(separator: ",") + "]"
        #expect(try JSON.parseWithNotes(Array(text.utf8)).notes.count == 16)
    }

    @Test func canonicallyEquivalentKeysAreDifferentKeys() throws {
        let (read, notes) = try JSON.parseWithNotes(Array("{\"\u{E9}\":1,\"e\u{301}\":2}".utf8)[...])
        #expect(read.objectValue?.count == 2)
        #expect(read["\u{E9}"] == 1)
        #expect(read["e\u{301}"] == 2)
        #expect(notes.isEmpty)
    }

    @Test func nestingIsCapped() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(throws: Never.self) { try JSON.parse(nested(512)) }
        #expect(throws: JSONParseError(.tooDeep, at: 512)) { try JSON.parse(nested(513)) }
        #expect(throws: JSONParseError(.tooDeep, at: 512)) { try JSON.parse(nested(100_000)) }
        #expect(throws: JSONParseError(.tooDeep, at: 1)) { try JSON.parse(nested(2), limits: JSONLimits(depth: 1)) }
        let objects = Array(String(repeating: "{\"a\":", count: 100_000).utf8)
        #expect(throws: JSONParseError(.tooDeep, at: 2_560)) { try JSON.parse(objects) }
        #expect(JSONLimits(depth: .max).depth == 1_024)
        #expect(throws: Never.self) { try JSON.parse(nested(1_024), limits: JSONLimits(depth: 1_024)) }
    }
}
