package import JSON

/// Our end of a JSON-RPC conversation with an agent, one message a line: numbers our requests, matches replies to
/// them, and says what each line is. It touches no descriptor: what it makes are bytes to write.
///
/// It holds at most one unfinished line and the methods of our own requests that wait. What an agent has asked is for
/// the caller to remember, and to answer once.
package struct PeerRPC: Sendable {
    /// What one line came to.
    package enum Message: Hashable, Sendable {
        /// The first reply to a request of ours, and which that was.
        case reply(id: Int, method: String, Reply)
        /// The agent asks. The id is a number or a text, and goes back as it came.
        case request(id: JSON, method: String, params: JSON)
        case notification(method: String, params: JSON)
        case noise(Noise)
    }

    package enum Reply: Hashable, Sendable {
        case result(JSON)
        case error(PeerError)
    }

    /// What belongs to no conversation.
    package enum Noise: Hashable, Sendable {
        /// JSON that is no message, or a reply that nobody waits for.
        case json(JSON)
        /// No JSON at all.
        case text(String)
        /// The stream ended within a line.
        case torn(String)
        /// A line of more than the bytes allowed; the rest of it is skipped.
        case overlong(start: String)
    }

    private let includesVersion: Bool
    private var splitter: LineSplitter
    private var nextID = 1
    private var waiting: [Int: String] = [:]

    /// - Parameter includesVersion: whether our messages say `"jsonrpc": "2.0"`. What comes in may or may not.
    package init(includesVersion: Bool, lineBytesMax: Int = 16 << 20) {
        self.includesVersion = includesVersion
        splitter = LineSplitter(lineBytesMax: lineBytesMax)
    }

    /// Whether a request of ours has no reply yet.
    package var isWaiting: Bool { !waiting.isEmpty }

    // MARK: - Out

    /// - Returns: the request's number, and the line to write.
    package mutating func request(_ method: String, _ params: JSON) -> (id: Int, bytes: [UInt8]) {
        let id = nextID
        nextID += 1
        waiting[id] = method
        let bytes = line {
            $0["id"] = .int(Int64(id))
            $0["method"] = .string(method)
            $0["params"] = params
        }
        return (id, bytes)
    }

    /// - Parameter params: `nil` leaves the member out.
    package func notification(_ method: String, _ params: JSON? = nil) -> [UInt8] {
        line {
            $0["method"] = .string(method)
            $0["params"] = params
        }
    }

    /// The answer to a request of the agent's.
    package func reply(to id: JSON, _ reply: Reply) -> [UInt8] {
        line {
            $0["id"] = id
            switch reply {
            case .result(let result): $0["result"] = result
            case .error(let error): $0["error"] = error.json
            }
        }
    }

    private func line(_ members: (inout JSONObject) -> Void) -> [UInt8] {
        var object: JSONObject = includesVersion ? ["jsonrpc": "2.0"] : [:]
        members(&object)
        return JSON.object(object).encoded() + [UInt8(ascii: "\n")]
    }

    // MARK: - In

    /// The lines that these bytes, cut anywhere, complete. Each is to be heard before the next: what it says may lead
    /// to a request of ours, to which the next is the reply.
    package mutating func lines(_ bytes: [UInt8]) -> [LineSplitter.Line] { splitter.split(bytes) }

    /// What a line says; `nil` for an empty one.
    package mutating func hear(_ line: LineSplitter.Line) -> Message? {
        switch line {
        case .line(let bytes): message(bytes)
        case .overlong(let start): .noise(.overlong(start: String(decoding: start, as: UTF8.self)))
        }
    }

    /// What all these bytes say. For those who send nothing in answer: see `lines`.
    package mutating func read(_ bytes: [UInt8]) -> [Message] { lines(bytes).compactMap { hear($0) } }

    /// The stream has ended: a last line without its newline counts if it is whole.
    package mutating func end() -> Message? {
        guard let line = splitter.end(), let message = message(line) else { return nil }
        if case .noise(.text(let text)) = message { return .noise(.torn(text)) }
        return message
    }

    private mutating func message(_ line: ArraySlice<UInt8>) -> Message? {
        if line.allSatisfy(\.isSpace) { return nil }
        guard let json = try? JSON.parse(line) else { return .noise(.text(String(decoding: line, as: UTF8.self))) }
        return message(json) ?? .noise(.json(json))
    }

    private mutating func message(_ json: JSON) -> Message? {
        guard let object = json.objectValue else { return nil }
        let id = object["id"].flatMap { $0.isNull ? nil : $0 }
        if let method = object["method"]?.stringValue, !method.isEmpty {
            let params = object["params"] ?? .null
            guard let id else { return .notification(method: method, params: params) }
            guard id.intValue != nil || id.stringValue != nil else { return nil }
            return .request(id: id, method: method, params: params)
        }
        guard let number = id?.intValue, let reply = Reply(object), let method = waiting.removeValue(forKey: number)
        else { return nil }
        return .reply(id: number, method: method, reply)
    }
}

/// Why a request failed, in the words of who refused it.
package struct PeerError: Error, Hashable, Sendable {
    package var code: Int
    package var message: String
    package var data: JSON?

    package init(code: Int, message: String, data: JSON? = nil) {
        self.code = code
        self.message = message
        self.data = data
    }

    package static func methodNotFound(_ method: String) -> PeerError {
        PeerError(code: -32601, message: "There is no method \(method) here.")
    }

    package static func invalidParams(_ message: String) -> PeerError { PeerError(code: -32602, message: message) }

    /// `{code, message, data?}`, as it stands in a reply.
    package var json: JSON {
        var object: JSONObject = ["code": .int(Int64(code)), "message": .string(message)]
        object["data"] = data
        return .object(object)
    }
}

extension PeerRPC.Reply {
    /// `nil` when there is neither a result nor an error. An error counts, whatever stands beside it.
    fileprivate init?(_ object: JSONObject) {
        if let error = object["error"], !error.isNull {
            self = .error(
                PeerError(
                    code: error["code"]?.intValue ?? 0, message: error["message"]?.stringValue ?? "",
                    data: error["data"]))
        } else if let result = object["result"] {
            self = .result(result)
        } else {
            return nil
        }
    }
}
