import CSystem
import Foundation
import JSON
import Testing

extension CrashTests {
    /// Hosts that are killed while they import a session: it is there whole or not at all, and nothing is left of it.
    @Suite struct ImportTests {
        static let rounds = isLong ? 200 : 10

        /// A file of a session with artifacts, memories and a log of some length, and its lines without the last one.
        private static func makeFile(_ home: HostHome) throws -> (path: String, id: String, tasks: Int) {
            let host = try home.host()
            let id = try host.call("session.create")["id"]?.stringValue ?? ""
            let session = JSON.string(id)
            let tools = String(repeating: #"{"tool":"look"}"# + "\n", count: 40)
            for number in 0..<4 {
                let prompt = tools + #"{"write_file":{"path":"\#(number).bin","bytes":400000}}"#
                _ = try host.call("task.execute", ["session_id": session, "prompt": .string(prompt), "stream": false])
                for place in 0..<20 {
                    let value = JSON.string("memory \(number) \(place)")
                    _ = try host.call("memory.remember", ["session_id": session, "scope": "session", "value": value])
                }
            }
            let path = "\(home.path)/out.session"
            _ = try host.call("session.export", ["session_id": session, "path": .string(path)])
            host.end(SIGKILL)
            return (path, id, 4)
        }

        @Test func killedAtRandomMomentsNothingIsLeft() throws {
            let given = ProcessInfo.processInfo.environment["AGENTHOST_TEST_SEED"].flatMap { UInt64($0) }
            let seed = given ?? UInt64.random(in: 0..<1 << 32)
            var random = SeededRandom(seed: seed)
            let origin = try HostHome()
            let file = try Self.makeFile(origin)
            let home = try HostHome()
            // How long it takes, so that the kills spread over all of it.
            let start = cs_monotonic_ms()
            var host = try home.host()
            _ = try host.call("session.import", ["path": .string(file.path)])
            let whole = Int(cs_monotonic_ms() - start)
            _ = try host.call("session.delete", ["session_id": .string(file.id)])
            host.end(SIGKILL)
            for round in 1...Self.rounds {
                let name = "round \(round), seed \(seed)"
                host = try home.host()
                host.send("session.import", ["path": .string(file.path)])
                let end = cs_monotonic_ms() + UInt64(random.below(whole + whole / 4))
                while cs_monotonic_ms() < end { try host.listen(milliseconds: 2) }
                host.end(SIGKILL)
                try Self.look(home, file, name)
            }
        }

        /// A host that is killed while it exports leaves nothing beside the file, and that as it was before or whole.
        @Test func aKilledExportLeavesNothing() throws {
            let home = try HostHome()
            let file = try Self.makeFile(home)
            let folder = "\(home.path)/files"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let target = "\(folder)/a.session"
            let whole = try Data(contentsOf: URL(filePath: file.path)).count
            var random = SeededRandom(seed: UInt64.random(in: 0..<1 << 32))
            for round in 1...Self.rounds {
                try Data("earlier".utf8).write(to: URL(filePath: target))
                let host = try home.host()
                host.send(
                    "session.export",
                    ["session_id": .string(file.id), "path": .string(target), "overwrite": true])
                let end = cs_monotonic_ms() + UInt64(random.below(60))
                while cs_monotonic_ms() < end { try host.listen(milliseconds: 2) }
                host.end(SIGKILL)
                let bytes = try Data(contentsOf: URL(filePath: target))
                #expect(bytes == Data("earlier".utf8) || bytes.count >= whole - 100, "round \(round)")
                let host2 = try home.host()
                _ = try host2.call(
                    "session.export",
                    ["session_id": .string(file.id), "path": .string(target), "overwrite": true])
                host2.end(SIGKILL)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.session"])
            }
        }

        /// So are forks: with all that their session remembers, or not at all.
        @Test func aKilledForkLeavesNothing() throws {
            let home = try HostHome()
            var host = try home.host()
            let session = try host.call("session.create")["id"] ?? .null
            let memories = 600
            let lines = (0..<memories).map { #"{"value":"memory \#($0)"}"# }
            try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: "\(home.path)/memories.jsonl"))
            _ = try host.call(
                "memory.import", ["path": .string("\(home.path)/memories.jsonl"), "session_id": session])
            try #require(host.call("memory.count", ["session_id": session])["count"] == .int(Int64(memories)))
            var random = SeededRandom(seed: UInt64.random(in: 0..<1 << 32))
            for round in 1...Self.rounds {
                host.send("session.fork", ["session_id": session])
                let end = cs_monotonic_ms() + UInt64(random.below(150))
                while cs_monotonic_ms() < end { try host.listen(milliseconds: 2) }
                host.end(SIGKILL)
                host = try home.host()
                let made = try host.call("session.list")["items"]?.arrayValue ?? []
                for fork in made where fork["id"] != session {
                    let count = try host.call("memory.count", ["session_id": fork["id"] ?? .null, "scope": "session"])
                    #expect(count["count"] == .int(Int64(memories)), "round \(round)")
                    _ = try host.call("session.delete", ["session_id": fork["id"] ?? .null])
                }
                let isSwept = try eventually {
                    try home.rows("SELECT count(*) FROM session") == ["1"]
                        && home.rows("SELECT count(*) FROM memory") == ["\(memories)"]
                        && home.rows("SELECT count(*) FROM partition WHERE kind = 3") == ["1"]
                }
                #expect(isSwept, "round \(round)")
            }
            host.closeInput()
            #expect(host.wait() == 0)
        }

        private static func look(_ home: HostHome, _ file: (path: String, id: String, tasks: Int), _ name: String)
            throws
        {
            let host = try home.host()
            let found = try host.call("session.list")["items"]?.arrayValue ?? []
            if let session = found.first {
                #expect(session["task_count"]?.intValue == file.tasks, "\(name)")
                _ = try host.call("session.delete", ["session_id": .string(file.id)])
            } else {
                #expect(try host.call("memory.count")["count"] == 0, "\(name)")
                #expect(try host.call("task.list")["items"] == [], "\(name)")
            }
            let isSwept = try eventually {
                try home.rows("SELECT count(*) FROM session") == ["0"]
                    && home.rows("SELECT count(*) FROM event") == ["0"]
                    && home.rows("SELECT count(*) FROM memory") == ["0"]
                    && home.rows("SELECT count(*) FROM partition WHERE kind = 3") == ["0"]
                    && Self.files(home).isEmpty
            }
            #expect(isSwept, "\(name): \(Self.files(home))")
            host.closeInput()
            #expect(host.wait() == 0, "\(name)")
            #expect(try home.rows("PRAGMA integrity_check") == ["ok"], "\(name)")
        }

        private static func files(_ home: HostHome) -> [String] {
            let found = FileManager.default.enumerator(atPath: home.store + "/results")?.compactMap { $0 as? String }
            return (found ?? []).filter { $0.contains(".bin") || $0.contains(".part") }
        }
    }
}
