import Foundation
import JSON
import Testing

/// Modes in which an agent acts unasked: nobody gets one whose user has not allowed it.
@Suite struct DangerousModeTests {
    private func host(allowing modes: JSON) throws -> HostProcess {
        try HostProcess(
            in: HostHome(driverModes: modes) { _ in
                ["claude", "codex", "acp"].map { kind in
                    [
                        "kind": .string(kind), "name": .string(kind), "executable": .string(Built.agent),
                        "arguments": ["--speak", .string(kind)],
                    ]
                }
            })
    }

    private static let modes: [(String, String)] = [
        ("claude", "bypass"), ("claude", "bypassPermissions"), ("codex", "bypass"), ("acp", "yolo"),
        ("acp", "auto-approve"),
    ]

    @Test("A dangerous mode is refused and named", arguments: modes)
    func refused(_ driver: String, _ mode: String) throws {
        let host = try host(allowing: [driver == "acp" ? "codex" : "acp": [.string(mode)]])
        let params: JSON = ["driver": .string(driver), "permissions": ["driver_mode": .string(mode)]]
        let error = try host.reply("session.create", params)["error"]
        #expect(error?["code"] == 1008)
        #expect(error?["data"]?["path"] == "params.permissions.driver_mode")
        #expect(error?["message"]?.stringValue?.contains(#""driver_modes": {"\#(driver)": ["\#(mode)"]}"#) == true)

        // Nor may a session that is there already get to it.
        let session = try host.call("session.create", ["driver": .string(driver)])["id"] ?? .null
        _ = try host.call("session.update", ["session_id": session, "permissions": ["driver_mode": .string(mode)]])
        let result = try host.call("task.execute", ["session_id": session, "stream": false, "prompt": "hello"])
        #expect(result["status"] == "failed")
        #expect(result["error"]?["reason"] == "permission_denied")
        #expect(host.runs.isEmpty, "no agent was started")
    }

    @Test("The user's configuration allows it", arguments: modes.prefix(3))
    func allowed(_ driver: String, _ mode: String) throws {
        let host = try host(allowing: [driver: [.string(mode)]])
        let params: JSON = ["driver": .string(driver), "permissions": ["driver_mode": .string(mode)]]
        let session = try host.call("session.create", params)["id"] ?? .null
        let result = try host.call("task.execute", ["session_id": session, "stream": false, "prompt": "hello"])
        #expect(result["output"] == "You said: hello", "\(result)")
    }

    @Test func aModeThatAsksNeedsNothing() throws {
        let host = try host(allowing: [:])
        let params: JSON = ["driver": "claude", "permissions": ["driver_mode": "accept_edits"]]
        #expect(try host.call("session.create", params)["driver"] == "claude")
    }
}
