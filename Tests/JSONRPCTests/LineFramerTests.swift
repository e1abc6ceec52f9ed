import JSONRPC
import Testing

@Suite struct LineFramerTests {
    @Test(
        arguments: [
            ("a\nb\n", ["a", "b"]), ("a\r\nb\r\n", ["a", "b"]), ("a\nb", ["a", "b"]), ("a\nb\r", ["a", "b"]), ("", []),
            ("\n\n \n\t\r\n\r\n", []), ("\na\n\n\nb\n\n", ["a", "b"]), (" a \n", [" a "]), ("a\rb\n", ["a\rb"]),
            ("é\n€😀\n", ["é", "€😀"]),
        ] as [(String, [String])])
    func cutsLines(_ text: String, _ lines: [String]) {
        #expect(framed([Array(text.utf8)]) == lines)
    }

    @Test(
        arguments: [
            ("12345678\n", ["12345678"]), ("12345678\r\n", ["12345678"]), ("12345678", ["12345678"]),
            ("12345678\r", ["12345678"]), ("123456789\nok\n", ["<overlong>", "ok"]),
            ("123456789\r\nok\n", ["<overlong>", "ok"]),
            ("123456789", ["<overlong>"]), ("12345678\r9\nok", ["<overlong>", "ok"]),
            ("a\n1234567890123456789012345678901234567890\nb\n", ["a", "<overlong>", "b"]),
            ("         \nok\n", ["<overlong>", "ok"]), ("123456789\n123456789\n\n", ["<overlong>", "<overlong>"]),
        ] as [(String, [String])])
    func reportsOverlongLinesOnceAndGoesOn(_ text: String, _ lines: [String]) {
        #expect(framed([Array(text.utf8)], lineBytesMax: 8) == lines)
    }

    /// Every way to cut the stream in three gives the same lines.
    @Test(arguments: [8, 100])
    func chunkingChangesNothing(_ lineBytesMax: Int) {
        let text = Array("one\r\n\n{\"é\":1}\n12345678\r\n123456789\r\n  \n1234567890123\rx\nlast\r".utf8)
        let whole = framed([text], lineBytesMax: lineBytesMax)
        #expect(whole.count == 6)
        #expect(whole.contains("<overlong>") == (lineBytesMax == 8))
        for first in 0...text.count {
            for second in first...text.count {
                let chunks = [text[..<first], text[first..<second], text[second...]].map(Array.init)
                #expect(framed(chunks, lineBytesMax: lineBytesMax) == whole)
            }
        }
        #expect(framed(text.map { [$0] }, lineBytesMax: lineBytesMax) == whole)
    }

    @Test func skipsAnOverlongLineWithoutKeepingIt() {
        var framer = LineFramer(lineBytesMax: 1_000)
        let chunk = [UInt8](repeating: 0x61, count: 900)
        framer.append(chunk)
        #expect(framer.next() == nil)
        #expect(framer.bufferedBytes == 900)
        framer.append(chunk)
        #expect(framer.next() == .overlong)
        for _ in 0..<1_000 {
            framer.append(chunk)
            #expect(framer.next() == nil)
            #expect(framer.bufferedBytes == 0)
        }
        framer.append(Array("a\nb\n".utf8))
        #expect(framer.next() == .line(Array("b".utf8)[...]))
        #expect(framer.next() == nil)
    }

    /// A long line in small chunks is searched once: quadratic work would be 16 GB here.
    @Test func aLineInManyChunksTakesLinearTime() {
        var framer = LineFramer()
        let chunk = [UInt8](repeating: 0x61, count: 512)
        for _ in 0..<8_192 {
            framer.append(chunk)
            #expect(framer.next() == nil)
        }
        framer.append([0x0A])
        #expect(framer.next() == .line([UInt8](repeating: 0x61, count: 4 << 20)[...]))
    }

    @Test(arguments: [Int.max, .max - 1, 0, .min])
    func anyLimitIsTaken(_ lineBytesMax: Int) {
        #expect(
            framed([Array("a\nbc".utf8)], lineBytesMax: lineBytesMax) == ["a", lineBytesMax > 0 ? "bc" : "<overlong>"])
    }

    @Test func aKeptLineStaysAsItWas() {
        var framer = LineFramer()
        framer.append(Array("first\nsec".utf8))
        let first = framer.next()
        framer.append(Array("ond\n".utf8))
        framer.append(Array("third\n".utf8))
        #expect(framer.next() == .line(Array("second".utf8)[...]))
        #expect(first == .line(Array("first".utf8)[...]))
    }

    @Test func takesMoreAfterTheEnd() {
        var framer = LineFramer()
        framer.end()
        #expect(framer.next() == nil)
        framer.append(Array("x".utf8))
        #expect(framer.next() == .line(Array("x".utf8)[...]))
        #expect(framer.next() == nil)
    }
}

/// All lines of a stream that comes in these chunks and then ends.
private func framed(_ chunks: [[UInt8]], lineBytesMax: Int = 1 << 20) -> [String] {
    var framer = LineFramer(lineBytesMax: lineBytesMax)
    var lines: [String] = []
    func take() {
        while let line = framer.next() {
            switch line {
            case .line(let bytes): lines.append(String(decoding: bytes, as: UTF8.self))
            case .overlong: lines.append("<overlong>")
            }
        }
    }
    for chunk in chunks {
        framer.append(chunk)
        take()
    }
    framer.end()
    take()
    return lines
}
