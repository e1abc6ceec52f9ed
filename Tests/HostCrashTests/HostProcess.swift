import CSystem
import Foundation
import JSON

/// A running `agenthost serve` and its client's ends of the pipes.
final class HostProcess {
    let pid: pid_t
    private var input: Int32
    private var output: Int32
    private var bytes: [UInt8] = []
    private var lastID = 0
    private var status: Int32?
    private(set) var hasEnded = false
    /// By the number of the request: the whole reply.
    private(set) var replies: [Int: JSON] = [:]
    /// Notifications and requests of the host's, in their order.
    var told: [JSON] = []

    init(_ program: String, _ arguments: [String], log: String, temporary: String) throws {
        var toHost: [Int32] = [0, 0]
        var fromHost: [Int32] = [0, 0]
        guard cs_pipe(&toHost) == 0, cs_pipe(&fromHost) == 0 else { throw CrashError("no pipe") }
        let log = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { for descriptor in [toHost[0], fromHost[1], log] { close(descriptor) } }
        var options = cs_spawn_options()
        (options.input, options.output, options.error) = (toHost[0], fromHost[1], log)
        var pid: pid_t = 0
        let environment = ["PATH=/usr/bin:/bin", "HOME=/tmp", "TMPDIR=\(temporary)"]
        let result = Self.withTexts([program] + arguments) { arguments in
            Self.withTexts(environment) { environment in
                program.withCString { path in
                    options.path = path
                    options.arguments = arguments
                    options.environment = environment
                    return cs_spawn(&options, &pid)
                }
            }
        }
        guard result == 0 else { throw CrashError("cannot start \(program): \(result)") }
        (self.pid, input, output) = (pid, toHost[1], fromHost[0])
        cs_ignore_sigpipe()
    }

    deinit {
        if status == nil {
            kill(pid, SIGCONT)
            _ = end(SIGKILL)
        }
        closeBoth()
    }

    private static func withTexts<Result>(
        _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        let copies = texts.map { UnsafePointer<CChar>(strdup($0)) }
        defer { copies.forEach { free(UnsafeMutableRawPointer(mutating: $0)) } }
        // It holds at least the nil.
        // swift-format-ignore: NeverForceUnwrap
        return (copies + [nil]).withUnsafeBufferPointer { body($0.baseAddress!) }
    }

    // MARK: - To the host

    /// Sends a request and waits for nothing. Returns its number.
    @discardableResult
    func send(_ method: String, _ params: JSON = [:]) -> Int {
        lastID += 1
        let line: JSON = [
            "jsonrpc": "2.0", "id": .int(Int64(lastID)), "method": .string(method), "params": params,
        ]
        write(line)
        return lastID
    }

    /// Answers a request of the host's.
    func answer(_ request: JSON, _ result: JSON) {
        write(["jsonrpc": "2.0", "id": request["id"] ?? .null, "result": result])
    }

    private func write(_ message: JSON) {
        let line = message.encoded() + [UInt8(ascii: "\n")]
        var rest = line[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(input, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    func closeInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    /// What happens to the host when its client is killed.
    func closeBoth() {
        closeInput()
        if output >= 0 { close(output) }
        output = -1
        hasEnded = true
    }

    // MARK: - From the host

    /// Takes what comes within so long; returns at once after something came.
    func listen(milliseconds: Int) throws {
        guard !hasEnded else { return }
        var entry = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, Int32(milliseconds)) > 0 else { return }
        let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            count = max(0, read(output, buffer.baseAddress, buffer.count))
        }
        if chunk.isEmpty { hasEnded = true }
        bytes += chunk
        var start = 0
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            take(try JSON.parse(Array(bytes[start..<end])))
            start = end + 1
        }
        bytes.removeFirst(start)
    }

    private func take(_ message: JSON) {
        if message["method"] == nil, let id = message["id"]?.intValue {
            replies[id] = message
        } else {
            told.append(message)
        }
    }

    /// Listens until a condition holds.
    func listen(seconds: Double = 30, _ what: String, until condition: () -> Bool) throws {
        let end = cs_monotonic_ms() + UInt64(seconds * 1000)
        while !condition() {
            guard !hasEnded, cs_monotonic_ms() < end else {
                let found = hasEnded ? "the host has ended" : "nothing"
                throw CrashError("\(what): \(found) after \(seconds) s at most\(predicament)")
            }
            try listen(milliseconds: 20)
        }
    }

    private var predicament: Predicament {
        Predicament(
            pid: pid,
            told: told.map { $0["params"]?["type"]?.stringValue ?? $0["method"]?.stringValue ?? "\($0)" })
    }

    /// The result of a request.
    func result(_ id: Int, seconds: Double = 30) throws -> JSON {
        try listen(seconds: seconds, "request \(id)") { replies[id] != nil }
        guard let result = replies[id]?["result"] else { throw CrashError("request \(id): \(replies[id] ?? .null)") }
        return result
    }

    func error(_ id: Int) throws -> JSON {
        try listen("request \(id)") { replies[id] != nil }
        guard let error = replies[id]?["error"] else { throw CrashError("request \(id): \(replies[id] ?? .null)") }
        return error
    }

    @discardableResult
    func call(_ method: String, _ params: JSON = [:]) throws -> JSON { try result(send(method, params)) }

    func word(_ method: String, _ params: JSON = [:], _ member: String) throws -> String {
        let result = try call(method, params)
        guard let word = result[member]?.stringValue else { throw CrashError("no \(member) in \(result)") }
        return word
    }

    /// Everything in a session's log.
    func events(_ session: String) throws -> [JSON] {
        var events: [JSON] = []
        while true {
            let page = try call(
                "session.events",
                ["session_id": .string(session), "after_seq": events.last?["seq"] ?? 0, "limit": 1000])
            events += page["items"]?.arrayValue ?? []
            if page["has_more"]?.boolValue != true { return events }
        }
    }

    // MARK: - Its end

    /// Sends a signal and waits for the end, taking what it had written. The exit code, or the signal negated.
    @discardableResult
    func end(_ signal: Int32) -> Int32 {
        if let status { return status }
        kill(pid, signal)
        return wait()
    }

    /// Waits for the end: everything it wrote is taken before.
    @discardableResult
    func wait() -> Int32 {
        if let status { return status }
        while !hasEnded, (try? listen(milliseconds: 60_000)) != nil {}
        var code: Int32 = 0
        while waitpid(pid, &code, 0) < 0, errno == EINTR {}
        let ended = code & 0x7f == 0 ? code >> 8 & 0xff : -(code & 0x7f)
        status = ended
        return ended
    }

    /// What the kernel says of the process: descriptors (but those of the database, which is opened once more when the
    /// log is written back first), threads, peak memory in kB.
    var facts: (descriptors: Int, threads: Int, peakKilobytes: Int) {
        let manager = FileManager.default
        let names = (try? manager.contentsOfDirectory(atPath: "/proc/\(pid)/fd")) ?? []
        let descriptors = names.count { name in
            let target = try? manager.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\(name)")
            return target?.contains("/agenthost.db") == false
        }
        return (descriptors, figure("Threads:"), kilobytes("VmHWM:"))
    }

    /// A figure of the process's memory, by its name in `/proc/PID/status`.
    func kilobytes(_ name: String) -> Int { figure(name) }

    private func figure(_ name: String) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
        return Int(line.drop { !$0.isNumber }.prefix { $0.isNumber }) ?? -1
    }

    /// Its children, zombies among them.
    var children: [pid_t] {
        var pids = [pid_t](repeating: 0, count: 1024)
        return Array(pids.prefix(Int(max(0, cs_descendants(pid, &pids, 1024)))))
    }
}
