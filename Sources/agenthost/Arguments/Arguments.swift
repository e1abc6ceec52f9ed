/// The words of a command line, taken apart: flags with and without values, and the rest. Each command says which flags
/// it knows; any other is an error that names it.
struct Arguments {
    private var flags: Set<String> = []
    private var values: [String: [String]] = [:]
    private(set) var rest: [String] = []

    /// Values are given as `--db FILE` or `--db=FILE`. After `--` nothing is a flag.
    init(_ words: ArraySlice<String>, flags known: [Flag]) throws(CommandLineError) {
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
            guard let flag = known.first(where: { $0.name == parts[0] }) else {
                throw Self.unknown(parts[0], known)
            }
            guard let placeholder = flag.value else {
                guard parts.count == 1 else { throw CommandLineError("\(flag.name) takes no value") }
                flags.insert(flag.name)
                continue
            }
            guard let value = parts.count == 2 ? parts[1] : words.popFirst() else {
                throw CommandLineError("\(flag.name) needs a value: \(flag.name) \(placeholder)")
            }
            values[flag.name, default: []].append(value)
        }
    }

    private static func unknown(_ name: String, _ known: [Flag]) -> CommandLineError {
        let near = NearestWord.to(name, among: known.map(\.name))
        return CommandLineError("there is no flag \(name) here", advice: near.map { "Did you mean \($0)?" })
    }

    subscript(flag: String) -> String? { values[flag]?.last }

    func all(_ flag: String) -> [String] { values[flag] ?? [] }

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
            let words = Word.allCases.map(\.rawValue)
            let known = words.dropLast().joined(separator: ", ") + (words.count > 1 ? " or " : "") + (words.last ?? "")
            throw CommandLineError("\(flag) takes \(known), not \(text)")
        }
        return word
    }

    /// The one word that is no flag.
    /// - Parameter what: what it stands for, in capitals.
    func single(_ what: String) throws(CommandLineError) -> String {
        guard let word = rest.first else { throw CommandLineError("say which \(what)") }
        try none(besides: 1)
        return word
    }

    /// Refuses more words than a command takes.
    func none(besides count: Int = 0) throws(CommandLineError) {
        guard rest.count <= count else { throw CommandLineError("there is no place for \(rest[count]) here") }
    }
}
