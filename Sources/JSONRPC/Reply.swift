package import JSON

/// What a request is answered with.
package enum Reply: Hashable, Sendable {
    case result(JSON)
    /// A result that is encoded already.
    case encoded([UInt8])
    indirect case error(RPCError)
}

extension Reply {
    /// The whole answer as one line, with its end. An error without an id is answered to `null`.
    package func line(to id: RequestID?) -> [UInt8] {
        var writer = JSONWriter(capacity: 128)
        writer.reply(self, to: id)
        writer.newline()
        return writer.bytes
    }
}

extension JSONWriter {
    /// Writes the answer to a request, without a line end.
    package mutating func reply(_ reply: Reply, to id: RequestID?) {
        beginObject()
        member("jsonrpc", raw: #""2.0""#)
        member("id", id)
        switch reply {
        case .result(let json): member("result", tree: json)
        case .encoded(let bytes): member("result", raw: bytes)
        case .error(let error): member("error", tree: error.json)
        }
        endObject()
    }

    /// Writes a notification, without a line end.
    /// - Parameter params: writes the value of `params`.
    package mutating func notification(_ method: String, params: (inout JSONWriter) -> Void) {
        call(method, id: nil, params: params)
    }

    /// Writes a request of the host's, without a line end.
    /// - Parameter params: writes the value of `params`.
    package mutating func request(_ method: String, id: RequestID, params: (inout JSONWriter) -> Void) {
        call(method, id: id, params: params)
    }

    private mutating func call(_ method: String, id: RequestID?, params: (inout JSONWriter) -> Void) {
        beginObject()
        member("jsonrpc", raw: #""2.0""#)
        if let id { member("id", id) }
        member("method", method)
        key("params")
        params(&self)
        endObject()
    }

    private mutating func member(_ key: String, _ id: RequestID?) {
        self.key(key)
        switch id {
        case .string(let text): value(text)
        case .integer(let number): value(number)
        case nil: null()
        }
    }
}

/// Lines that the host sends on its own account.
package enum OutgoingLine {
    package static func notification(_ method: String, params: JSON) -> [UInt8] {
        line { $0.notification(method) { $0.value(tree: params) } }
    }

    /// - Parameter params: an object that is encoded already.
    package static func notification(_ method: String, encoded params: [UInt8]) -> [UInt8] {
        line { $0.notification(method) { $0.append(raw: params) } }
    }

    package static func request(_ method: String, id: RequestID, params: JSON) -> [UInt8] {
        line { $0.request(method, id: id) { $0.value(tree: params) } }
    }

    private static func line(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        write(&writer)
        writer.newline()
        return writer.bytes
    }
}
