import Foundation
import HostProtocol
import JSON
import ProtocolCases
import Testing

/// The generated documents.
@Suite struct DocumentTests {
    func file(_ name: String) throws -> JSON {
        let url = LawFile.projectRoot.appending(path: "protocol/\(name)")
        return try JSON(parsing: String(contentsOf: url, encoding: .utf8))
    }

    @Test func theBinaryHoldsTheOpenRPCDocument() throws {
        let embedded = Wire.openRPCDocument.withUTF8Buffer { Array($0) }
        #expect(try JSON.parse(embedded) == file("openrpc.json"))
    }

    @Test func everyReferenceLeadsSomewhere() throws {
        for name in ["openrpc.json", "schema.json"] {
            let document = try file(name)
            let references = Set(Self.references(document))
            #expect(references.count > 30)
            for reference in references {
                let steps = reference.split(separator: "/").dropFirst().map(String.init)
                #expect(steps.reduce(document) { $0[$1] ?? nil } != nil, "\(name): \(reference)")
            }
        }
    }

    static func references(_ json: JSON) -> [String] {
        switch json {
        case .object(let object):
            object.flatMap { key, value in
                key == "$ref" ? [value.stringValue ?? ""] : references(value)
            }
        case .array(let elements): elements.flatMap(references)
        default: []
        }
    }

    @Test func theDocumentNamesEveryMethodInOrder() throws {
        let methods = try file("openrpc.json")["methods"]?.arrayValue ?? []
        #expect(methods.compactMap { $0["name"]?.stringValue } == Wire.Method.allCases.map(\.rawValue))
        #expect(methods.allSatisfy { $0["paramStructure"] == "by-name" })
    }
}
