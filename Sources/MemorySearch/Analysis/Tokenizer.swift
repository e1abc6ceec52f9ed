/// A word of a text as it stands there.
package struct Word: Hashable, Sendable {
    /// As written, without a possessive ending.
    package let text: String
    /// `text` folded; an identifier keeps its underscores.
    package let folded: String
    /// The folded parts of an identifier (`order_date`, `orderDate`); a plain word is its own only part.
    package let parts: [String]
    /// Where it stands, in UTF-8 bytes, the possessive ending included.
    package let range: Range<Int>
}

/// Splits text into words, and identifiers into their parts.
package enum Tokenizer {
    /// Runs of letters, digits, `_` and inner apostrophes; everything else separates.
    package static func words(in text: String) -> [Word] {
        let scalars = Array(text.unicodeScalars)
        var words: [Word] = []
        var index = 0
        var offset = 0
        while index < scalars.count {
            guard scalars[index].isWordPart else {
                offset += UTF8.width(scalars[index])
                index += 1
                continue
            }
            let start = index
            let startOffset = offset
            while index < scalars.count, isInside(scalars, index) {
                offset += UTF8.width(scalars[index])
                index += 1
            }
            words.append(word(Array(scalars[start..<index]), at: startOffset..<offset))
        }
        return words
    }

    /// The folded parts of a name: `Order Details`, `order_details`, `orderDetails`, `HTTPServer` and `order-details`
    /// each give two. Digits stay with the letters before them.
    package static func parts(of identifier: String) -> [String] {
        var parts: [String] = []
        var current = String.UnicodeScalarView()
        let scalars = Array(identifier.unicodeScalars)
        func flush() {
            if !current.isEmpty { parts.append(TextFolding.fold(String(current))) }
            current = String.UnicodeScalarView()
        }
        for (index, scalar) in scalars.enumerated() {
            guard scalar.isWordPart, scalar != "_" else {
                flush()
                continue
            }
            if index > 0, scalar.properties.isUppercase {
                let afterLower = !scalars[index - 1].properties.isUppercase
                let beforeLower = index + 1 < scalars.count && scalars[index + 1].properties.isLowercase
                if afterLower || beforeLower { flush() }
            }
            current.append(scalar)
        }
        flush()
        return parts
    }

    private static func isInside(_ scalars: [Unicode.Scalar], _ index: Int) -> Bool {
        if scalars[index].isWordPart { return true }
        guard scalars[index] == "'" || scalars[index] == "\u{2019}", index > 0, index + 1 < scalars.count else {
            return false
        }
        return scalars[index - 1].properties.isAlphabetic && scalars[index + 1].properties.isAlphabetic
    }

    private static func word(_ scalars: [Unicode.Scalar], at range: Range<Int>) -> Word {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        var text = String(view)
        for ending in ["'s", "\u{2019}s", "'S", "\u{2019}S"] where text.hasSuffix(ending) {
            text.removeLast(2)
            break
        }
        let parts = Self.parts(of: text.filter { $0 != "'" && $0 != "\u{2019}" })
        return Word(text: text, folded: TextFolding.fold(text), parts: parts, range: range)
    }
}

extension Unicode.Scalar {
    fileprivate var isWordPart: Bool {
        if isASCII {
            return (48...57).contains(value) || (65...90).contains(value) || (97...122).contains(value) || self == "_"
        }
        return properties.isAlphabetic || properties.numericType != nil
            || properties.generalCategory == .nonspacingMark || properties.generalCategory == .spacingMark
    }
}
