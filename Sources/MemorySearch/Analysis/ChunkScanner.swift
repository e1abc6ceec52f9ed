/// Takes apart a run of a text that may hold several words and words of several parts.
struct ChunkScanner {
    struct Unit {
        let scalar: Unicode.Scalar
        let kind: CharacterKind
        /// Where it begins in the text, in UTF-8 bytes.
        let offset: Int
    }

    private var units: [Unit] = []
    /// Where the chunk ends in the text.
    private var end = 0
    private var folded: [Unicode.Scalar] = []

    /// Adds the words of the chunk to the list.
    mutating func scan(_ chunk: String, at start: Int, into list: inout TokenList) {
        units.removeAll(keepingCapacity: true)
        var offset = start
        for scalar in chunk.unicodeScalars {
            units.append(Unit(scalar: scalar, kind: CharacterKind(scalar), offset: offset))
            offset += UTF8.width(scalar)
        }
        end = offset
        var place = 0
        while place < units.count {
            let start = place
            switch units[place].kind {
            case .separator, .extends:
                place += 1
            case .word:
                place = endOfWord(from: start)
                addWord(start..<place, to: &list)
            case .pairs:
                while place < units.count, units[place].kind == .pairs || units[place].kind == .extends { place += 1 }
                addPairs(start..<place, to: &list)
            case .symbol:
                place = endOfSymbol(from: start)
                add(start..<place, .word, isExact: true, position: list.length, span: 1, to: &list)
                list.length += 1
            }
        }
    }

    /// Letters, what extends them, and joiners between them.
    private func endOfWord(from start: Int) -> Int {
        var place = start
        while place < units.count {
            switch units[place].kind {
            case .word, .extends:
                place += 1
            case .separator where Joiner(units[place].scalar) != nil:
                var next = place + 1
                while next < units.count, Joiner(units[next].scalar) == .underscore { next += 1 }
                guard next < units.count, units[next].kind == .word else { return place }
                place = next
            default:
                return place + languageMarks(from: start, at: place)
            }
        }
        return place
    }

    /// `#` and `++` after a single letter are part of the word: the chunk has them for nothing else.
    private func languageMarks(from start: Int, at place: Int) -> Int {
        guard place == start + 1, units[place].scalar == "#" || units[place].scalar == "+" else { return 0 }
        return units.count - place
    }

    // MARK: Words

    private mutating func addWord(_ range: Range<Int>, to list: inout TokenList) {
        let name = IdentifierName(units, range)
        let position = list.length
        guard name.parts.count > 1, !name.isAcronym, !name.isDecimal else {
            let isExact = units[name.range].contains { $0.scalar.isDigit }
            add(name.range, isAcronym: name.isAcronym, isExact: isExact, position: position, through: range, to: &list)
            if let stem = name.withoutElision {
                add(stem, .part, isExact: false, position: position, span: 1, to: &list)
            }
            list.length += 1
            return
        }
        list.length += name.parts.count
        let isExact = !name.isCompound
        add(name.range, .whole, isExact: isExact, position: position, span: name.parts.count, to: &list)
        for segment in name.segments {
            let first = name.parts[segment.lowerBound].lowerBound
            add(
                first..<name.parts[segment.upperBound - 1].upperBound, .segment, isExact: true,
                position: position + segment.lowerBound, span: segment.count, to: &list)
        }
        for (index, part) in name.parts.enumerated() {
            add(part, .part, isExact: isExact, position: position + index, span: 1, to: &list)
        }
    }

    /// A word on its own, which in the text goes on to the end of `through`: with its possessive ending.
    private mutating func add(
        _ word: Range<Int>, isAcronym: Bool, isExact: Bool, position: Int, through: Range<Int>,
        to list: inout TokenList
    ) {
        fold(word)
        if isAcronym { folded.removeAll { $0 == "." } }
        list.append(
            folded[...], .word, isExact: isExact, position: position, span: 1, range: bytes(of: through))
    }

    // MARK: Pairs and symbols

    /// Each character with the next; a lone character as it is.
    private mutating func addPairs(_ range: Range<Int>, to list: inout TokenList) {
        let starts = range.filter { units[$0].kind == .pairs } + [range.upperBound]
        let count = starts.count - 1
        for index in 0..<max(1, count - 1) {
            add(
                starts[index]..<starts[min(index + 2, count)], .word, isExact: false, position: list.length, span: 1,
                to: &list)
            list.length += 1
        }
        guard count > 1 else { return }
        add(starts[count - 1]..<starts[count], .last, isExact: false, position: list.length - 1, span: 1, to: &list)
    }

    /// A pictograph with its variants, joined ones together, a flag as one.
    private func endOfSymbol(from start: Int) -> Int {
        var place = start + 1
        if isRegional(start), place < units.count, isRegional(place) { place += 1 }
        while place < units.count {
            let isJoined = units[place].kind == .symbol && units[place - 1].scalar == "\u{200D}"
            guard units[place].kind == .extends || isJoined else { break }
            place += 1
        }
        return place
    }

    private func isRegional(_ index: Int) -> Bool { (0x1F1E6...0x1F1FF).contains(units[index].scalar.value) }

    // MARK: Adding

    private mutating func add(
        _ range: Range<Int>, _ role: TokenRole, isExact: Bool, position: Int, span: Int, to list: inout TokenList
    ) {
        fold(range)
        list.append(
            folded[...], role, isExact: isExact, position: position, span: span, range: bytes(of: range))
    }

    /// What of a word is looked at: more than is left of it in the end.
    private static let unitsMax = 4 * TokenList.scalarsMax

    private mutating func fold(_ range: Range<Int>) {
        folded.removeAll(keepingCapacity: true)
        TextFolding.fold(units[range.prefix(Self.unitsMax)].lazy.map(\.scalar), into: &folded)
        folded.removeAll { scalar in
            scalar.isASCII ? scalar == "," || scalar.value <= 32 : CharacterKind(scalar) == .separator
        }
    }

    private func bytes(of range: Range<Int>) -> Range<Int> {
        units[range.lowerBound].offset..<(range.upperBound < units.count ? units[range.upperBound].offset : end)
    }
}
