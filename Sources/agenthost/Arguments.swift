/// The words of a command line, taken apart: flags with and without values, and the rest. Each command says which
/// flags it knows; any other is an error that names it.
struct Arguments {
    private(set) var flags: Set<String> = []
    private(set) var values: [String: [String]] = [:]
    private(set) var rest: [String] = []

    /// - Parameters:
    ///   - flags: those without a value, e.g. `--json`.
    ///   - valued: those with one, given as `--db FILE` or `--db=FILE`.
    init(_ words: ArraySlice<String>, flags known: Set<String>, valued: Set<String>) throws(CommandLineError) {
        var words = words
        while let word = words.popFirst() {
            if word == "--" {
                rest += words
                return
            }
            guard word.hasPrefix("-"), word != "-" else {
                rest.append(word)
                continue
            }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if known.contains(parts[0]) {
                guard parts.count == 1 else { throw CommandLineError("\(parts[0]) takes no value") }
                flags.insert(parts[0])
            } else if valued.contains(parts[0]) {
                guard let value = parts.count == 2 ? parts[1] : words.popFirst() else {
                    throw CommandLineError("\(parts[0]) needs a value")
                }
                values[parts[0], default: []].append(value)
            } else {
                let all = known.union(valued).sorted().joined(separator: ", ")
                throw CommandLineError("there is no flag \(parts[0]) here; known are \(all)")
            }
        }
    }

    subscript(flag: String) -> String? { values[flag]?.last }

    func has(_ flag: String) -> Bool { flags.contains(flag) }

    /// A whole number in a range.
    func number(_ flag: String, _ range: ClosedRange<Int>) throws(CommandLineError) -> Int? {
        guard let text = self[flag] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw CommandLineError(
                "\(flag) takes a number from \(range.lowerBound) to \(range.upperBound), not \(text)")
        }
        return number
    }

    /// One of the words of an enumeration.
    func word<Word: RawRepresentable & CaseIterable>(_ flag: String, _: Word.Type) throws(CommandLineError) -> Word?
    where Word.RawValue == String {
        guard let text = self[flag] else { return nil }
        guard let word = Word(rawValue: text) else {
            let known = Word.allCases.map(\.rawValue).joined(separator: " or ")
            throw CommandLineError("\(flag) takes \(known), not \(text)")
        }
        return word
    }
}
