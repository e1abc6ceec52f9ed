import CSystem
import Foundation
import Testing

struct Failure: Error, Equatable {
    var code: Int32
}

@discardableResult
func check(_ result: Int32) throws -> Int32 {
    guard result >= 0 else { throw Failure(code: -result) }
    return result
}

/// Ends the whole group when it goes away, so that no failed test leaves a process behind.
final class Child {
    let pid: pid_t
    private var status: Int32?

    init(
        _ path: String, _ arguments: [String] = [], environment: [String] = ["PATH=/usr/bin:/bin"],
        input: Int32? = nil, output: Int32? = nil, error: Int32? = nil,
        _ adjust: (inout cs_spawn_options) -> Void = { _ in }
    ) throws {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        var options = cs_spawn_options()
        options.input = input ?? null
        options.output = output ?? null
        options.error = error ?? null
        adjust(&options)
        var pid: pid_t = 0
        try withTexts([path] + arguments) { arguments in
            try withTexts(environment) { environment in
                try path.withCString { path in
                    options.path = path
                    options.arguments = arguments
                    options.environment = environment
                    try check(cs_spawn(&options, &pid))
                }
            }
        }
        self.pid = pid
    }

    deinit {
        cs_signal_group(pid, SIGKILL)
        if status == nil { waitpid(pid, nil, 0) }
    }

    /// Waits through the exit descriptor, as the host does, and reaps.
    func wait() throws -> Int32 {
        if let status { return status }
        let descriptor = try check(cs_exit_descriptor(pid))
        defer { close(descriptor) }
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&entry, 1, -1) < 0 && errno == EINTR {}
        var code: Int32 = 0
        #expect(try check(cs_reap(pid, &code)) == 1)
        status = code
        return code
    }

    /// What a program writes to its output until it ends, and its exit code.
    static func output(
        _ path: String, _ arguments: [String] = [], environment: [String] = ["PATH=/usr/bin:/bin"],
        _ adjust: (inout cs_spawn_options) -> Void = { _ in }
    ) throws -> (text: String, code: Int32) {
        var ends: [Int32] = [0, 0]
        try check(cs_pipe(&ends))
        defer { close(ends[0]) }
        let child: Child
        do {
            defer { close(ends[1]) }
            child = try Child(path, arguments, environment: environment, output: ends[1], adjust)
        }
        return (String(decoding: readAll(ends[0]), as: UTF8.self), try child.wait())
    }
}

func readAll(_ descriptor: Int32) -> [UInt8] {
    var all: [UInt8] = []
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = read(descriptor, &bytes, bytes.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return all }
        all += bytes[..<count]
    }
}

func withTexts<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) throws -> Result
) rethrows -> Result {
    let copies = texts.map { UnsafePointer<CChar>(strdup($0)) }
    defer { copies.forEach { free(UnsafeMutableRawPointer(mutating: $0)) } }
    // It holds at least the nil.
    // swift-format-ignore: NeverForceUnwrap
    return try (copies + [nil]).withUnsafeBufferPointer { try body($0.baseAddress!) }
}

/// Asks again until it is so: for what another process is about to do.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<2000 {
        if try condition() { return true }
        usleep(5000)
    }
    return false
}

func temporaryFolder() throws -> String {
    var template = Array("\(NSTemporaryDirectory())/agenthost-XXXXXX".utf8CString)
    return try template.withUnsafeMutableBufferPointer { buffer in
        guard let start = buffer.baseAddress, let path = mkdtemp(start) else { throw Failure(code: errno) }
        return String(cString: path)
    }
}
