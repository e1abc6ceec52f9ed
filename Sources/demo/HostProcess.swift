import CSystem
import JSON

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

struct DemoError: Error, CustomStringConvertible {
    let description: String
}

/// An `agenthost serve` of our own, with a pipe at each end: what any client of the host does.
final class HostProcess {
    /// A line as it was sent (`true`) or came.
    var onLine: (_ sent: Bool, _ line: String) -> Void = { _, _ in }
    /// The parameters of a notification.
    var onNotification: (JSON) -> Void = { _ in }

    private let process: pid_t
    private let input: Int32
    private let output: Int32
    private var received: [UInt8] = []
    private var lastID = 0

    /// Starts it with the folder that its store and results go to.
    init(executable: String, home: String) throws {
        var toHost: [Int32] = [0, 0]
        var fromHost: [Int32] = [0, 0]
        guard cs_pipe(&toHost) == 0, cs_pipe(&fromHost) == 0 else { throw DemoError(description: "no pipe") }
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        process = try Self.spawn(
            [executable, "serve"], environment: ["AGENTHOST_HOME=\(home)", "PATH=\(path)"], input: toHost[0],
            output: fromHost[1])
        close(toHost[0])
        close(fromHost[1])
        input = toHost[1]
        output = fromHost[0]
    }

    private static func spawn(
        _ arguments: [String], environment: [String], input: Int32, output: Int32
    ) throws -> pid_t {
        let allocated = (arguments + environment).map { strdup($0) }
        defer { allocated.forEach { free($0) } }
        let pointers = allocated.map { UnsafePointer($0) }
        let argv = pointers.prefix(arguments.count) + [nil]
        let envp = pointers.dropFirst(arguments.count) + [nil]
        var process: pid_t = 0
        let status = Array(argv).withUnsafeBufferPointer { argv in
            Array(envp).withUnsafeBufferPointer { envp in
                var options = cs_spawn_options()
                options.path = pointers[0]
                options.arguments = argv.baseAddress
                options.environment = envp.baseAddress
                options.input = input
                options.output = output
                options.error = 2
                return cs_spawn(&options, &process)
            }
        }
        guard status == 0 else {
            throw DemoError(description: "\(arguments[0]): \(String(cString: strerror(-status)))")
        }
        return process
    }

    /// Sends a request and returns its result, handing on the notifications that come before it.
    func call(_ method: String, _ parameters: JSON) throws -> JSON {
        lastID += 1
        let id = JSON.int(Int64(lastID))
        let request: JSON = ["jsonrpc": "2.0", "id": id, "method": .string(method), "params": parameters]
        onLine(true, request.description)
        try write(request.encoded() + [UInt8(ascii: "\n")])
        while true {
            let line = try readLine()
            let message = try JSON(parsing: line)
            guard message["method"] == nil else {
                onNotification(message["params"] ?? .null)
                continue
            }
            onLine(false, line)
            if let error = message["error"] { throw DemoError(description: "\(method): \(error)") }
            guard message["id"] == id, let result = message["result"] else {
                throw DemoError(description: "\(method): no answer but \(line)")
            }
            return result
        }
    }

    /// Ends the input and waits. Returns the exit code, or the negated signal number.
    func finish() -> Int {
        close(input)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        close(output)
        return Int(status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f))
    }

    private func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Self.writeSome(input, $0) }
            guard count > 0 else { throw DemoError(description: "agenthost reads no more") }
            rest = rest.dropFirst(count)
        }
    }

    private static func writeSome(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #else
            Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    private func readLine() throws -> String {
        var searched = 0
        while true {
            if let end = received[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { received.removeFirst(end + 1) }
                return String(decoding: received[..<end], as: UTF8.self)
            }
            searched = received.count
            let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                count = max(0, read(output, buffer.baseAddress, buffer.count))
            }
            guard !chunk.isEmpty else { throw DemoError(description: "agenthost ended before it answered") }
            received += chunk
        }
    }
}
