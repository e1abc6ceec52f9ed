import Foundation
import HostProtocol
import JSON
import ProtocolCases
import Testing

/// The corpus in `protocol/examples`: it is what the types say, and the types read and write it without a loss.
@Suite struct ExampleTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let name: String
        let file: String
        let message: JSON

        var testDescription: String { "\(name)/\(file)" }
    }

    static let examples: [Example] = {
        let root = LawFile.projectRoot.appending(path: "protocol/examples")
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return folders.sorted().flatMap { folder -> [Example] in
            let inside = root.appending(path: folder)
            let files = (try? FileManager.default.contentsOfDirectory(atPath: inside.path)) ?? []
            return files.sorted().compactMap { file in
                guard let text = try? String(contentsOf: inside.appending(path: file), encoding: .utf8),
                    let message = try? JSON(parsing: text)
                else { return nil }
                return Example(name: folder, file: file, message: message)
            }
        }
    }()

    static let requests = examples.filter { Wire.Method(rawValue: $0.name) != nil && $0.message["method"] != nil }
    static let replies = examples.filter { $0.message["method"] == nil }
    static let notifications = examples.filter { Wire.Notification(rawValue: $0.name) != nil }

    func schema() throws -> SchemaValidator {
        let url = LawFile.projectRoot.appending(path: "protocol/schema.json")
        return SchemaValidator(root: try JSON(parsing: String(contentsOf: url, encoding: .utf8)))
    }

    /// The reply that goes with a request.
    func reply(_ request: Example) -> JSON? {
        let file = request.file.replacing(".request.json", with: ".reply.json")
        return Self.replies.first { $0.name == request.name && $0.file == file }?.message
    }

    @Test func everyMethodHasItsExamples() {
        let names = Set(Self.examples.map(\.name))
        let all = Wire.Method.allCases.map(\.rawValue) + Wire.Notification.allCases.map(\.rawValue)
        #expect(names == Set(all + Wire.HostRequest.allCases.map(\.rawValue)))
        for method in Wire.Method.allCases where !method.isNotification {
            let own = Self.requests.filter { $0.name == method.rawValue }
            #expect(own.contains { reply($0)?["result"] != nil }, "\(method.rawValue)")
            #expect(own.allSatisfy { reply($0)?["id"] == $0.message["id"] }, "\(method.rawValue)")
        }
    }

    @Test func everyEventTypeHasAnExample() {
        let types = Set(Self.notifications.compactMap { $0.message["params"]?["type"]?.stringValue })
        #expect(types == Set(Wire.EventType.allKnown.map(\.rawValue)))
    }

    @Test(arguments: requests) func requestsAreRead(example: Example) throws {
        let method = try #require(Wire.Method(rawValue: example.name))
        #expect(example.message["method"] == .string(example.name))
        let params = example.message["params"]
        let problems = try schema().problems(params ?? [:], try method.schemaName())
        guard let refusal = reply(example)?["error"], refusal["data"]?["reason"] == "invalid_params" else {
            let decoded = try method.params(from: params)
            #expect(decoded.warnings == [])
            #expect(problems == [])
            // Written again, nothing that was said is lost; defaults are added.
            for (key, value) in params?.objectValue ?? [:] where !(value.isNull && method != .sessionUpdate) {
                #expect(decoded.params.json[key] == value || value.objectValue != nil, "\(key)")
            }
            return
        }
        let error = #expect(throws: InvalidParams.self) { try method.params(from: params) }
        #expect(error.map { JSON.string($0.message) } == refusal["message"])
        #expect(error.map { JSON.string($0.path) } == refusal["data"]?["path"])
        #expect(error.map { JSON.string($0.expected) } == refusal["data"]?["expected"])
    }

    @Test(arguments: replies) func repliesAreReadAndWritten(example: Example) throws {
        #expect(example.message["jsonrpc"] == "2.0")
        if let error = example.message["error"] {
            let code = try #require(error["code"]?.intValue.flatMap(Wire.ErrorCode.init(rawValue:)))
            let data = try Wire.ErrorData(lenient: try #require(error["data"]), root: "data")
            #expect(data.json == error["data"])
            #expect(([code.reason] + code.finerReasons).contains(data.reason))
            #expect(try schema().problems(data.json, "ErrorData") == [])
        } else if let method = Wire.Method(rawValue: example.name) {
            let result = try #require(example.message["result"])
            #expect(try method.result(from: result).json == result)
            guard let name = try method.resultSchemaName() else { return }
            #expect(try schema().problems(result, name) == [])
        } else {
            let result = try #require(example.message["result"])
            #expect(try Wire.PermissionAnswer(lenient: result).json == result)
            #expect(try schema().problems(result, "PermissionAnswer") == [])
        }
    }

    @Test(arguments: notifications) func notificationsAreReadAndWritten(example: Example) throws {
        let notification = try #require(Wire.Notification(rawValue: example.name))
        let params = try #require(example.message["params"])
        #expect(try notification.params(from: params).json == params)
        guard notification != .hostProgress else {
            return #expect(try schema().problems(params, "HostProgress") == [])
        }
        let event = try Wire.LiveEvent(lenient: params)
        let data = try #require(try event.type.data(from: .object(event.data)))
        #expect(data.json == .object(event.data))
        #expect(try schema().problems(params, "LiveEvent") == [])
        let law = try LawFile()
        let shape = try #require(law.root["events"]?[event.type.rawValue]?["data"]?.stringValue)
        #expect(try schema().problems(data.json, shape) == [])
        #expect((event.seq == nil) == Wire.EventType.liveOnly.contains(event.type))
    }

    @Test func askingTheClientIsReadAndWritten() throws {
        let asks = Self.examples.filter { $0.name == "permission.request" && $0.message["method"] != nil }
        #expect(!asks.isEmpty)
        for ask in asks {
            let params = try #require(ask.message["params"])
            #expect(try Wire.HostRequest.permissionRequest.params(from: params).json == params)
            #expect(try schema().problems(params, "PermissionRequest") == [])
        }
    }

    @Test func theSchemaRefusesWhatTheTypesRefuse() throws {
        let schema = try schema()
        let law = try LawFile()
        for method in law.methods {
            let wire = try #require(Wire.Method(rawValue: method.name))
            let name = try wire.schemaName()
            #expect(schema.problems(.object(law.leastParams(method)), name) == [])
            for sample in law.invalidCases(method) where !Self.isBeyondSchema(sample) {
                #expect(schema.problems(sample.params, name) != [], "\(sample)")
            }
        }
    }

    /// Formats of times and paths, and integers beyond 64 bits, are not written in the schema.
    static func isBeyondSchema(_ sample: InvalidCase) -> Bool {
        sample.what.contains("too large for 64 bits")
            || sample.what.contains("is \"")
                && ["from", "to", "at", "expires_at", "valid_from", "valid_to", "path", "working_dir"].contains {
                    sample.path.hasSuffix(".\($0)")
                }
    }
}

extension Wire.Method {
    /// The definition of its parameters in `schema.json`.
    func schemaName() throws -> String {
        let law = try LawFile().root["methods"]?[rawValue]
        let words = rawValue.split(separator: ".").map { $0.prefix(1).uppercased() + $0.dropFirst() }
        return law?["params_type"]?.stringValue ?? words.joined() + "Params"
    }

    func resultSchemaName() throws -> String? {
        let name = try LawFile().root["methods"]?[rawValue]?["result"]?.stringValue
        return name == "object" ? nil : name
    }
}
