// swift-tools-version: 6.1
import PackageDescription

/// One place for the settings that every Swift target shares: language mode 6 comes from the tools version.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .unsafeFlags(["-warnings-as-errors"]),
]

/// What is part of the host leaves the regular expressions of the standard library out: docs/decisions/0008.
let lean: [SwiftSetting] =
    strict + [.unsafeFlags(["-Xfrontend", "-disable-implicit-string-processing-module-import"])]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: lean)
}

func tool(_ name: String, _ dependencies: [Target.Dependency], _ settings: [SwiftSetting] = strict) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

let package = Package(
    name: "agenthost",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "agenthost", targets: ["agenthost"])],
    targets: [
        // C
        .target(name: "CSystem", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

        // Pure
        .target(
            name: "JSON", swiftSettings: lean,
            // Rounding a double is a call into libm, which nothing else would pull in without Glibc imported.
            linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
        module("JSONRPC", ["JSON"]),
        module("AgentModel", ["JSON"]),
        module("AgentEngine", ["AgentModel", "JSON"]),
        module("MemorySearch", ["JSON"]),
        module("HostProtocol", ["JSON", "JSONRPC"]),

        // Contracts
        module("Store", ["AgentModel", "JSON", "MemorySearch"]),
        module("StoreConformance", ["Store", "AgentModel", "JSON"]),
        module("Driver", ["AgentModel", "JSON"]),
        module("DriverConformance", ["Driver", "AgentModel", "JSON", "CSystem"]),

        // Leaves
        module("StoreSQLite", ["Store", "AgentModel", "JSON", "MemorySearch", "CSQLite", "CSystem"]),
        module("Databases", ["AgentModel", "JSON", "CSQLite", "CSystem"]),
        module("DriverAnalyst", ["Driver", "AgentModel", "JSON", "Databases", "MemorySearch"]),
        module("DriverCLI", ["Driver", "AgentModel", "JSON"]),
        module("DriverACP", ["Driver", "AgentModel", "JSON"]),

        // The host
        module(
            "HostCore",
            [
                "AgentEngine", "AgentModel", "CSystem", "Databases", "Driver", "HostProtocol", "JSON", "JSONRPC",
                "MemorySearch", "Store",
            ]),
        tool(
            "agenthost",
            [
                "AgentModel", "CSystem", "Databases", "Driver", "DriverACP", "DriverAnalyst", "DriverCLI", "HostCore",
                "HostProtocol", "JSON", "JSONRPC", "Store", "StoreSQLite",
            ], lean),
        tool("protocol-gen", ["JSON"]),
        tool("fake-agent", ["AgentModel", "Driver", "JSON"]),
        tool("fuzz", ["JSON", "JSONRPC"]),
        tool("memory-bench", ["AgentModel", "JSON", "Store", "StoreSQLite"]),
        tool("sample-shop", ["CSQLite"]),
        tool("demo", ["CSystem", "JSON"]),

        // Tests
        tests("CSystemTests", ["CSystem"]),
        tests("JSONTests", ["JSON"]),
        tests("JSONRPCTests", ["JSON", "JSONRPC"]),
        tests("AgentModelTests", ["AgentModel", "JSON"]),
        tests("AgentEngineTests", ["AgentEngine", "AgentModel", "JSON"]),
        tests("MemorySearchTests", ["MemorySearch", "JSON"]),
        .target(name: "ProtocolCases", dependencies: ["JSON"], path: "Tests/ProtocolCases", swiftSettings: strict),
        tests("HostProtocolTests", ["AgentModel", "HostProtocol", "JSON", "JSONRPC", "ProtocolCases"]),
        .executableTarget(
            name: "store-probe", dependencies: ["AgentModel", "JSON", "Store", "StoreConformance", "StoreSQLite"],
            path: "Tests/StoreProbe", swiftSettings: strict),
        tests(
            "StoreSQLiteTests",
            [
                "Store", "StoreConformance", "StoreSQLite", "AgentModel", "JSON", "MemorySearch", "CSQLite", "CSystem",
                "store-probe",
            ]),
        tests("DatabasesTests", ["Databases", "AgentModel", "JSON", "CSQLite", "CSystem"]),
        tests(
            "DriverTests",
            ["Driver", "DriverACP", "DriverCLI", "DriverConformance", "AgentModel", "JSON", "CSystem", "fake-agent"]),
        tests("DriverAnalystTests", ["DriverAnalyst", "Databases", "Driver", "AgentModel", "JSON", "CSQLite"]),
        tests(
            "HostCoreTests",
            [
                "AgentEngine", "AgentModel", "CSystem", "Driver", "DriverCLI", "HostCore", "HostProtocol", "JSON",
                "JSONRPC", "Store", "StoreSQLite", "fake-agent",
            ]),
        tests(
            "SimulatorTests",
            ["AgentEngine", "AgentModel", "CSystem", "Driver", "HostCore", "JSON", "Store", "StoreSQLite"]),
        tests(
            "HostStdioTests",
            ["JSON", "HostProtocol", "ProtocolCases", "CSystem", "CSQLite", "agenthost", "fake-agent"]),
        tests("CommandLineTests", ["agenthost", "fake-agent", "sample-shop", "JSON"]),
        tests("HostCrashTests", ["JSON", "CSystem", "CSQLite", "agenthost", "fake-agent"]),
        tests("SampleShopTests", ["sample-shop", "CSQLite"]),
        tests("TidyTests", ["JSON"]),
    ],
    cLanguageStandard: .gnu11
)
