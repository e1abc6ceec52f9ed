import AgentModel
import Driver
import Foundation
import JSON
import Testing

@testable import HostCore

/// An agent that can go off from a session of its own, and says what it was told to do.
private struct ForkingDriver: Driver {
    let executable: String
    let name = "forking"

    var capabilities: DriverCapabilities {
        var capabilities = DriverCapabilities()
        capabilities.resumes = true
        capabilities.forks = true
        return capabilities
    }

    func probe() -> DriverProbe { DriverProbe(isAvailable: true) }

    func makeRun(_ request: RunRequest) -> any DriverRun {
        let old = request.resumeID ?? "none"
        let own = request.resumeID == nil ? "root" : request.forks ? "\(old).\(request.session.id.short)" : old
        let said = "\(request.forks ? "forks" : "goes on") from \(old)\(request.record == nil ? "" : ", told")"
        let steps: [JSON] = [
            ["session": .string(own)], ["say": .string(said)], ["result": ["session_id": .string(own)]],
        ]
        let text = steps.map { String(decoding: $0.encoded(), as: UTF8.self) }.joined(separator: "\n")
        return LineRun(request, process: ProcessSpec(executable: executable, arguments: ["--steps", text]))
    }
}

@Suite(.serialized) struct ForkTests {
    @Test func anAgentGoesOffFromItsOwnSession() throws {
        let folder = try TemporaryFolder()
        let host = try LoopHost(in: folder) { $0.drivers.append(ForkingDriver(executable: LoopHost.fakeAgent)) }
        let session = try host.call("session.create", ["driver": "forking"])["session_id"] ?? .null
        func run(_ session: JSON) throws -> JSON {
            try host.call("task.execute", ["session_id": session, "prompt": "x"])
        }
        #expect(try run(session)["output"] == "goes on from none")
        let fork = try host.call("session.fork", ["session_id": session])["session_id"] ?? .null
        let late = try host.call("session.fork", ["session_id": session])["session_id"] ?? .null
        let first = try run(fork)
        #expect(first["output"] == "forks from root")
        let own = first["driver_session_id"]
        #expect(own != "root" && own != nil)
        #expect(try run(fork)["output"] == .string("goes on from \(own?.stringValue ?? "")"), "it has its own by now")
        #expect(try run(session)["output"] == "goes on from root", "the source stays as it is")
        #expect(try run(late)["output"] == "goes on from none, told", "the source has gone on since")
    }

    @Test func theAgentOfAnImportedCopyGoesOffFromTheOriginals() throws {
        let folder = try TemporaryFolder()
        let host = try LoopHost(in: folder) { $0.drivers.append(ForkingDriver(executable: LoopHost.fakeAgent)) }
        let session = try host.call("session.create", ["driver": "forking"])["session_id"] ?? .null
        func run(_ session: JSON) throws -> JSON {
            try host.call("task.execute", ["session_id": session, "prompt": "x"])["output"] ?? .null
        }
        #expect(try run(session) == "goes on from none")
        let path = JSON.string(folder.path + "/out.session")
        _ = try host.call("session.export", ["session_id": session, "path": path])
        let copies = try (0..<2).map { _ in
            try host.call("session.import", ["path": path, "ids": "new", "settings": "file"])["session"] ?? .null
        }
        #expect(copies.map { $0["driver_sessions"] } == [[:], [:]])
        let ids = copies.map { $0["id"] ?? .null }
        #expect(try run(ids[0]) == "forks from root")
        #expect(try run(session) == "goes on from root", "the original stays as it is")
        #expect(try run(ids[1]) == "goes on from none, told", "the original has gone on since")
        // Back with its own ids, its agent's session is its own again.
        _ = try host.call("session.delete", ["session_id": session])
        _ = try host.call("session.import", ["path": path, "settings": "file"])
        #expect(try run(session) == "goes on from root")
    }
}
