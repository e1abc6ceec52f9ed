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
