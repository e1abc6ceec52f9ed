import Foundation
import Testing

/// One word per thing, and no words that tie the project to a machine or a service.
@Suite struct WordTests {
    /// Words of the glossary's last column that have no honest use of their own here, and what to say instead.
    static let never = [
        "provider": "driver", "backend": "driver", "executor": "driver", "bot": "host", "job": "task",
        "pipeline": "workflow", "workspace": "project", "datasource": "connection", "attachment": "artifact",
        "approval": "permission", "canceled": "cancelled", "canceling": "cancelling", "cancelation": "cancellation",
    ]

    /// The words of a name in camel or snake case, in lower case.
    static func words(_ name: some StringProtocol) -> [String] {
        String(name).matches(of: /[A-Z]?[a-z]+|[A-Z]+(?![a-z])/).map { $0.output.lowercased() }
    }

    static func wrongWords(_ name: some StringProtocol) -> [String] {
        words(name).compactMap { word in never[word].map { "\(name): say \($0), not \(word)" } }
    }

    static func declaredNames(_ file: SourceFile) -> [Substring] {
        let declaring = file.codeLines.filter { line in ["package ", "public ", "case "].contains(where: line.contains)
        }
        return declaring.flatMap {
            $0.matches(of: /\b(?:package|public)\b.*?\b(?:func|var|let|struct|class|enum|protocol|typealias)\s+(\w+)/)
                .map(\.1) + $0.matches(of: /^\s*(?:indirect )?case\s+(\w+)/).map(\.1)
        }
    }

    @Test func namesUseTheGlossary() {
        let names = SourceTree.sources.flatMap { file in
            Self.declaredNames(file).flatMap { Self.wrongWords($0) }.map { "\(file.path): \($0)" }
        }
        #expect(names == [])
        let sample = SourceFile(path: "A.swift", text: "package struct ModelProvider {\n    case jobCanceled\n}")
        #expect(Self.declaredNames(sample).flatMap { Self.wrongWords($0) }.count == 3)
    }

    @Test func theWireUsesTheGlossary() throws {
        let law = SourceTree.root.appending(path: "protocol/protocol.json")
        guard let text = try? String(contentsOf: law, encoding: .utf8) else { return }
        let keys =
            text.matches(of: /"([a-z_.A-Z]+)"\s*:/).map(\.1) + text.matches(of: /"name"\s*:\s*"([\w.]+)"/).map(\.1)
        #expect(keys.count > 20)
        #expect(Set(keys).sorted().flatMap { Self.wrongWords($0) } == [])
    }

    /// Places that the tree may point at: specifications, licences, reserved names, this machine.
    static let places: Set<String> = [
        "127.0.0.1", "localhost", "agentclientprotocol.com", "apache.org", "docs.kernel.org", "example.com",
        "example.org", "json-schema.org", "jsonrpc.org", "keepachangelog.com", "meta.open-rpc.org",
        "modelcontextprotocol.io", "open-rpc.org", "postgresql.org", "rfc-editor.org", "semver.org",
        "snowballstem.org", "spec.open-rpc.org", "sqlite.org", "swift.org", "typesense.org", "unicode.org", "w3.org",
    ]

    static func foreignPlaces(_ file: SourceFile) -> [String] {
        file.text.matches(of: /https?:\/\/([A-Za-z0-9.\-]+)/).compactMap { match in
            let host = match.1.hasPrefix("www.") ? match.1.dropFirst(4) : match.1
            return places.contains(String(host)) || host.hasSuffix(".example") ? nil : "\(file.path): \(match.1)"
        }
    }

    @Test func onlyKnownPlacesAreNamed() {
        #expect(SourceTree.texts.flatMap(Self.foreignPlaces) == [])
        let sample = SourceFile(path: "a.md", text: "[a](https://www.swift.org) [b](http://\("elsewhere.net")/x)")
        #expect(Self.foreignPlaces(sample).count == 1)
    }

    static func machinePaths(_ file: SourceFile) -> [String] {
        let own = [SourceTree.root.path + "/", "/" + "root/"]
        return own.filter(file.text.contains).map { "\(file.path): names \($0)" }
    }

    @Test func noPathOfOneMachineIsNamed() {
        #expect(SourceTree.texts.flatMap(Self.machinePaths) == [])
        let sample = SourceFile(path: "a.md", text: "see \(SourceTree.root.path)/dev")
        #expect(Self.machinePaths(sample).count == 1)
    }
}
