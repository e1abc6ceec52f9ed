/// Splits SQL into statements at the semicolons that end them: not at those in texts, quoted names, comments,
/// dollar quotes (PostgreSQL) or the body of a trigger.
enum StatementSplitter {
    static func statements(in sql: String) -> [String] {
        var scanner = Scanner(Array(sql.unicodeScalars))
        return scanner.run()
    }

    private struct Scanner {
        let scalars: [Unicode.Scalar]
        var place = 0
        var start = 0
        var statements: [String] = []
        /// The words of the statement so far that decide whether it is a trigger, upper case.
        var words: [String] = []
        /// Open BEGINs and CASEs in a trigger.
        var depth = 0

        init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

        mutating func run() -> [String] {
            while place < scalars.count {
                switch scalars[place] {
                case "'", "\"", "`": skipQuoted(scalars[place])
                case "[": skip(to: "]")
                case "-" where next == "-": skipLine()
                case "/" where next == "*": skipComment()
                case "$": skipDollarQuote()
                case ";":
                    place += 1
                    if depth == 0 { end(place - 1) }
                case let scalar where scalar.properties.isAlphabetic || scalar == "_": word()
                default: place += 1
                }
            }
            end(scalars.count)
            return statements
        }

        private var next: Unicode.Scalar? { place + 1 < scalars.count ? scalars[place + 1] : nil }

        private mutating func end(_ end: Int) {
            let text = text(start, end).trimmed
            if !words.isEmpty { statements.append(text) }
            start = place
            words = []
            depth = 0
        }

        private func text(_ from: Int, _ to: Int) -> String {
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars[from..<to])
            return String(view)
        }

        /// A doubled quote inside stands for itself, which skipping twice amounts to.
        private mutating func skipQuoted(_ quote: Unicode.Scalar) {
            if words.isEmpty { words.append("") }
            skip(to: quote)
        }

        private mutating func skip(to closing: Unicode.Scalar) {
            place += 1
            while place < scalars.count, scalars[place] != closing { place += 1 }
            place = min(place + 1, scalars.count)
        }

        private mutating func skipLine() {
            while place < scalars.count, scalars[place] != "\n" { place += 1 }
        }

        private mutating func skipComment() {
            place += 2
            while place < scalars.count, !(scalars[place] == "*" && next == "/") { place += 1 }
            place = min(place + 2, scalars.count)
        }

        private mutating func skipDollarQuote() {
            let open = place
            var end = place + 1
            while end < scalars.count, scalars[end].properties.isAlphabetic || scalars[end] == "_" { end += 1 }
            guard end < scalars.count, scalars[end] == "$" else {
                place += 1
                return
            }
            let tag = scalars[open...end]
            place = end + 1
            while place < scalars.count, !scalars[place...].starts(with: tag) { place += 1 }
            place = min(place + tag.count, scalars.count)
        }

        private mutating func word() {
            let from = place
            while place < scalars.count,
                scalars[place].properties.isAlphabetic || scalars[place] == "_" || ("0"..."9").contains(scalars[place])
            {
                place += 1
            }
            let word = text(from, place).uppercased()
            if words.count < 8 { words.append(word) }
            guard isTrigger else { return }
            if word == "BEGIN" || depth > 0 && word == "CASE" { depth += 1 }
            if word == "END", depth > 0 { depth -= 1 }
        }

        private var isTrigger: Bool { words.first == "CREATE" && words.prefix(4).contains("TRIGGER") }
    }
}

extension String {
    /// Without white space at both ends.
    var trimmed: String {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
