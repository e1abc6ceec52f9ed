/// Finds the words of a text. An ASCII word of letters and digits is taken as it lies there; what holds anything else
/// (a joiner, an inner capital, a character past ASCII) is taken apart by `ChunkScanner`.
struct TokenScanner {
    private let text: UnsafeBufferPointer<UInt8>
    private var list: TokenList
    private var chunks = ChunkScanner()

    /// Adds the words of the text to the list.
    static func scan(_ text: String, into list: inout TokenList) {
        var text = text
        text.withUTF8 { utf8 in
            list.reserve(utf8: utf8.count)
            var scanner = TokenScanner(text: utf8, list: list)
            // The scanner holds the only copy while it adds.
            list = TokenList()
            scanner.run()
            list = scanner.list
        }
    }

    private init(text: UnsafeBufferPointer<UInt8>, list: TokenList) {
        self.text = text
        self.list = list
    }

    private mutating func run() {
        var place = 0
        while place < text.count {
            if text[place] >= 128 {
                place = chunk(from: place)
            } else if Self.isAlphanumeric(text[place]) {
                place = word(from: place)
            } else {
                place += 1
            }
        }
    }

    /// Reads the word or the chunk that begins here; returns where it ends.
    private mutating func word(from start: Int) -> Int {
        var place = start
        var hasDigit = false
        var capitals = 0
        while place < text.count, Self.isAlphanumeric(text[place]) {
            if text[place] < 58 { hasDigit = true } else if text[place] < 91 { capitals += 1 }
            place += 1
        }
        // One case, but for the first letter: no parts.
        let isCapitalised = capitals == 1 && text[start] < 91 && text[start] > 57
        guard capitals == 0 || isCapitalised || capitals == place - start else { return chunk(from: start) }
        var end = place
        if place < text.count, !Self.isPlainEnd(text[place]) {
            if isPossessive(at: place) {
                end = place + 2
            } else if goesOn(at: place) || isLanguageMark(from: start, at: place) {
                return chunk(from: start)
            }
        }
        list.append(
            ascii: UnsafeBufferPointer(rebasing: text[start..<place]), isExact: hasDigit, range: start..<end)
        return end
    }

    private mutating func chunk(from start: Int) -> Int {
        var end = start
        while end < text.count, Self.isAlphanumeric(text[end]) || text[end] >= 128 || goesOn(at: end) { end += 1 }
        let marks = languageMarks(from: start, at: end)
        chunks.scan(String(decoding: text[start..<end + marks], as: UTF8.self), at: start, into: &list)
        return end + marks
    }

    /// Whether the byte here joins what stands before it and after it.
    private func goesOn(at place: Int) -> Bool {
        guard place + 1 < text.count else { return false }
        let next = text[place + 1]
        switch text[place] {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "@"),
            UInt8(ascii: "'"):
            return Self.isAlphanumeric(next) || next == UInt8(ascii: "_") || next >= 128
        case UInt8(ascii: "_"):
            return Self.isAlphanumeric(next) || next == UInt8(ascii: "_") || next >= 128
        case UInt8(ascii: ","):
            return groupsDigits(at: place)
        case 128...:
            return true
        default:
            return false
        }
    }

    /// A comma between digits of which exactly three follow: `1,234`.
    private func groupsDigits(at place: Int) -> Bool {
        guard place > 0, Self.isDigit(text[place - 1]), place + 3 < text.count else { return false }
        guard (1...3).allSatisfy({ Self.isDigit(text[place + $0]) }) else { return false }
        return place + 4 == text.count || !Self.isAlphanumeric(text[place + 4])
    }

    /// An apostrophe with an `s` that ends the word.
    private func isPossessive(at place: Int) -> Bool {
        guard text[place] == UInt8(ascii: "'"), place + 1 < text.count, text[place + 1] | 0x20 == UInt8(ascii: "s")
        else { return false }
        return place + 2 == text.count || Self.isPlainEnd(text[place + 2])
    }

    private func isLanguageMark(from start: Int, at place: Int) -> Bool { languageMarks(from: start, at: place) > 0 }

    /// The length of `#` or `++` after a single letter: `C#`, `g++`.
    private func languageMarks(from start: Int, at place: Int) -> Int {
        guard place - start == 1, !Self.isDigit(text[start]), place < text.count else { return 0 }
        var end = place
        if text[place] == UInt8(ascii: "#") {
            end += 1
        } else if text[place] == UInt8(ascii: "+"), place + 1 < text.count, text[place + 1] == UInt8(ascii: "+") {
            end += 2
        }
        return end == text.count || !Self.isAlphanumeric(text[end]) && text[end] < 128 ? end - place : 0
    }

    @inline(__always) private static func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

    @inline(__always) private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte | 0x20) &- 97 < 26
    }

    /// ASCII that neither joins words nor belongs to one.
    @inline(__always) private static func isPlainEnd(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "@"),
            UInt8(ascii: "'"), UInt8(ascii: "_"), UInt8(ascii: ","), UInt8(ascii: "#"), UInt8(ascii: "+"), 128...:
            return false
        default:
            return true
        }
    }
}
