import CSystem
import Foundation
import JSON

/// A session's file in the hands of a test: its lines without the last one.
struct SessionFile {
    var lines: [String]

    init(_ path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        lines = text.split(separator: "\n").dropLast().map(String.init)
    }

    /// Parsed.
    var objects: [JSON] { get throws { try lines.map { try JSON(parsing: $0) } } }

    /// Writes it with a last line that fits.
    func write(_ path: String) throws {
        let body = lines.map { $0 + "\n" }.joined()
        var hash = cs_sha256()
        cs_sha256_begin(&hash)
        let bytes = Array(body.utf8)
        bytes.withUnsafeBytes { cs_sha256_add(&hash, $0.baseAddress, $0.count) }
        var digest = [UInt8](repeating: 0, count: 32)
        cs_sha256_end(&hash, &digest)
        let sum = digest.map { String(format: "%02x", $0) }.joined()
        let last: JSON = ["sha256": .string(sum), "lines": .int(Int64(lines.count))]
        try Data((body + last.description + "\n").utf8).write(to: URL(filePath: path))
    }

    /// The place of the first line that says it is of a type.
    func first(_ type: String) -> Int? { lines.firstIndex { $0.hasPrefix(#"{"type":"\#(type)""#) } }

    /// Puts a value in place of a member, or takes it away.
    mutating func set(_ name: String, of line: Int, to value: JSON?) throws {
        guard case .object(var object) = try JSON(parsing: lines[line]) else { return }
        object[name] = value
        lines[line] = JSON.object(object).description
    }

    /// Its lines with a name in place of each id and of each time that the host gave, in the order in which they come.
    func named() -> [String] {
        var names: [String: String] = [:]
        return lines.map { line in
            line.replacing(/[a-z]+_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/) { match in
                let id = String(match.output.0)
                names[id] = names[id] ?? "\(id.prefix { $0 != "_" })\(names.count)"
                return names[id] ?? ""
            }
        }
    }

    /// The ids of what the session owns.
    func owned() throws -> Set<String> { Set(try objects.compactMap { $0["id"]?.stringValue }) }
}

extension HostHome {
    /// Where a session of a test goes to.
    func file(_ name: String = "out") -> String { "\(path)/\(name).session" }

    /// What `agenthost store check` finds, with nothing working on the store.
    func problems() throws -> String {
        let out = path + "/check.out"
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        let output = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { for descriptor in [null, output] { close(descriptor) } }
        let program = try Program(
            [Built.host, "store", "check", "--store", store], environment: environment, input: null, output: output,
            error: output)
        return try program.wait() == 0 ? "" : String(contentsOfFile: out, encoding: .utf8)
    }

    /// The files below the results.
    func results() -> [String] {
        let found = FileManager.default.enumerator(atPath: store + "/results")?.compactMap { $0 as? String } ?? []
        return found.filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(store)/results/\(path)", isDirectory: &isFolder)
                && !isFolder.boolValue
        }.sorted()
    }
}

extension HostProcess {
    func export(_ session: JSON, _ name: String = "out") throws -> SessionFile {
        _ = try call("session.export", ["session_id": session, "path": .string(home.file(name)), "overwrite": true])
        return try SessionFile(home.file(name))
    }

    /// - Parameter more: further parameters.
    func importing(_ name: String = "out", ids: JSON = "keep", _ more: JSONObject = [:]) throws -> JSON {
        var params: JSONObject = ["path": .string(home.file(name)), "ids": ids]
        for member in more { params[member.key] = member.value }
        return try call("session.import", .object(params))
    }

    /// A session with some of everything.
    func furnishedSession(driver: JSON = "fake", rounds: Int = 1, bytes: Int64 = 2000) throws -> JSON {
        let session =
            try call(
                "session.create",
                [
                    "title": "Shop", "driver": driver, "metadata": ["ticket": 42], "working_dir": .string(home.path),
                    "ttl_s": 86_400, "permissions": ["default": "allow"], "learning": ["enabled": true],
                    "budget": ["tokens": 1_000_000],
                ])["id"] ?? .null
        func run(_ steps: JSON..., more: JSONObject = [:]) throws -> JSON {
            var params: JSONObject = [
                "session_id": session, "stream": false,
                "prompt": .string(steps.map(\.description).joined(separator: "\n")),
            ]
            for member in more { params[member.key] = member.value }
            return try call("task.execute", .object(params))
        }
        for round in 0..<rounds {
            let name = JSON.string("charts/\(round).txt")
            _ = try run(
                ["usage": ["input_tokens": 100, "output_tokens": 20, "cost_usd": 0.005]],
                ["write_file": ["path": name, "text": "ä\n\u{0}b"]], ["say": "The word is apple."])
            _ = try run(
                ["tool": ["name": "look", "input": ["deep": [[["a": 1e300]]]]]], ["checkpoint": ["turn": 1]],
                ["checkpoint": ["turn": 2]], ["write_file": ["path": "big.bin", "bytes": .int(bytes)]],
                more: ["metadata": ["n": .int(Int64(round))], "context": ["told": nil]])
            let failed = try run(["say": "Oh."], ["exit": 3])
            _ = try call("task.retry", ["task_id": failed["task_id"] ?? .null])
            _ = try run(["ask": ["kind": "permission", "title": "May I?", "tool": "bash"]], ["say": "Thanks."])
            for value in ["apple", "pear"] {
                let memory: JSON = [
                    "session_id": session, "scope": "session", "key": .string("word\(round)"), "value": .string(value),
                    "tags": ["taste"], "metadata": ["round": .int(Int64(round))],
                ]
                _ = try call("memory.remember", memory)
            }
        }
        return session
    }
}
