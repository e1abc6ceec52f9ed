import CSystem
import JSON
import JSONRPC

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The two descriptors between the host and its client. Confined to the loop's thread.
///
/// Output that the client does not take has levels: from `deltasHeldAt` on the live view is held back, from
/// `agentsPausedAt` on nothing new is made, and from the limit on requests are refused. Input is still read, so that
/// cancels and answers are heard, until
/// `answersMax` answers wait.
final class ClientLink {
    struct Limits: Hashable {
        var lineBytesMax = 16 << 20
        var nestingMax = 512
        var batchMax = 256
        var requestsMax = 1024
        var outputBytesMax = 32 << 20
        var answersMax = 4096
    }

    enum Intake {
        case receipt(InFlightTable.Receipt)
        case ended
    }

    static let deltasHeldAt = 256 << 10
    static let agentsPausedAt = 1 << 20
    private static let readMax = 64 << 10

    let limits: Limits
    let input: Int32
    let output: Int32
    private(set) var inFlight: InFlightTable
    private(set) var outgoing = OutgoingTable()
    private var framer: LineFramer
    private var pending = ByteQueue()
    private var answersWaiting = 0
    private(set) var hasInputEnded = false
    private(set) var isBroken = false
    private var readBuffer = [UInt8](repeating: 0, count: readMax)
    private var restoresBlocking = false
    private let envelopeLimits: EnvelopeLimits

    init(input: Int32, output: Int32, limits: Limits) {
        self.input = input
        self.output = output
        self.limits = limits
        framer = LineFramer(lineBytesMax: limits.lineBytesMax)
        inFlight = InFlightTable(requestsMax: limits.requestsMax, lineBytesMax: limits.lineBytesMax)
        envelopeLimits = EnvelopeLimits(
            json: JSONLimits(depth: limits.nestingMax), batchMembersMax: limits.batchMax)
        // A terminal is shared with the shell, which would inherit this; a regular file never makes anyone wait.
        var status = stat()
        if fstat(output, &status) == 0, [S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT) {
            restoresBlocking = cs_set_nonblocking(output, true) == 0
        }
    }

    /// Gives the descriptors back as they were.
    func close() { if restoresBlocking { _ = cs_set_nonblocking(output, false) } }

    // MARK: - Input

    /// Whether more requests should be read now.
    var wantsInput: Bool {
        !hasInputEnded && !isBroken && (pending.isEmpty || answersWaiting < limits.answersMax)
    }

    /// Reads once and hands on what each line carries.
    func read(_ handle: (InFlightTable.Receipt) -> Void) {
        let count = readBuffer.withUnsafeMutableBytes { buffer in
            #if canImport(Glibc)
                Glibc.read(input, buffer.baseAddress, buffer.count)
            #else
                Darwin.read(input, buffer.baseAddress, buffer.count)
            #endif
        }
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        if count > 0 {
            readBuffer.withUnsafeBytes { framer.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        } else {
            hasInputEnded = true
            framer.end()
        }
        while let line = framer.next() {
            let envelope =
                switch line {
                case .line(let bytes): Envelope(decoding: bytes, limits: envelopeLimits)
                case .overlong: Envelope.overlong(lineBytesMax: limits.lineBytesMax)
                }
            let receipt = inFlight.receive(envelope)
            if !receipt.output.isEmpty { answer(receipt.output) }
            handle(receipt)
        }
    }

    var inputBytesWaiting: Int { framer.bufferedBytes }

    // MARK: - Output

    var outputBytesWaiting: Int { pending.count }
    var isFull: Bool { pending.count >= limits.outputBytesMax }
    var areDeltasHeld: Bool { pending.count >= Self.deltasHeldAt }
    var areAgentsPaused: Bool { pending.count >= Self.agentsPausedAt }
    var hasOutput: Bool { !pending.isEmpty && !isBroken }

    /// Answers a request; a second answer to it counts for nothing.
    func finish(_ key: RequestKey, _ reply: Reply) {
        if case .send(let line) = inFlight.finish(key, reply) { answer(line) }
    }

    private func answer(_ line: [UInt8]) {
        answersWaiting += 1
        send(line)
    }

    func notify(_ method: String, _ params: JSON) { send(OutgoingLine.notification(method, params: params)) }

    /// Sends a request of the host's own.
    func request(_ method: String, _ params: JSON) -> OutgoingTable.Key {
        let key = outgoing.begin()
        send(OutgoingLine.request(method, id: key.id, params: params))
        return key
    }

    func finishOutgoing(_ id: RequestID) -> OutgoingTable.Key? { outgoing.finish(id) }
    func abandonOutgoing(_ key: OutgoingTable.Key) { outgoing.abandon(key) }

    private func send(_ line: [UInt8]) { if !isBroken { pending.append(line) } }

    /// Writes what the client takes. Returns false once it takes nothing any more.
    func flush() -> Bool {
        guard hasOutput else { return !isBroken }
        // A descriptor that blocks is given no more than it has said it can take.
        switch pending.write(to: output, chunkMax: restoresBlocking ? .max : 4096) {
        case .drained: answersWaiting = 0
        case .blocked: if pending.count < 16 << 10 { answersWaiting = 0 }
        case .broken: breakDown()
        }
        return !isBroken
    }

    /// The client reads nothing any more.
    func breakDown() {
        isBroken = true
        pending.removeAll()
    }
}
