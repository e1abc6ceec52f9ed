import CSystem
import Foundation
import JSON

/// A running `agenthost serve`, with a pipe at each end.
final class HostProcess {
    let home: HostHome
    let program: Program
    private(set) var input: Int32
    private(set) var output: Int32
    private var received: [UInt8] = []
    private var searched = 0
    private var lastID = 0
    /// Notifications and requests of the host's that came while a reply was waited for.
    var unasked: [JSON] = []
    /// Every run that it has told of, so that no process of theirs is left behind unnoticed.
    private(set) var runs: Set<String> = []

    init(_ arguments: [String] = [], in home: HostHome? = nil) throws {
        self.home = try home ?? HostHome()
        var toHost: [Int32] = [0, 0]
        var fromHost: [Int32] = [0, 0]
        guard cs_pipe(&toHost) == 0, cs_pipe(&fromHost) == 0 else { throw StdioError("no pipe") }
        let log = open(self.home.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { for descriptor in [toHost[0], fromHost[1], log] { close(descriptor) } }
        program = try Program(
            self.home.command(arguments), environment: self.home.environment, input: toHost[0], output: fromHost[1],
            error: log)
        (input, output) = (toHost[1], fromHost[0])
        _ = cs_set_nonblocking(input, true)
    }

    deinit {
        closeInput()
        closeOutput()
    }

    // MARK: - To the host

    func send(_ line: String) throws { try send(Array(line.utf8) + [UInt8(ascii: "\n")]) }

    func send(_ bytes: [UInt8]) throws {
        cs_ignore_sigpipe()
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
            if count < 0, errno == EAGAIN {
                try awaitReady(input, POLLOUT, "the host to read")
                continue
            }
            guard count > 0 else { throw StdioError("the host reads no more: \(home.said)") }
            rest = rest.dropFirst(count)
        }
    }

    @discardableResult
    func request(_ method: String, _ params: JSON? = nil) throws -> JSON {
        lastID += 1
        try send(Self.line(.int(Int64(lastID)), method, params))
        return .int(Int64(lastID))
    }

    func notify(_ method: String, _ params: JSON) throws { try send(Self.line(nil, method, params)) }

    static func line(_ id: JSON?, _ method: String, _ params: JSON?) -> String {
        var message: JSON = ["jsonrpc": "2.0", "method": .string(method)]
        if case .object(var members) = message {
            if let id { members["id"] = id }
            if let params { members["params"] = params }
            message = .object(members)
        }
        return message.description
    }

    func closeInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    func closeOutput() {
        if output >= 0 { close(output) }
        output = -1
    }

    // MARK: - From the host

    /// The next line, or `nil` at the end of its output.
    func line() throws -> String? {
        while true {
            if let end = received[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: received[..<end], as: UTF8.self)
                received.removeFirst(end + 1)
                searched = 0
                note(line)
                return line
            }
            searched = received.count
            try awaitReady(output, POLLIN, "a line from the host, which said: \(home.said)")
            let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                count = max(0, read(output, buffer.baseAddress, buffer.count))
            }
            guard !chunk.isEmpty else {
                guard received.isEmpty else { throw StdioError("the host's last line has no end") }
                return nil
            }
            received += chunk
        }
    }

    func message() throws -> JSON? { try line().map { try JSON(parsing: $0) } }

    private func note(_ line: String) {
        for match in line.matches(of: /run_[0-9a-f-]{36}/) { runs.insert(String(match.output)) }
    }

    /// Everything up to the end of its output.
    func rest() throws -> [JSON] {
        var messages: [JSON] = []
        while let message = try message() { messages.append(message) }
        return messages
    }

    /// The reply to a request; what else comes meanwhile is kept in `unasked`.
    func reply(to id: JSON) throws -> JSON {
        while let message = try message() {
            if message["method"] == nil, message["id"] == id { return message }
            unasked.append(message)
        }
        throw StdioError("the host ended without an answer to \(id); it said: \(home.said)")
    }

    func reply(_ method: String, _ params: JSON? = nil) throws -> JSON {
        try reply(to: try request(method, params))
    }

    /// The result of a request that must not fail.
    func call(_ method: String, _ params: JSON? = nil) throws -> JSON {
        let reply = try reply(method, params)
        guard let result = reply["result"] else { throw StdioError("\(method): \(reply)") }
        return result
    }

    /// The next notification or request of the host's with such a type or method.
    func awaitUnasked(_ name: String, _ isWanted: (JSON) -> Bool = { _ in true }) throws -> JSON {
        func fits(_ message: JSON) -> Bool {
            (message["method"]?.stringValue == name || message["params"]?["type"]?.stringValue == name)
                && isWanted(message)
        }
        if let index = unasked.firstIndex(where: fits) {
            defer { unasked.removeSubrange(...index) }
            return unasked[index]
        }
        unasked = []
        while let message = try message() { if fits(message) { return message } }
        throw StdioError("the host ended without \(name); it said: \(home.said)")
    }

    // MARK: - Its end

    /// Ends the input, takes what still comes and waits. Returns the exit code, or the negated signal number.
    @discardableResult
    func finish() throws -> Int {
        closeInput()
        if output >= 0 { unasked += try rest() }
        return try program.wait()
    }

    /// Processes of its runs that are still there.
    func leftovers() -> [pid_t] {
        runs.flatMap { run in
            [pid_t](unsafeUninitializedCapacity: 64) { buffer, count in
                count = Int(max(0, cs_find_by_environment("AGENTHOST_RUN=\(run)", buffer.baseAddress, 64)))
            }
        }
    }
}
