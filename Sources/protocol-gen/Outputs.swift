import JSON

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The generated files, and those that lie where they belong.
struct Outputs {
    let root: String
    /// Texts by path, relative to the project.
    let files: [String: String]

    private static let swiftFolder = "Sources/HostProtocol/Generated"

    static func files(of law: Law, root: String) throws -> [String: String] {
        var files: [String: String] = [:]
        for file in SwiftOutput(law: law).files { files["\(swiftFolder)/\(file.name)"] = file.text }
        let openRPC = OpenRPCOutput(law: law)
        files["\(swiftFolder)/OpenRPC.swift"] = openRPC.swiftText
        files["protocol/openrpc.json"] = openRPC.text
        files["protocol/schema.json"] = SchemaOutput(law: law).text
        let page = MethodsPage(law: law, examples: try examples(of: law, root: root))
        files["protocol/methods.md"] = page.text
        return files
    }

    /// The first request of each method, in the order of names, with its reply.
    private static func examples(of law: Law, root: String) throws -> [String: [JSON]] {
        var examples: [String: [JSON]] = [:]
        for method in law.methods {
            let folder = "\(root)/protocol/examples/\(method.name)"
            let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
            let kinds = method.isNotification ? [".notification.json"] : [".request.json", ".reply.json"]
            examples[method.name] = try kinds.compactMap { kind in
                guard let name = names.first(where: { $0.hasSuffix(kind) }) else { return nil }
                return try JSON(parsing: String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8))
            }
        }
        return examples
    }

    /// Paths whose file is missing, differs, or is not made any more.
    var differing: [String] {
        (files.filter { text(at: $0.key) != $0.value }.map(\.key) + stale).sorted()
    }

    /// Writes what differs and removes what is not made any more.
    func write() throws -> [String] {
        let paths = differing
        try FileManager.default.createDirectory(
            atPath: "\(root)/\(Self.swiftFolder)", withIntermediateDirectories: true)
        for path in paths {
            if let text = files[path] {
                try text.write(toFile: "\(root)/\(path)", atomically: true, encoding: .utf8)
            } else {
                try FileManager.default.removeItem(atPath: "\(root)/\(path)")
            }
        }
        return paths
    }

    private var stale: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(Self.swiftFolder)")) ?? []
        return names.map { "\(Self.swiftFolder)/\($0)" }.filter { files[$0] == nil }
    }

    private func text(at path: String) -> String? {
        try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
    }
}
