/// Canonical ordering and composition (UAX #15, sections 1.3 and 3.11 of The Unicode Standard) of the marks that
/// folding leaves.
enum Composition {
    /// Composes the folded scalars from `start` on.
    static func compose(_ scalars: inout [Unicode.Scalar], from start: Int) {
        order(&scalars, from: start)
        var starter: Int?
        var lastOrder: UInt32 = 0
        var end = start
        for index in start..<scalars.count {
            let scalar = scalars[index]
            let order = order(of: scalar)
            if let base = starter, lastOrder < order || lastOrder == 0 && base == end - 1,
                let composed = composed(scalars[base], scalar)
            {
                scalars[base] = composed
                continue
            }
            if order == 0 { starter = end }
            lastOrder = order
            scalars[end] = scalar
            end += 1
        }
        scalars.removeLast(scalars.count - end)
    }

    /// How far a mark is moved: more marks in a row are no text (the Stream-Safe Text Format of UAX #15, section 13).
    private static let marksMax = 30

    private static func order(_ scalars: inout [Unicode.Scalar], from start: Int) {
        for index in start..<scalars.count {
            let mark = scalars[index]
            let order = order(of: mark)
            guard order > 0 else { continue }
            var place = index
            while place > max(start, index - marksMax), self.order(of: scalars[place - 1]) > order {
                scalars[place] = scalars[place - 1]
                place -= 1
            }
            scalars[place] = mark
        }
    }

    /// The canonical combining class.
    private static func order(of scalar: Unicode.Scalar) -> UInt32 {
        guard let index = FoldingTable.orders.lastIndex(from: scalar.value, shift: 8) else { return 0 }
        let entry = FoldingTable.orders[index]
        return entry >> 8 == scalar.value ? entry & 0xFF : 0
    }

    private static func composed(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
        if let syllable = syllable(first.value, second.value) { return syllable }
        let key = UInt64(first.value) << 21 | UInt64(second.value)
        var low = 0
        var high = FoldingTable.pairs.count
        while low < high {
            let middle = (low + high) / 2
            let entry = FoldingTable.pairs[middle]
            if entry >> 21 == key { return Unicode.Scalar(UInt32(entry & 0x1F_FFFF)) }
            if entry >> 21 < key { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// A Hangul syllable of a leading consonant and a vowel, or of one without a final and a final (section 3.12).
    private static func syllable(_ first: UInt32, _ second: UInt32) -> Unicode.Scalar? {
        if (0x1100..<0x1113).contains(first), (0x1161..<0x1176).contains(second) {
            return Unicode.Scalar(0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28)
        }
        if (0xAC00..<0xD7A4).contains(first), (first - 0xAC00) % 28 == 0, (0x11A8..<0x11C3).contains(second) {
            return Unicode.Scalar(first + second - 0x11A7)
        }
        return nil
    }
}
