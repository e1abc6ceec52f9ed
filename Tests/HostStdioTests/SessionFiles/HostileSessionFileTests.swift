import Foundation
import JSON
import Testing

/// Files that are broken, cut, edited, foreign, newer or made to do harm: a clear answer, and nothing is left of them.
@Suite struct HostileSessionFileTests {
    private struct State: Equatable {
        var sessions: JSON
        var memories: JSON
        var usage: JSON
        var results: [String]
    }

    private func state(_ host: HostProcess) throws -> State {
        State(
            sessions: try host.call("session.list"), memories: try host.call("memory.count"),
            usage: try host.call("usage.summary"), results: host.home.results())
    }

    private func refusal(_ host: HostProcess, _ name: String) throws -> JSON? {
        try host.reply("session.import", ["path": .string(host.home.file(name)), "ids": "new"])["error"]
    }

    @Test func whatIsNotWhatWasWrittenIsRefusedByItsLine() throws {
        let host = try HostProcess()
        let session = try host.furnishedSession(driver: "turns")
        let file = try host.export(session)
        let text = try String(contentsOfFile: host.home.file(), encoding: .utf8)
        let before = try state(host)
        func check(_ name: String, _ text: String, _ reason: String, line: Int? = nil) throws {
            try Data(text.utf8).write(to: URL(filePath: host.home.file("bad")))
            let error = try refusal(host, "bad")
            #expect(error?["data"]?["reason"]?.stringValue == reason, "\(name): \(error ?? .null)")
            let message = error?["message"]?.stringValue ?? ""
            if let line { #expect(message.hasPrefix("line \(line): "), "\(name): \(message)") }
            #expect(error?["data"]?["path"] == "params.path")
        }
        let last = file.lines.count + 1
        try check("empty", "", "incomplete_file")
        try check("text", "Dear diary,\n", "foreign_file", line: 1)
        try check("another format", #"{"format":"other","version":1}"# + "\n", "foreign_file", line: 1)
        try check("binary", "\u{0}\u{1}\u{2}\n\u{3}", "foreign_file", line: 1)
        let newer = text.replacingOccurrences(of: #""version":1,"#, with: #""version":2,"#)
        try check("newer", newer, "newer_file", line: 1)
        for part in [1, 3, last / 2, last - 1] {
            let cut = text.split(separator: "\n").prefix(part).joined(separator: "\n")
            try check("cut after \(part)", cut, "incomplete_file", line: part)
            try check("cut in line \(part + 1)", cut + "\n{\"ty", "incomplete_file", line: part + 1)
        }
        try check("edited", text.replacingOccurrences(of: "apple", with: "grape"), "wrong_checksum", line: last)
        let doubled = (file.lines + [file.lines[3]]).joined(separator: "\n")
        let trailer = text.split(separator: "\n").last ?? ""
        try check("a line more", doubled + "\n" + trailer + "\n", "incomplete_file")
        try check("more after the end", text + "{}\n", "incomplete_file", line: last + 1)
        #expect(try state(host) == before)
        #expect(try host.finish() == 0)
        #expect(try host.home.problems() == "")
    }

    @Test func whatIsTooLargeOrTooDeepIsRefused() throws {
        let host = try HostProcess()
        let session = try host.furnishedSession(driver: "text")
        let file = try host.export(session)
        let before = try state(host)
        func refused(_ change: (inout SessionFile) throws -> Void) throws -> JSON? {
            var file = file
            try change(&file)
            try file.write(host.home.file("bad"))
            return try refusal(host, "bad")
        }
        let text = String(repeating: "x", count: 50_000_000)
        let long = try refused { $0.lines[5] = #"{"type":"event","x":"\#(text)"}"# }
        #expect(long?["data"]?["reason"] == "limit_exceeded")
        #expect(long?["message"]?.stringValue?.hasPrefix("line 6: ") == true)
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            let deep = String(repeating: open, count: 100_000) + "1" + String(repeating: close, count: 100_000)
            let error = try refused { $0.lines[5] = #"{"type":"event","data":\#(deep)}"# }
            #expect(error?["message"]?.stringValue?.hasPrefix("line 6: it is not JSON: ") == true, "\(error ?? .null)")
        }
        // As deep as can be told: it can be read again afterwards.
        let event = try #require(file.lines.lastIndex { $0.contains(#""event":"message""#) })
        let deep = try JSON(parsing: String(repeating: "[", count: 505) + String(repeating: "]", count: 505))
        var deepest = file
        try deepest.set("data", of: event, to: ["text": deep])
        try deepest.write(host.home.file("deep"))
        let made = try host.importing("deep", ids: "new")["session"]?["id"] ?? .null
        #expect(try host.call("session.events", ["session_id": made])["items"]?.arrayValue?.isEmpty == false)
        _ = try host.call("session.delete", ["session_id": made])
        #expect(try state(host) == before)
        #expect(try host.finish() == 0)
    }

    @Test func pathsThatLeadOutAreRefused() throws {
        let host = try HostProcess()
        let session = try host.furnishedSession(driver: "turns")
        let file = try host.export(session)
        let before = try state(host)
        let line = try #require(file.first("artifact"))
        let outside = host.home.path + "/outside.txt"
        for path in ["../outside.txt", outside, "a/../../../outside.txt", "", ".", "..", "a//b", "a/", "a\u{0}b"] {
            var bad = file
            try bad.set("path", of: line, to: .string(path))
            try bad.write(host.home.file("bad"))
            let error = try refusal(host, "bad")
            #expect(error?["message"]?.stringValue?.hasPrefix("line \(line + 1): ") == true, "\(path)")
        }
        for (name, value) in [
            ("results_dir", outside), ("id", "sess_../../outside"), ("db_connection_id", "conn_/../.."),
        ] {
            var bad = file
            try bad.set(name, of: 1, to: .string(value))
            try bad.write(host.home.file("bad"))
            let reply = try host.reply("session.import", ["path": .string(host.home.file("bad")), "ids": "new"])
            if let made = reply["result"]?["session"] {
                #expect(made["results_dir"]?.stringValue?.hasPrefix(host.home.store + "/results/") == true)
                _ = try host.call("session.delete", ["session_id": made["id"] ?? .null])
            }
        }
        #expect(!FileManager.default.fileExists(atPath: outside))
        #expect(try state(host) == before)
        #expect(try host.finish() == 0)
    }

    private static let values: [JSON] = [
        .null, -1, 0, .int(.max), .int(.min), 1e308, 0.5, "", "x", true, [], [:], [[["a": 1]]],
        "sess_0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d0001", "task_0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d0001",
        "conn_0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d0001", "9999-12-31T23:59:59.999Z", "../../../etc/passwd",
    ]

    /// Each line dropped, repeated and moved, each member replaced: it is refused, or what comes of it is sound.
    @Test func whateverIsInItTheStoreStaysSound() throws {
        let given = ProcessInfo.processInfo.environment["AGENTHOST_TEST_SEED"].flatMap { UInt64($0) }
        var random = SplitMix(state: given ?? UInt64.random(in: 0..<1 << 32))
        let seed = random.state
        let host = try HostProcess()
        let session = try host.furnishedSession(driver: "turns")
        let file = try host.export(session)
        let before = try state(host)
        var made = 0
        // A few are taken: of a hundred five or so, of some hundred fewer than four.
        for round in 0..<1000 where round < 100 || made < 4 {
            var bad = file
            let line = 1 + Int(random.next() % UInt64(bad.lines.count - 1))
            switch random.next() % 8 {
            case 0: bad.lines.remove(at: line)
            case 1: bad.lines.insert(bad.lines[line], at: line)
            case 2: bad.lines.swapAt(line, 1 + Int(random.next() % UInt64(bad.lines.count - 1)))
            default:
                let names = try bad.objects[line].objectValue?.keys ?? []
                let value = Self.values[Int(random.next() % UInt64(Self.values.count))]
                try bad.set(names[Int(random.next() % UInt64(names.count))], of: line, to: value)
            }
            try bad.write(host.home.file("bad"))
            let reply = try host.reply("session.import", ["path": .string(host.home.file("bad")), "ids": "new"])
            if let id = reply["result"]?["session"]?["id"] {
                made += 1
                _ = try host.call("session.events", ["session_id": id])
                _ = try host.call("task.list", ["session_id": id])
                _ = try host.call("checkpoint.list", ["session_id": id])
                _ = try host.call("session.delete", ["session_id": id])
            } else {
                let message = reply["error"]?["message"]?.stringValue ?? ""
                #expect(message.hasPrefix("line "), "round \(round), seed \(seed): \(reply)")
            }
        }
        #expect((4..<97).contains(made), "seed \(seed)")
        #expect(try state(host) == before, "seed \(seed)")
        #expect(try host.finish() == 0)
        #expect(try host.home.problems() == "", "seed \(seed)")
    }

    /// What is made of edited files is sound before it is removed as well.
    @Test func whatIsTakenIsSound() throws {
        let host = try HostProcess()
        let session = try host.furnishedSession(driver: "turns")
        let file = try host.export(session)
        var made = 0
        for line in stride(from: 1, to: file.lines.count, by: 3) {
            for name in try file.objects[line].objectValue?.keys ?? [] where made < 30 {
                var bad = file
                try bad.set(name, of: line, to: Self.values[(line + made) % Self.values.count])
                try bad.write(host.home.file("bad"))
                let reply = try host.reply("session.import", ["path": .string(host.home.file("bad")), "ids": "new"])
                if reply["result"] != nil { made += 1 }
            }
        }
        #expect(made > 10)
        #expect(try host.finish() == 0)
        #expect(try host.home.problems() == "")
    }

    @Test func longWorkIsToldOfAndCancelled() throws {
        let host = try HostProcess()
        let session = try host.furnishedSession(driver: "text")
        var file = try host.export(session)
        let count = try #require(file.objects.last?["seq"]?.intValue)
        let text = String(repeating: "word ", count: 40)
        for seq in 1...18_000 {
            file.lines.append(
                #"{"type":"event","seq":\#(count + seq),"at":"2026-01-01T00:00:00.000Z","event":"message","#
                    + #""data":{"message_id":"m","role":"assistant","text":"\#(text)"}}"#)
        }
        try file.write(host.home.file("long"))
        let before = try state(host)
        host.unasked = []
        let first = try host.request("session.import", ["path": .string(host.home.file("long")), "ids": "new"])
        let progress = try host.awaitUnasked("host.progress") {
            $0["params"]?["message"]?.stringValue?.hasPrefix("imported") == true
        }["params"]
        #expect(progress?["request_id"] == first)
        try host.notify("rpc.cancel", ["id": first])
        #expect(try host.reply(to: first)["error"]?["code"] == -32800)
        #expect(try state(host) == before)

        let made = try host.importing("long", ids: "new")["session"]?["id"] ?? .null
        host.unasked = []
        let second = try host.request(
            "session.export", ["session_id": made, "path": .string(host.home.file("again"))])
        let told = try host.awaitUnasked("host.progress")["params"]
        #expect(told?["request_id"] == second)
        try host.notify("rpc.cancel", ["id": second])
        #expect(try host.reply(to: second)["error"]?["code"] == -32800)
        #expect(!FileManager.default.fileExists(atPath: host.home.file("again")))
        let isClean = try eventually {
            try !FileManager.default.contentsOfDirectory(atPath: host.home.path).contains { $0.contains(".part-") }
        }
        #expect(isClean)
        #expect(try host.export(made, "again").lines.count == file.lines.count)
        #expect(try host.finish() == 0)
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
