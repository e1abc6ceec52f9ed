import AgentEngine
import Testing

@Suite struct GlobPatternTests {
    @Test(arguments: [
        ("", "", true), ("", "a", false), ("a", "a", true), ("a", "ab", false), ("*", "", true), ("*", "abc", true),
        ("*", "a/b", false), ("**", "a/b/c", true), ("src/*.swift", "src/a.swift", true),
        ("src/*.swift", "src/a/b.swift", false), ("src/**.swift", "src/a/b.swift", true), ("src/**", "src/", true),
        ("src/**", "src", false), ("?", "é", true), ("?", "", false), ("?", "/", false), ("a?c", "abc", true),
        ("mcp__*__read", "mcp__files__read", true), ("***", "a/b", true), ("*a*", "bab", true), ("*a*b", "aab", true),
    ])
    func aPatternFitsAWhole(_ pattern: String, _ text: String, _ fits: Bool) {
        #expect(GlobPattern(pattern).matches(text) == fits)
    }

    @Test func itAgreesWithTheNaiveMatcher() {
        var random = SeededRandom(seed: 1)
        let letters: [Character] = ["a", "b", "/", "*", "?", "é"]
        for _ in 0..<5000 {
            let pattern = String((0..<random.below(7)).map { _ in letters[random.below(6)] })
            let text = String(
                (0..<random.below(7)).map { _ in letters[random.below(3) + (random.below(9) == 0 ? 3 : 0)] })
            let naive = Self.fits(Array(pattern), Array(text))
            #expect(GlobPattern(pattern).matches(text) == naive, "\(pattern) on \(text)")
        }
    }

    /// No pattern makes it slow: this would take longer than the universe has if it tried every way.
    @Test func aPatternOfManyStarsEnds() {
        let pattern = String(repeating: "*a", count: 200)
        #expect(!GlobPattern(pattern).matches(String(repeating: "a", count: 199) + String(repeating: "b", count: 4000)))
    }

    private static func fits(_ pattern: [Character], _ text: [Character]) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = Array(pattern.dropFirst())
        switch first {
        case "*" where rest.first == "*":
            let more = Array(rest.drop { $0 == "*" })
            return (0...text.count).contains { fits(more, Array(text.dropFirst($0))) }
        case "*":
            let reach = text.firstIndex(of: "/") ?? text.count
            return (0...reach).contains { fits(rest, Array(text.dropFirst($0))) }
        case "?": return text.first.map { $0 != "/" } ?? false && fits(rest, Array(text.dropFirst()))
        default: return text.first == first && fits(rest, Array(text.dropFirst()))
        }
    }
}
