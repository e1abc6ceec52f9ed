import HostProtocol
import JSON
import JSONRPC
import ProtocolCases
import Testing

/// Every method and every field of `protocol.json`: what has to be refused and how, what has to pass.
@Suite struct CaseTests {
    static let law = try? LawFile()
    static let methods = Wire.Method.allCases.map(\.rawValue)

    func method(_ name: String) throws -> (law: LawFile, method: LawFile.Method, wire: Wire.Method) {
        let law = try #require(Self.law)
        let method = try #require(law.methods.first { $0.name == name })
        return (law, method, try #require(Wire.Method(rawValue: name)))
    }

    @Test func theTableOfMethodsIsTheLaws() throws {
        let law = try #require(Self.law)
        #expect(law.methods.map(\.name) == Self.methods)
        #expect(law.methods.filter(\.isNotification).map(\.name) == ["rpc.cancel"])
    }

    @Test(arguments: methods) func whatIsWrongIsRefusedByItsPath(name: String) throws {
        let (law, method, wire) = try method(name)
        for sample in law.invalidCases(method) {
            let error = #expect(throws: InvalidParams.self, "\(sample): \(sample.params.description.prefix(300))") {
                try wire.params(from: sample.params)
            }
            guard let error else { continue }
            #expect(error.path == sample.path, "\(sample): \(error.message)")
            #expect(!error.expected.isEmpty && !error.found.isEmpty, "\(sample)")
        }
    }

    @Test func theCasesAreMany() throws {
        let law = try #require(Self.law)
        let counts = Dictionary(uniqueKeysWithValues: law.methods.map { ($0.name, law.invalidCases($0).count) })
        #expect(counts.values.reduce(0, +) > 1500)
        #expect(counts["host.ping"] == 1)
        #expect((counts["task.execute"] ?? 0) > 150)
    }

    /// What was warned of, or why it was refused.
    func warnings(_ method: Wire.Method, _ sample: ValidCase) -> [String] {
        do {
            return try method.params(from: sample.params).warnings
        } catch {
            return ["refused: \(error.message)"]
        }
    }

    @Test(arguments: methods) func whatIsRightPasses(name: String) throws {
        let (law, method, wire) = try method(name)
        for sample in law.validCases(method) {
            #expect(warnings(wire, sample) == [], "\(sample)")
        }
    }

    @Test(arguments: methods) func unknownFieldsAreNamed(name: String) throws {
        let (law, method, wire) = try method(name)
        for sample in law.unknownFieldCases(method) {
            #expect(warnings(wire, sample) == sample.warnings, "\(sample)")
        }
    }

    @Test(arguments: methods) func defaultsAreTheLaws(name: String) throws {
        let (law, method, wire) = try method(name)
        let least = law.leastParams(method)
        let read = try wire.params(from: .object(least)).params.json
        for (field, definition) in method.fields where least[field] == nil {
            #expect(read[field] == definition["default"], "\(name): \(field)")
        }
    }

    @Test(arguments: methods) func lanesAreTheLaws(name: String) throws {
        let (_, method, wire) = try method(name)
        let lane = method.rules["lane"]
        #expect(wire.lane.access.rawValue == lane?["access"]?.stringValue)
        #expect(wire.lane.keys.map { JSON.string($0.field) } == lane?["by"]?.arrayValue ?? [])
        for key in wire.lane.keys {
            let type = method.fields.first { $0.name == key.field }?.field["type"]?.stringValue
            #expect(type == "\(key.kind.rawValue)_id")
        }
    }

    @Test func errorsAreTheLaws() throws {
        #expect(Set(Wire.ErrorCode.allCases.map(\.rawValue)) == Set(RPCError.Code.all.map(\.rawValue)))
        let errors = try #require(Self.law?.root["errors"]?.objectValue)
        #expect(Wire.ErrorCode.allCases.map(\.reason) == errors.keys)
        for code in Wire.ErrorCode.allCases {
            #expect(errors[code.reason]?["code"]?.intValue == code.rawValue)
            #expect(errors[code.reason]?["retryable"]?.boolValue == code.isRetryable)
            let spoken = RPCError.Code(rawValue: code.rawValue)
            #expect(spoken.reason == code.reason)
            #expect(spoken.isUsuallyRetryable == code.isRetryable)
        }
    }

    @Test func whatAnErrorCarriesIsTheLaws() throws {
        let holder: JSON = ["host_id": .string("host_\(LawFile.uuid)"), "pid": 7, "started_at": "2026-01-31T23:59:59Z"]
        var error = RPCError(
            .busy, "held", retryAfterMS: 100, detail: "d", path: "params.session_id", expected: "e", raw: [1],
            taskID: "task_\(LawFile.uuid)")
        error.holder = holder
        let data = try #require(error.json["data"])
        #expect(try Wire.ErrorData(lenient: data, root: "data").json == data)
    }
}
