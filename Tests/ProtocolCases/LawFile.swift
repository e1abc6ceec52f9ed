package import Foundation
package import JSON

/// `protocol/protocol.json` as far as requests go, read straight from the file: not through the generator, whose work
/// is what is tested.
package struct LawFile {
    package struct Method {
        package let name: String
        package let fields: [(name: String, field: JSON)]
        /// The rules that stand beside the fields: `one_of`, `any_of`, `variants`.
        package let rules: JSON
        package let isNotification: Bool
        package let result: String?
    }

    package static let projectRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    package let root: JSON
    package let methods: [Method]
    let types: [String: JSON]

    package init() throws {
        let url = Self.projectRoot.appending(path: "protocol/protocol.json")
        root = try JSON(parsing: String(contentsOf: url, encoding: .utf8))
        var types: [String: JSON] = [:]
        for (_, group) in root["types"]?.objectValue ?? [:] {
            for (name, type) in group.objectValue ?? [:] { types[name] = type }
        }
        self.types = types
        let fragments = root["fragments"]
        methods = (root["methods"]?.objectValue ?? [:]).map { name, method in
            let shared = method["params_type"]?.stringValue.flatMap { types[$0] }
            var fields = Self.members(shared?["fields"] ?? method["params"])
            for fragment in method["with"]?.arrayValue ?? [] {
                fields += Self.members(fragments?[fragment.stringValue ?? ""])
            }
            return Method(
                name: name, fields: fields, rules: method, isNotification: method["notification"] == true,
                result: method["result"]?.stringValue)
        }
    }

    static func members(_ json: JSON?) -> [(name: String, field: JSON)] {
        (json?.objectValue ?? [:]).map { ($0.key, $0.value) }
    }

    func words(_ type: String) -> [String]? {
        type == "EventType" ? root["events"]?.objectValue?.keys : root["enums"]?[type]?["values"]?.objectValue?.keys
    }

    func prefix(_ type: String) -> String? { root["ids"]?[type]?["prefix"]?.stringValue }
}
