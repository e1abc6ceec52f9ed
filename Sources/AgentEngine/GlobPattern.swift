/// A pattern over names or paths: `*` stands for anything but `/`, `**` for anything, `?` for one character but `/`.
/// There is no escape. Matching takes time linear in pattern times text, whatever the pattern.
package struct GlobPattern: Hashable, Sendable {
    private enum Part: Hashable {
        case scalar(Unicode.Scalar)
        case one, within, anything

        /// Whether it takes a character, if it takes only one.
        func takes(_ scalar: Unicode.Scalar) -> Bool {
            switch self {
            case .scalar(let own): own == scalar
            case .one: scalar != "/"
            case .within, .anything: false
            }
        }

        /// Whether it goes on after a character.
        func goesOn(over scalar: Unicode.Scalar) -> Bool { self == .anything || self == .within && scalar != "/" }
    }

    private let parts: [Part]

    package init(_ text: String) {
        var parts: [Part] = []
        for scalar in text.unicodeScalars {
            switch (scalar, parts.last) {
            case ("*", .within), ("*", .anything): parts[parts.count - 1] = .anything
            case ("*", _): parts.append(.within)
            case ("?", _): parts.append(.one)
            default: parts.append(.scalar(scalar))
            }
        }
        self.parts = parts
    }

    /// Whether the whole of a text fits.
    package func matches(_ text: String) -> Bool {
        // Which numbers of parts can have been used up by what was read so far.
        var reached = [true] + [Bool](repeating: false, count: parts.count)
        skipEmpty(&reached)
        for scalar in text.unicodeScalars {
            var next = [Bool](repeating: false, count: parts.count + 1)
            for (index, part) in parts.enumerated() where reached[index] {
                if part.takes(scalar) { next[index + 1] = true }
                if part.goesOn(over: scalar) { next[index] = true }
            }
            skipEmpty(&next)
            reached = next
        }
        return reached[parts.count]
    }

    /// `*` and `**` may stand for nothing.
    private func skipEmpty(_ reached: inout [Bool]) {
        for (index, part) in parts.enumerated() where reached[index] && (part == .within || part == .anything) {
            reached[index + 1] = true
        }
    }
}
