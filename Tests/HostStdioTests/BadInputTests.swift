import Foundation
import JSON
import ProtocolCases
import Testing

/// Every method and every field of `protocol.json`, wrong in every way, against a running host.
@Suite struct BadInputTests {
    /// What nothing may have changed.
    private func state(_ host: HostProcess) throws -> [JSON] {
        let stats = try host.call("session.stats")
        let connections = try host.call("connection.list")
        let usage = try host.call("usage.summary")
        return [stats, connections, usage]
    }

    /// A host with something in it to be damaged.
    private func furnished() throws -> HostProcess {
        let host = try HostProcess()
        let session = try host.call("session.create", ["title": "There already"])
        _ = try host.call("task.execute", ["session_id": session["id"] ?? .null, "prompt": "hello", "stream": false])
        _ = try host.call("connection.create", ["name": "shop", "dialect": "sqlite", "path": "/nonexistent/shop.db"])
        return host
    }

    /// Sends all requests, a handful at a time, and returns their replies in order.
    private func replies(_ host: HostProcess, _ requests: [(method: String, params: JSON)]) throws -> [JSON] {
        var replies: [JSON] = []
        for start in stride(from: 0, to: requests.count, by: 50) {
            let part = requests[start..<min(start + 50, requests.count)]
            let ids = try part.map { try host.request($0.method, $0.params) }
            var byID: [JSON: JSON] = [:]
            while byID.count < ids.count, let message = try host.message() {
                if message["method"] == nil { byID[message["id"] ?? .null] = message }
            }
            replies += ids.map { byID[$0] ?? .null }
        }
        return replies
    }

    @Test func whatIsWrongIsRefusedByItsPathAndChangesNothing() throws {
        let law = try LawFile()
        let host = try furnished()
        let before = try state(host)
        let cases = law.methods.filter { !$0.isNotification }.flatMap(law.invalidCases)
        #expect(cases.count > 1500)
        let replies = try replies(host, cases.map { ($0.method, $0.params) })
        for (sample, reply) in zip(cases, replies) {
            let error = reply["error"]
            #expect(error?["code"] == -32602, "\(sample): \(reply.description.prefix(300))")
            #expect(error?["data"]?["path"] == .string(sample.path), "\(sample): \(reply.description.prefix(300))")
            #expect(error?["data"]?["expected"]?.stringValue?.isEmpty == false, "\(sample)")
            #expect(error?["data"]?["retryable"] == false, "\(sample)")
        }
        #expect(try state(host) == before)
        #expect(try host.call("host.ping") == ["ok": true])
        #expect(try host.finish() == 0)
    }

    /// Where an id only narrows what is looked for: what is gone may still be asked about, and finds nothing.
    static let filters: Set<String> = [
        "session.list", "session.stats", "usage.summary", "session.unsubscribe", "plan.list", "workflow.list",
    ]

    static let sessionNames = ["session_id", "project_id", "db_connection_id"]

    @Test func unknownIdsAreNotFoundByTheirPath() throws {
        let law = try LawFile()
        let host = try furnished()
        let before = try state(host)
        var cases: [(method: String, field: String, params: JSON)] = []
        for method in law.methods where !Self.filters.contains(method.name) {
            for (name, field) in method.fields {
                guard let prefix = law.root["ids"]?[field["type"]?.stringValue ?? ""]?["prefix"]?.stringValue else {
                    continue
                }
                var params = law.leastParams(method)
                // Of several ways to name the session, one.
                if method.rules["one_of"]?.arrayValue?.contains(.string(name)) == true {
                    for other in Self.sessionNames { params[other] = nil }
                }
                // A key is looked for in a place; ids of memories stand for themselves.
                if Self.sessionNames.contains(name), params["memory_ids"] != nil {
                    params["memory_ids"] = nil
                    params["key"] = "key"
                }
                params[name] = .string(prefix + LawFile.uuid)
                cases.append((method.name, name, .object(params)))
            }
        }
        #expect(cases.count > 30)
        let replies = try replies(host, cases.map { ($0.method, $0.params) })
        for (sample, reply) in zip(cases, replies) {
            let error = reply["error"]
            #expect(error?["code"] == 1001, "\(sample): \(reply.description.prefix(300))")
            let given = Set(
                (sample.params.objectValue?.keys ?? []).filter { $0.hasSuffix("_id") }.map { "params." + $0 })
            #expect(given.contains(error?["data"]?["path"]?.stringValue ?? ""), "\(sample): \(reply)")
        }
        #expect(try state(host) == before)
        #expect(try host.finish() == 0)
    }

    @Test func everyMethodIsCalledRightlyToo() throws {
        let called = try TranscriptTests.all.flatMap { name in
            try String(contentsOf: TranscriptTests.folder.appending(path: name + ".txt"), encoding: .utf8)
                .matches(of: /(?m)^>+ \S+ ([a-z]+(?:\.[a-z]+)+)/).map { String($0.output.1) }
        }
        let law = try LawFile()
        #expect(Set(law.methods.map(\.name)).subtracting(called).subtracting(Self.elsewhere).sorted() == [])
    }

    /// Held to in `DatabaseTests`.
    static let elsewhere: Set<String> = ["connection.test", "connection.schema", "connection.query"]
}
