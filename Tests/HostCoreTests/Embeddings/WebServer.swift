import Foundation
import Synchronization

/// A server of the tests' own on the loopback address: one thread for each connection, HTTP/1.1 as far as is needed.
final class WebServer: Sendable {
    struct Received: Sendable {
        var head: String
        var body: [UInt8]
    }

    /// What a request is answered with; `nil`: with nothing, ever.
    typealias Answer = @Sendable (Received) -> String?

    let port: Int
    private let listener: Int32
    private let taken = Mutex<[Received]>([])

    init(_ answer: @escaping Answer) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isOpen else { throw LoopError("no server") }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                Thread { [self] in serve(connection, answer) }.start()
            }
        }.start()
    }

    var url: String { "http://127.0.0.1:\(port)/v1/embeddings" }
    var received: [Received] { taken.withLock { $0 } }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ connection: Int32, _ answer: Answer) {
        defer { close(connection) }
        var bytes: [UInt8] = []
        while let request = next(connection, &bytes) {
            taken.withLock { $0.append(request) }
            guard let text = answer(request) else { continue }
            let reply = Array(text.utf8)
            guard send(connection, reply, reply.count, Int32(MSG_NOSIGNAL)) == reply.count else { return }
        }
    }

    private func next(_ connection: Int32, _ bytes: inout [UInt8]) -> Received? {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            if let received = Self.cut(&bytes) { return received }
            let count = read(connection, &chunk, chunk.count)
            guard count > 0 else { return nil }
            bytes += chunk[..<count]
        }
    }

    private static func cut(_ bytes: inout [UInt8]) -> Received? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        let length = line.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
        guard bytes.count - end.upperBound >= length else { return nil }
        let body = Array(bytes[end.upperBound..<(end.upperBound + length)])
        bytes.removeFirst(end.upperBound + length)
        return Received(head: head, body: body)
    }

    static func reply(_ body: String, status: String = "200 OK", headers: String = "") -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
    }
}
