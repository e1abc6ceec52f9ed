import JSON
import Testing

@Suite struct JSONWriterTests {
    @Test func writesCompactlyInTheOrderGiven() {
        let value: JSON = ["b": [1, 2.5, nil, true, false, "x"], "a": [:], "c": []]
        #expect(value.description == #"{"b":[1,2.5,null,true,false,"x"],"a":{},"c":[]}"#)
        var bytes: [UInt8] = [0x20]
        value.write(into: &bytes)
        #expect(bytes == [0x20] + value.encoded())
    }

    @Test func writesForPeople() {
        let value: JSON = ["a": [1, [:]], "b": ["c": []]]
        #expect(value.pretty == "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": []\n  }\n}")
    }

    @Test func escapesWhatMustBeEscaped() {
        let text = "\"\\/\u{8}\u{C}\n\r\t\u{0}\u{1F}\u{7F}é\u{2028}😀"
        #expect(JSON.string(text).description == #""\"\\/\b\f\n\r\t\u0000\u001f"# + "\u{7F}é\u{2028}😀\"")
    }

    @Test(arguments: 0...20)
    func findsTheEscapeAtEachPlace(_ padding: Int) throws {
        let text = String(repeating: "é", count: padding % 3) + String(repeating: "a", count: padding) + "\"b\\"
        #expect(try JSON(parsing: JSON.string(text).description) == .string(text))
    }

    @Test func writesWithoutATree() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("a", "x\n")
        writer.member("b", 1)
        writer.member("c", true)
        writer.member("d", tree: [1])
        writer.member("e", raw: "[2]")
        writer.key("f")
        writer.beginArray()
        writer.value(1.5)
        writer.null()
        writer.append(raw: Array("{}".utf8))
        writer.beginObject()
        writer.endObject()
        writer.value(false)
        writer.endArray()
        writer.endObject()
        writer.newline()
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(text == #"{"a":"x\n","b":1,"c":true,"d":[1],"e":[2],"f":[1.5,null,{},{},false]}"# + "\n")
    }
}
