import HostProtocol
import JSON
import JSONRPC

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Speaks the protocol with a host of our own, one request at a time.
final class HostClient {
    /// Told each event that comes while a request or `listen` waits.
    var onEvent: (JSON) -> Void = { _ in }
    /// Told of a first Ctrl-C while a request waits; the request goes on. Without it, or at a second one, the command
    /// ends.
    var onInterrupt: (() -> Void)?
    /// Whether a Ctrl-C has ended the work that this is for.
    var hasAskedToCancel = false

    /// Answers an agent's ask with the id of an option; `nil` cancels it. Only asked once `answersAsks` was called.
    private var onAsk: ((Wire.PermissionRequest) -> String?)?

    private let child: HostChild
    private let interrupts: Interrupts
    private var framer = LineFramer(lineBytesMax: 1 << 30)
    private var lastID: Int64 = 0
    private var wasInterrupted = false
    private var hasEnded = false

    /// - Parameter quiet: whether the host keeps its own notes to itself.
    init(_ arguments: Arguments, _ invocation: Invocation, quiet: Bool = false) throws(CommandLineError) {
        var words = [invocation.executable, "serve"]
        for flag in ["--store", "--config"] {
            if let value = arguments[flag] { words += [flag, value] }
        }
        if quiet { words.append("--quiet") }
        interrupts = Interrupts()
        child = try HostChild(words, environment: invocation.environment)
    }

    deinit {
        guard !hasEnded else { return }
        close(child.input)
        close(child.output)
    }

    /// Sends a request and waits for its result. An error of the host is thrown as `RPCError`.
    func call<Params: WireParams>(_ params: Params) throws -> Params.Result where Params.Result: WireObject {
        try Params.Result(lenient: try rawCall(params))
    }

    /// As `call`, with the result as the host wrote it.
    func rawCall<Params: WireParams>(_ params: Params) throws -> JSON {
        try rawCall(Params.method, params.json)
    }

    func rawCall(_ method: Wire.Method, _ params: JSON) throws -> JSON {
        let id = try send(method, params)
        while true {
            guard let message = try nextMessage() else { throw lost() }
            guard message["method"] == nil, message["id"] == .int(id) else { continue }
            if let error = message["error"].flatMap(RPCError.init) { throw error }
            return message["result"] ?? .null
        }
    }

    /// Sends a request whose answer nobody waits for.
    @discardableResult
    func send(_ method: Wire.Method, _ params: JSON) throws -> Int64 {
        lastID += 1
        let request: JSON = [
            "jsonrpc": "2.0", "id": .int(lastID), "method": .string(method.rawValue), "params": params,
        ]
        guard child.write(request.encoded() + [UInt8(ascii: "\n")]) else { throw lost() }
        return lastID
    }

    /// Asks for the request that waits to be given up: its answer is then the error `cancelled`.
    func cancelRequest() {
        let notification: JSON = ["jsonrpc": "2.0", "method": "rpc.cancel", "params": ["id": .int(lastID)]]
        _ = child.write(notification.encoded() + [UInt8(ascii: "\n")])
    }

    /// Hands on events until `isDone`.
    func listen(until isDone: () -> Bool) throws {
        while !isDone() {
            guard try nextMessage() != nil else { throw lost() }
        }
    }

    /// Ends the input, lets the host finish and waits for its end.
    func finish() throws {
        close(child.input)
        hasEnded = true
        defer { close(child.output) }
        while try nextMessage() != nil {}
        _ = child.wait()
    }

    /// Tells the host that somebody is here to answer what agents ask.
    func answersAsks(_ answer: @escaping (Wire.PermissionRequest) -> String?) throws {
        onAsk = answer
        _ = try rawCall(.hostInitialize, ["capabilities": ["permissions": true, "questions": true]])
    }

    /// Whether the message was a request of the host's, which has its answer now.
    private func answer(_ message: JSON) -> Bool {
        guard let id = message["id"], message["method"] == "permission.request", let onAsk,
            let request = try? Wire.PermissionRequest(lenient: message["params"] ?? .null)
        else { return false }
        let option = onAsk(request)
        let result: JSON = option.map { ["option_id": .string($0)] } ?? ["cancelled": true]
        let response: JSON = ["jsonrpc": "2.0", "id": id, "result": result]
        _ = child.write(response.encoded() + [UInt8(ascii: "\n")])
        return true
    }

    /// A line that a person types, without its end; `nil` at the end of the input or at Ctrl-C, which counts as one
    /// while a request waits.
    func typedLine() -> String? {
        var ready = [
            pollfd(fd: 0, events: Int16(POLLIN), revents: 0),
            pollfd(fd: interrupts.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&ready, 2, -1) < 0, errno == EINTR {}
        return ready[1].revents == 0 && ready[0].revents != 0 ? readLine() : nil
    }

    /// The next message, after events were handed on; `nil` when the host has closed its output.
    private func nextMessage() throws -> JSON? {
        while true {
            while let line = framer.next() {
                guard case .line(let bytes) = line else { continue }
                let message = try JSON.parse(bytes)
                if answer(message) { continue }
                if message["method"] != nil, message["id"] == nil, let event = message["params"] { onEvent(event) }
                return message
            }
            guard try readMore() else { return nil }
        }
    }

    /// Waits for bytes or Ctrl-C. Returns whether the host may say more.
    private func readMore() throws -> Bool {
        var ready = [
            pollfd(fd: child.output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: interrupts.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&ready, 2, -1) > 0 else { return true }
        if ready[1].revents != 0 {
            interrupts.take()
            guard !wasInterrupted, let onInterrupt else { throw CommandLineError("", .interrupted) }
            wasInterrupted = true
            onInterrupt()
        }
        guard ready[0].revents != 0 else { return true }
        let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            count = max(0, read(child.output, buffer.baseAddress, buffer.count))
        }
        framer.append(chunk)
        return !chunk.isEmpty
    }

    /// What to end with when the host is gone. What it ended with by itself, it has explained on stderr.
    private func lost() -> CommandLineError {
        hasEnded = true
        close(child.input)
        close(child.output)
        let status = child.wait()
        if let code = ExitCode(rawValue: status), status >= 64 { return CommandLineError("", code) }
        let how = status < 0 ? "was ended by signal \(-status)" : "ended with \(status)"
        return CommandLineError("the host \(how) before it answered", .internalFault)
    }
}
