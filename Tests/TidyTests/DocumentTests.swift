import Foundation
import Testing

/// Documents keep their form, and their links lead somewhere.
@Suite struct DocumentTests {
    static let documents =
        SourceTree.topLevel.filter { $0.name.hasSuffix(".md") } + SourceTree.files(under: "docs", ["md"])
    static let decisions = documents.filter { $0.path.contains(/decisions\/\d{4}-/) }

    static let sections = ["## Context", "## Decision", "## Measured", "## Consequences"]

    static func incomplete(_ page: SourceFile) -> [String] {
        let headings = page.lines.filter { $0.hasPrefix("#") }.map(String.init)
        let number = page.name.prefix(4)
        var missing: [String] = []
        if headings.first?.hasPrefix("# \(number). ") != true { missing.append("a title '# \(number). ...'") }
        if !page.lines.contains(where: { $0.hasPrefix("Status: ") }) { missing.append("a line 'Status: ...'") }
        if headings.filter({ $0.hasPrefix("## ") }) != sections { missing.append("the sections in their order") }
        return missing.map { "\(page.path): needs \($0)" }
    }

    @Test func decisionPagesAreComplete() {
        #expect(Self.decisions.flatMap(Self.incomplete) == [])
        let sample = SourceFile(path: "docs/decisions/0009-x.md", text: "# 9. X\n\n## Context\n")
        #expect(Self.incomplete(sample).count == 3)
    }

    @Test func decisionPagesAreNumberedOnce() {
        let numbers = Self.decisions.map { $0.name.prefix(4) }
        #expect(numbers.count > 5)
        #expect(Set(numbers).count == numbers.count)
    }

    @Test func everyDecisionIsInTheirList() throws {
        let list = try #require(Self.documents.first { $0.path == "docs/decisions/README.md" })
        #expect(Self.decisions.filter { !list.text.contains("(\($0.name))") }.map(\.path) == [])
    }

    static func deadLinks(_ page: SourceFile) -> [String] {
        let folder = SourceTree.root.appending(path: page.path).deletingLastPathComponent()
        return page.text.matches(of: /\]\(([^)#\s]+)[^)]*\)/).map { String($0.1) }
            .filter { !$0.contains("://") && !FileManager.default.fileExists(atPath: folder.appending(path: $0).path) }
            .map { "\(page.path): no \($0)" }
    }

    @Test func linksLeadSomewhere() {
        #expect(Self.documents.flatMap(Self.deadLinks) == [])
        #expect(Self.deadLinks(SourceFile(path: "README.md", text: "[a](nowhere.md) [b](dev)")).count == 1)
    }
}
