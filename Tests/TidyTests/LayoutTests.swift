import Foundation
import Testing

/// Where things lie, and how long they may grow.
@Suite struct LayoutTests {
    static let handwritten = (SourceTree.sources + SourceTree.tests + SourceTree.c).filter { !$0.isGenerated }

    static let columns = 120
    static let linesMax = 600

    /// What stands in a string literal does not count: it cannot be broken up.
    static func tooLong(_ file: SourceFile) -> [String] {
        let wide = file.lines.enumerated()
            .filter { $0.element.count > columns && !fitsWithoutStrings(file, $0.offset) }
            .map { "\(file.path):\($0.offset + 1): \($0.element.count) columns" }
        return file.lines.count > linesMax ? wide + ["\(file.path): \(file.lines.count) lines"] : wide
    }

    private static func fitsWithoutStrings(_ file: SourceFile, _ line: Int) -> Bool {
        let isComment = file.lines[line].drop { $0 == " " }.hasPrefix("//")
        return !isComment && file.codeLines.indices.contains(line) && file.codeLines[line].count <= columns
    }

    @Test func filesAreShort() {
        #expect(Self.handwritten.flatMap(Self.tooLong) == [])
        let long = SourceFile(path: "A.swift", text: String(repeating: "//\n", count: 601))
        let wide = SourceFile(path: "A.swift", text: "//" + String(repeating: "-", count: 119))
        #expect([long, wide].flatMap(Self.tooLong).count == 2)
    }

    static let namesThatSayNothing: Set<String> = ["utils", "util", "helpers", "common", "misc", "new", "old", "v2"]

    static func saysNothing(_ file: SourceFile) -> Bool {
        let stem = file.name.prefix { $0 != "." }
        return (file.folders + [stem]).contains { namesThatSayNothing.contains($0.lowercased()) }
    }

    @Test func namesSayWhatIsInside() {
        #expect((Self.handwritten + SourceTree.texts).filter(Self.saysNothing).map(\.path) == [])
        #expect(Self.saysNothing(SourceFile(path: "Sources/HostCore/Utils/Text.swift", text: "")))
        #expect(Self.saysNothing(SourceFile(path: "Sources/HostCore/Helpers.swift", text: "")))
    }

    @Test func generatedFilesSayHowTheyAreMade() {
        let generated = SourceTree.sources.filter { $0.folders.contains("Generated") }
        #expect(generated.filter { !$0.isGenerated }.map(\.path) == [])
    }

    static let marks = ["TODO", "FIXME"]

    static func unfinished(_ file: SourceFile) -> [String] {
        file.lines.enumerated().filter { line in marks.contains { line.element.contains($0) } }
            .map { "\(file.path):\($0.offset + 1): unfinished" }
    }

    @Test func nothingIsLeftForLater() {
        let own = "Tests/TidyTests/LayoutTests.swift"
        #expect(
            (SourceTree.sources + SourceTree.tests + SourceTree.c).filter { $0.path != own }.flatMap(Self.unfinished)
                == [])
        #expect(Self.unfinished(SourceFile(path: "A.swift", text: "// TODO: the rest")).count == 1)
    }

    /// A contract that others implement says what it promises.
    static func undocumented(_ file: SourceFile) -> [String] {
        zip(file.lines.enumerated(), [""] + file.lines).compactMap { line, above in
            let declares = ["package protocol ", "public protocol "].contains(where: line.element.hasPrefix)
            return declares && !above.hasPrefix("///") && !above.hasPrefix("@")
                ? "\(file.path):\(line.offset + 1): a contract without a doc comment" : nil
        }
    }

    @Test func contractsAreDocumented() {
        #expect(SourceTree.sources.flatMap(Self.undocumented) == [])
        #expect(Self.undocumented(SourceFile(path: "A.swift", text: "package protocol Store {}")).count == 1)
    }
}
