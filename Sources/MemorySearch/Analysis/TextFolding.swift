/// Brings text to the form in which words are compared: compatibility forms replaced (NFKC of UAX #15), case folded,
/// default ignorables and accents removed, letters such as `ø` as plain ones, digits of every script as ASCII. Marks
/// that make another letter (of Indic and Southeast Asian scripts, kana voicing) stay. The tables are of Unicode
/// `FoldingTable.unicodeVersion`; what a later version added stays as it is.
package enum TextFolding {
    package static func fold(_ text: some StringProtocol) -> String {
        if text.utf8.allSatisfy({ $0 < 128 && !(65...90).contains($0) }) { return String(text) }
        var folded: [Unicode.Scalar] = []
        folded.reserveCapacity(text.utf8.count)
        fold(text.unicodeScalars, into: &folded)
        var view = String.UnicodeScalarView()
        view.append(contentsOf: folded)
        return String(view)
    }

    /// Appends the folded form of the scalars; it composes and orders marks within what it appends alone.
    static func fold(_ scalars: some Sequence<Unicode.Scalar>, into folded: inout [Unicode.Scalar]) {
        let start = folded.count
        var needsComposing = false
        for scalar in scalars {
            if scalar.isASCII {
                folded.append(scalar.lowercasedASCII)
                continue
            }
            let first = folded.count
            append(scalar, to: &folded)
            needsComposing = needsComposing || folded[first...].contains(where: mayCompose)
        }
        if needsComposing { Composition.compose(&folded, from: start) }
    }

    private static func append(_ scalar: Unicode.Scalar, to folded: inout [Unicode.Scalar]) {
        guard let index = FoldingTable.starts.lastIndex(from: scalar.value, shift: 11) else {
            return folded.append(scalar)
        }
        let start = FoldingTable.starts[index]
        let value = FoldingTable.values[index]
        let shape = start & 3
        let distance = scalar.value - start >> 11
        let stride: UInt32 = shape == 1 ? 2 : 1
        guard distance / stride <= start >> 2 & 0x1FF, distance % stride == 0 else { return folded.append(scalar) }
        if value >> 31 == 0 {
            folded.append(Unicode.Scalar(shape == 2 ? value : value + distance) ?? scalar)
            return
        }
        let place = Int(value & 0xFFFF)
        for value in FoldingTable.sequences[place..<place + Int(value >> 16 & 0x7FFF)] {
            folded.append(Unicode.Scalar(value) ?? scalar)
        }
    }

    /// Whether a folded scalar may compose with the one before it or change places with it.
    private static func mayCompose(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        return value >= 0x93C && (value < 0x2000 || (0x3099...0x309A).contains(value) || value >= 0xA806)
            && !(0xAC00...0xD7A3).contains(value)
    }
}

extension Unicode.Scalar {
    var lowercasedASCII: Unicode.Scalar {
        (65...90).contains(value) ? Unicode.Scalar(UInt8(value) + 32) : self
    }
}
