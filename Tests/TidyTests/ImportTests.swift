import Testing

/// Which module may import which: arrows point one way, and leaves know nothing of each other. A module's row is the
/// law of where its code may reach; a new module gets a row here, and a page in `docs/decisions` if it adds an arrow
/// between existing ones.
@Suite struct ImportTests {
    /// Without clock, descriptors, threads: these import what their row names and nothing of the system.
    static let pure: [String: Set<String>] = [
        "JSON": [],
        "JSONRPC": ["JSON"],
        "AgentModel": ["JSON"],
        "AgentEngine": ["AgentModel", "JSON"],
        "MemorySearch": ["JSON"],
        "HostProtocol": ["JSON", "JSONRPC"],
    ]

    static let contracts: [String: Set<String>] = [
        "Store": ["AgentModel", "JSON", "MemorySearch"],
        "StoreConformance": ["Store", "AgentModel", "JSON"],
        "Driver": ["AgentModel", "JSON"],
        "DriverConformance": ["Driver", "AgentModel", "JSON", "CSystem"],
    ]

    static let leaves: [String: Set<String>] = [
        "StoreSQLite": ["Store", "AgentModel", "JSON", "MemorySearch", "CSQLite", "CSystem"],
        "Databases": ["AgentModel", "JSON", "CSQLite", "CSystem"],
        "DriverAnalyst": ["Driver", "AgentModel", "JSON", "Databases", "MemorySearch"],
        "DriverCLI": ["Driver", "AgentModel", "JSON"],
        "DriverACP": ["Driver", "AgentModel", "JSON"],
    ]

    static let host: [String: Set<String>] = [
        "HostCore": [
            "AgentEngine", "AgentModel", "CSystem", "Databases", "Driver", "HostProtocol", "JSON", "JSONRPC",
            "MemorySearch", "Store",
        ]
    ]

    /// Executables: they wire, so they may name the leaves.
    static let tools: [String: Set<String>] = [
        "agenthost": [
            "AgentModel", "CSystem", "Databases", "Driver", "DriverACP", "DriverAnalyst", "DriverCLI", "HostCore",
            "HostProtocol", "JSON", "JSONRPC", "Store", "StoreSQLite",
        ],
        "protocol-gen": ["JSON"],
        "fake-agent": ["AgentModel", "Driver", "JSON"],
        "fuzz": ["JSON", "JSONRPC"],
        "memory-bench": ["AgentModel", "JSON", "Store", "StoreSQLite"],
        "sample-shop": ["CSQLite"],
        "demo": ["CSystem", "JSON"],
    ]

    static let ofTheSystem: Set<String> = ["Glibc", "Darwin", "Musl", "Synchronization", "FoundationEssentials"]

    static let table = [pure, contracts, leaves, host, tools].reduce(into: [:]) { $0.merge($1) { first, _ in first } }

    /// The modules that a line imports, with whatever attributes, access level and kind of declaration.
    static func imports(_ line: Substring) -> String? {
        let pattern = /^\s*(?:@\S+\s+)*(?:\w+\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let)\s+)?(\w+)/
        return line.firstMatch(of: pattern).map { String($0.1) }
    }

    /// Where the system has no FoundationEssentials of its own, Foundation stands for it: the `#else` of its import.
    private static func isForApple(_ lines: [Substring], _ place: Int) -> Bool {
        place > 1 && imports(lines[place]) == "Foundation" && lines[place - 1].hasPrefix("#else")
            && imports(lines[place - 2]) == "FoundationEssentials"
    }

    static func violations(in files: [SourceFile]) -> [String] {
        files.flatMap { file -> [String] in
            guard let own = table[file.module] else { return ["\(file.path): no row for module \(file.module)"] }
            let allowed = pure.keys.contains(file.module) ? own : own.union(ofTheSystem)
            let all = file.codeLines.filter { $0.contains("import") || $0.contains("#else") }
            return all.indices.filter { !isForApple(all, $0) }.compactMap { imports(all[$0]) }
                .filter { !allowed.contains($0) }.map { "\(file.path): \(file.module) may not import \($0)" }
        }
    }

    @Test func everyModuleImportsOnlyWhatItsRowAllows() {
        #expect(SourceTree.sources.count > 20)
        #expect(Self.violations(in: SourceTree.sources) == [])
    }

    @Test func leavesDoNotKnowEachOther() {
        // The analyst works on databases: that one is drawn in the design.
        let among = Set(Self.leaves.keys).subtracting(["Databases"])
        for (leaf, row) in Self.leaves {
            #expect(row.isDisjoint(with: among), "\(leaf)")
        }
        #expect(Self.host["HostCore"]?.isDisjoint(with: among) == true)
    }

    @Test func arrowsPointOneWay() {
        var settled = Set(["CSQLite", "CSystem"])
        var waiting = Self.table
        while let next = waiting.first(where: { $0.value.isSubset(of: settled) }) {
            settled.insert(next.key)
            waiting[next.key] = nil
        }
        #expect(waiting.keys.sorted() == [], "these import each other in a circle")
    }

    @Test(arguments: [
        "import Foundation", "package import HostCore", "@testable import Store", "import struct Glibc.stat",
    ])
    func aPureModuleIsRefused(line: String) {
        let file = SourceFile(path: "Sources/AgentModel/Clock.swift", text: line + "\n")
        #expect(Self.violations(in: [file]).count == 1)
    }
}
