import AgentEngine
import AgentModel
import JSON
import Testing

@Suite struct OpenTextTests {
    @Test func deltasKnowTheirPlaceInBytes() {
        var text = OpenText(bytesMax: 1000)
        #expect(text.add(.text, id: "m", "äb").delta.offsetBytes == 0)
        #expect(text.add(.thought, id: "t", "x").delta.offsetBytes == 0)
        #expect(text.add(.text, id: "m", "c").delta.offsetBytes == 3)
        let left = text.flush()
        #expect(left.map { $0.data["text"] } == ["äbc"], "thoughts are not kept")
        #expect(left.first?.data["partial"] == true)
        #expect(text.flush().isEmpty)
    }

    @Test func aMessageThatIsWholeLeavesNothing() {
        var text = OpenText(bytesMax: 1000)
        _ = text.add(.text, id: "m", "begun")
        text.close(id: "m")
        text.close(id: "other")
        #expect(text.flush().isEmpty)
    }

    @Test(arguments: 0..<50) func partsAndRestAreTheWhole(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var text = OpenText(bytesMax: 64)
        var whole = ""
        var recorded = ""
        for _ in 0..<100 {
            let piece = String(repeating: ["a", "é", "漢", "👩‍👩‍👧"][random.below(4)], count: random.below(30))
            let added = text.add(.text, id: "m", piece)
            #expect(added.delta.offsetBytes == whole.utf8.count)
            whole += piece
            if let part = added.part {
                #expect(part.data["offset_bytes"]?.intValue == recorded.utf8.count)
                recorded += part.data["text"]?.stringValue ?? ""
            }
        }
        for part in text.flush() { recorded += part.data["text"]?.stringValue ?? "" }
        #expect(recorded == whole)
    }
}

@Suite struct RecordLimitsTests {
    @Test func whatFitsStaysAsItIs() {
        #expect(RecordLimits.bounded(["a": [1, 2]], bytesMax: 100) == ["a": [1, 2]])
        #expect(RecordLimits.parts("short", bytesMax: 5).map(\.text) == ["short"])
        #expect(RecordLimits.parts("", bytesMax: 5).count == 1)
    }

    @Test func whatIsTooLongSaysSo() {
        let long = JSON.array(Array(repeating: "0123456789", count: 100))
        let bounded = RecordLimits.bounded(long, bytesMax: 200)
        #expect(bounded["truncated"] == true)
        #expect(bounded["bytes"]?.intValue == long.encoded().count)
        #expect(bounded.encoded().count < 200)
    }

    @Test(arguments: 0..<50) func partsAreTheWhole(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let letters = ["a", "é", "漢", "👩‍👩‍👧", "e\u{301}", "\r\n"]
        let text = (0..<200).map { _ in letters[random.below(letters.count)] }.joined()
        let parts = RecordLimits.parts(text, bytesMax: 40)
        #expect(parts.map(\.text).joined() == text)
        var offset = 0
        for part in parts {
            #expect(part.offsetBytes == offset)
            #expect(part.text.utf8.count <= 40)
            offset += part.text.utf8.count
        }
    }
}
