import JSON

/// Makes inputs out of a corpus: by cutting and splicing bytes, and by changing trees.
struct Mutator {
    private let corpus: [[UInt8]]
    private let trees: [JSON]

    /// - Parameter corpus: at least one input.
    init(corpus: [[UInt8]]) {
        self.corpus = corpus
        trees = corpus.compactMap { try? JSON.parse($0) } + [nil]
    }

    func input(using random: inout SplitMix64) -> [UInt8] {
        var input = random.once(in: 3) ? tree(using: &random).encoded() : corpus[random.below(corpus.count)]
        for _ in 0..<random.below(6) { change(&input, using: &random) }
        return input
    }

    // MARK: - Bytes

    /// What parsers stumble over.
    private static let tokens: [[UInt8]] =
        [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "\\ude00", "\\u0000", "\\\"", "null", "true",
            "-", "-0",
            "0", "01", "1e", "1e400", "1e-400", ".5", "9223372036854775807", "9223372036854775808",
            "-9223372036854775808",
            "18446744073709551616", "1.7976931348623157e308", "e", "E+", ".", "\n", "\r\n", "\r", "\t", " ", "\u{FEFF}",
            "\u{2028}", "é", "😀", "\"id\":", "\"jsonrpc\":\"2.0\"", "\"method\":\"m\"", "\"params\":", "\"result\":",
            "\"error\":",
            "\"id\":1,", "\"id\":null,", "{}", "[]", "\"\"", "/**/", "NaN",
        ].map { Array($0.utf8) } + [
            [0x00], [0x1F], [0x7F], [0x80], [0xC0, 0x80], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98],
            [0xF4, 0x90, 0x80, 0x80], [0xFF],
        ]

    private func change(_ input: inout [UInt8], using random: inout SplitMix64) {
        let place = random.below(input.count + 1)
        let other = random.below(input.count + 1)
        let range = min(place, other)..<max(place, other)
        switch random.below(8) {
        case 0: input.insert(contentsOf: Self.tokens[random.below(Self.tokens.count)], at: place)
        case 1: input.removeSubrange(range.prefix(8))
        case 2: input.removeSubrange(range)
        case 3 where input.count < 4_096: input.insert(contentsOf: input[range], at: place)
        case 4 where place < input.count: input[place] ^= 1 << UInt8(random.below(8))
        case 5 where place < input.count: input[place] = UInt8(random.below(256))
        case 6:
            let donor = corpus[random.below(corpus.count)]
            let cut = random.below(donor.count + 1)
            input.replaceSubrange(place..., with: donor[cut...])
        case 7:
            let depth = [1, 3, 510, 511, 512, 513, 600][random.below(7)]
            let (open, close) = random.once(in: 2) ? ("[", "]") : ("{\"a\":", "}")
            input = Array(String(repeating: open, count: depth).utf8) + input
            input += Array(String(repeating: close, count: depth).utf8)
        default: break
        }
    }

    // MARK: - Trees

    private func tree(using random: inout SplitMix64) -> JSON {
        var tree = trees[random.below(trees.count)]
        for _ in 0...random.below(4) { tree = changed(tree, using: &random) }
        return tree
    }

    /// The tree with one change somewhere in it.
    private func changed(_ tree: JSON, using random: inout SplitMix64) -> JSON {
        let donor = trees[random.below(trees.count)]
        switch tree {
        case .array(var elements) where !elements.isEmpty && !random.once(in: 4):
            let index = random.below(elements.count)
            switch random.below(4) {
            case 0: elements.remove(at: index)
            case 1: elements.insert(donor, at: index)
            case 2: elements.append(elements[index])
            default: elements[index] = changed(elements[index], using: &random)
            }
            return .array(elements)
        case .object(var members) where !members.isEmpty && !random.once(in: 4):
            let key = members.keys[random.below(members.count)]
            switch random.below(4) {
            case 0: members[key] = nil
            case 1: members[key] = donor
            case 2: members[key + "\u{301}"] = members[key]
            default: members[key] = members[key].map { changed($0, using: &random) }
            }
            return .object(members)
        case .int(let number):
            return random.once(in: 2) ? .int(number ^ (1 << Int64(random.below(64)))) : .double(Double(number) / 3)
        case .string(let text):
            return .string(random.once(in: 2) ? text + text : String(text.dropFirst()))
        default:
            return donor
        }
    }
}
