import Testing

/// Calls that must not be written, each for a reason that was measured or a fault that was seen.
@Suite struct CallTests {
    struct Rule {
        let name: String
        let pattern: Regex<AnyRegexOutput>
        let why: String
        var applies: @Sendable (SourceFile) -> Bool = { _ in true }
        /// A line that the rule must find, and one that it must leave alone.
        let bad: String
        let good: String
    }

    /// Programs whose stdout is theirs to write to.
    static let writers: Set<String> = [
        "agenthost", "protocol-gen", "fake-agent", "fuzz", "memory-bench", "sample-shop", "demo",
    ]

    static var rules: [Rule] {
        [
            Rule(
                name: "trapping try", pattern: Regex(/\b(try|as)!/), why: "a trap ends every session of the host",
                bad: "let a = try! read()", good: "let a = try read() != nil"),
            Rule(
                name: "fatalError", pattern: Regex(/\bfatalError\(/),
                why: "a trap ends every session of the host",
                bad: "default: fatalError()", good: "default: throw fatal(\"fatalError()\")"),
            Rule(
                name: "print", pattern: Regex(/\b(print|debugPrint|dump)\(/),
                why: "nothing but protocol lines may reach stdout",
                applies: { !writers.contains($0.module) }, bad: "print(line)", good: "footprint(line)  // print(line)"),
            Rule(
                name: "Foundation.Process", pattern: Regex(/\bProcess\(\)/),
                why: "slow to notice an exit, hangs on grandchildren: CSystem spawns",
                bad: "let child = Process()", good: "let child = ChildProcess()"),
            Rule(
                name: "awaiting core", pattern: Regex(/\b(await|async)\b/),
                why: "the core never awaits: one thread owns its state",
                applies: { ImportTests.pure.keys.contains($0.module) || $0.module == "HostCore" },
                bad: "func f() async {}", good: "func asyncStart() {}"),
            Rule(
                name: "open in the store",
                pattern: Regex(/(^|[=(,!{:?]|\btry|\breturn|\bGlibc\.|\bDarwin\.)\s*(open|openat|creat|fopen)\(/),
                why: "closing a descriptor of our own drops SQLite's locks on the file",
                applies: { $0.module == "StoreSQLite" }, bad: "let file = open(path, O_RDONLY)",
                good: "func open() throws { try Connection.open(path) }"),
            Rule(
                name: "cancelled", pattern: Regex(/[Cc]ancel(ed|ing|ation)\b/), why: "British spelling, two l's",
                bad: "case canceled", good: "case cancelled"),
        ]
    }

    static func violations(of rule: Rule, in files: [SourceFile]) -> [String] {
        files.filter(rule.applies).flatMap { $0.findings(rule.pattern, "\(rule.name): \(rule.why)") }
    }

    @Test(arguments: rules.indices) func holdsInAllSources(rule: Int) {
        #expect(Self.violations(of: Self.rules[rule], in: SourceTree.sources) == [])
    }

    @Test(arguments: rules.indices) func findsWhatItForbids(index: Int) {
        let rule = Self.rules[index]
        let folder = rule.name == "open in the store" ? "StoreSQLite" : "HostCore"
        let file = { SourceFile(path: "Sources/\(folder)/Example.swift", text: $0) }
        #expect(Self.violations(of: rule, in: [file(rule.bad)]).count == 1, "\(rule.name)")
        #expect(Self.violations(of: rule, in: [file(rule.good)]) == [], "\(rule.name)")
    }

    /// `@unchecked Sendable` says why it is safe, in the comment above it.
    static func unexplained(in file: SourceFile) -> [String] {
        zip(file.codeLines.enumerated(), [""] + file.lines).compactMap { line, above in
            let comment = above.drop { $0 == " " }.hasPrefix("//")
            return line.element.contains("@unchecked Sendable") && !comment
                ? "\(file.path):\(line.offset + 1): @unchecked Sendable without a reason above it" : nil
        }
    }

    @Test func uncheckedSendableSaysWhy() {
        #expect(SourceTree.sources.flatMap(Self.unexplained) == [])
        let text = "final class A: @unchecked Sendable {}\n// One thread.\nfinal class B: @unchecked Sendable {}"
        #expect(Self.unexplained(in: SourceFile(path: "Sources/A/A.swift", text: text)).count == 1)
    }
}
