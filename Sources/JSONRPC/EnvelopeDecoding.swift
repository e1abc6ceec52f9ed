package import JSON

/// What one line may hold.
package struct EnvelopeLimits: Hashable, Sendable {
    package let json: JSONLimits
    package let batchMembersMax: Int

    package init(json: JSONLimits = JSONLimits(), batchMembersMax: Int = 256) {
        self.json = json
        self.batchMembersMax = max(batchMembersMax, 1)
    }
}

extension Envelope {
    /// Decodes one line that is not blank. A line that is no message decodes to what has to be answered to it.
    package init(decoding line: ArraySlice<UInt8>, limits: EnvelopeLimits = EnvelopeLimits()) {
        self = line.withUnsafeBytes { Envelope(decoding: $0, limits: limits) }
    }

    package init(decoding line: UnsafeRawBufferPointer, limits: EnvelopeLimits = EnvelopeLimits()) {
        var decoder = MessageDecoder()
        do throws(JSONParseError) {
            var scan = try JSONScan(line, limits: limits.json)
            switch scan.kind {
            case .object:
                self = .single(try decoder.decode(&scan, in: line))
            case .array:
                self = try Envelope.batch(&scan, in: line, limits: limits)
            case .scalar:
                try scan.finish()
                self = .single(.invalid(.notAnObject, id: nil))
            }
        } catch {
            self = .single(
                .invalid(.malformed(error, limits.json), id: error.reason == .tooDeep ? decoder.requestID : nil))
        }
    }

    private static func batch(
        _ scan: inout JSONScan, in line: UnsafeRawBufferPointer, limits: EnvelopeLimits
    ) throws(JSONParseError) -> Envelope {
        var members: [Range<Int>] = []
        while let member = try scan.nextElement() {
            if members.count <= limits.batchMembersMax { members.append(member) }
        }
        guard !members.isEmpty else {
            return .single(.invalid(RPCError(.invalidRequest, "an empty batch"), id: nil))
        }
        guard members.count <= limits.batchMembersMax else {
            let message = "a batch of more than \(limits.batchMembersMax) messages"
            return .single(.invalid(RPCError(.limitExceeded, message), id: nil))
        }
        var messages: [Message] = []
        messages.reserveCapacity(members.count)
        for member in members {
            let text = UnsafeRawBufferPointer(rebasing: line[member])
            var scan = try JSONScan(text, limits: limits.json)
            var decoder = MessageDecoder()
            let isObject = scan.kind == .object
            messages.append(isObject ? try decoder.decode(&scan, in: text) : .invalid(.notAnObject, id: nil))
        }
        return .batch(messages)
    }

    /// What to answer to a line that the framer found to be over-long.
    package static func overlong(lineBytesMax: Int) -> Envelope {
        .single(.invalid(RPCError(.limitExceeded, "a line of more than \(lineBytesMax) bytes"), id: nil))
    }
}

extension RPCError {
    fileprivate static var notAnObject: RPCError {
        RPCError(.invalidRequest, "a message must be an object", expected: "object")
    }

    fileprivate static func malformed(_ error: JSONParseError, _ limits: JSONLimits) -> RPCError {
        if error.reason == .tooDeep {
            return RPCError(.limitExceeded, "nested deeper than \(limits.depth)", detail: error.description)
        }
        return RPCError(.parseError, "the line is not JSON", detail: error.description)
    }
}

/// Collects the members of one message and says what kind it is.
private struct MessageDecoder {
    private enum Key: UInt8 { case version = 1, id = 2, method = 4, params = 8, result = 16, error = 32 }

    private var seen: UInt8 = 0
    private var hasVersion2 = false
    private var id: RequestID?
    private var method: String?
    private var params: Range<Int>?
    private var result: Range<Int>?
    private var failure: Range<Int>?
    private var warnings: [String] = []

    private static let warningsMax = 16
    private static let noParams = Array("{}".utf8)

    /// The id of what has turned out to be a request before the walk broke off.
    var requestID: RequestID? { method == nil ? nil : id }

    /// Walks the whole object, so that the text is known to be JSON before anything is made of it.
    mutating func decode(
        _ scan: inout JSONScan, in text: UnsafeRawBufferPointer
    ) throws(JSONParseError) -> Message {
        while let member = try scan.nextMember() { read(member, scan, text) }
        return message(in: text)
    }

    private mutating func read(_ member: JSONScan.Member, _ scan: JSONScan, _ text: UnsafeRawBufferPointer) {
        if scan.key(of: member, is: "jsonrpc") {
            note(.version, "jsonrpc")
            hasVersion2 = string(of: member, scan, "jsonrpc") == "2.0"
        } else if scan.key(of: member, is: "id") {
            note(.id, "id")
            id = identifier(member, scan, text)
        } else if scan.key(of: member, is: "method") {
            note(.method, "method")
            method = string(of: member, scan, "method")
        } else if scan.key(of: member, is: "params") {
            note(.params, "params")
            params = member.value
        } else if scan.key(of: member, is: "result") {
            note(.result, "result")
            result = member.value
        } else if scan.key(of: member, is: "error") {
            note(.error, "error")
            failure = member.value
        } else {
            warn("\(scan.key(of: member).abbreviated): unknown field of the message")
        }
    }

    private mutating func note(_ key: Key, _ name: String) {
        if seen & key.rawValue != 0 { warn("\(name): duplicate key, the last value counts") }
        seen |= key.rawValue
    }

    private mutating func warn(_ text: String) {
        if warnings.count < Self.warningsMax { warnings.append(text) }
    }

    private mutating func string(of member: JSONScan.Member, _ scan: JSONScan, _ name: String) -> String? {
        guard let (text, replaced) = scan.string(of: member) else { return nil }
        if replaced { warn("\(name): half of a surrogate pair became U+FFFD") }
        return text
    }

    private mutating func identifier(
        _ member: JSONScan.Member, _ scan: JSONScan, _ text: UnsafeRawBufferPointer
    ) -> RequestID? {
        if let text = string(of: member, scan, "id") { return .string(text) }
        // Only a number is worth parsing; anything else may be large and is no id.
        guard text[member.value.lowerBound] == UInt8(ascii: "-") || text[member.value.lowerBound] &- 0x30 <= 9,
            let json = try? JSON.parse(UnsafeRawBufferPointer(rebasing: text[member.value]))
        else { return nil }
        return RequestID(json)
    }

    private func message(in text: UnsafeRawBufferPointer) -> Message {
        func has(_ key: Key) -> Bool { seen & key.rawValue != 0 }
        if !has(.method), has(.result) || has(.error) { return response(in: text) }
        guard hasVersion2 else {
            return refusal("the message is not JSON-RPC 2.0", path: "jsonrpc", expected: "\"2.0\"")
        }
        if has(.id), id == nil {
            return refusal("the id is of a wrong type", path: "id", expected: "string or integer")
        }
        guard let method else {
            return refusal("the message has no method", path: "method", expected: "string")
        }
        if let params, text[params.lowerBound] != UInt8(ascii: "{") {
            let given = text[params.lowerBound] == UInt8(ascii: "[") ? "by position" : "not as an object"
            let error = RPCError(
                .invalidParams, "params are taken by name, these are \(given)", path: "params", expected: "object")
            return has(.id) ? .invalid(error, id: id) : .unanswerable(error)
        }
        let content = params.map { [UInt8](text[$0]) } ?? Self.noParams
        guard let id else { return .notification(Notification(method: method, params: content)) }
        return .request(Request(id: id, method: method, params: content, warnings: warnings))
    }

    /// An answer with the id, if one could be found: a malformed message is not known to be a notification.
    private func refusal(_ message: String, path: String, expected: String) -> Message {
        .invalid(RPCError(.invalidRequest, message, path: path, expected: expected), id: id)
    }

    /// A malformed response is answered with `null`, since its id is one of ours; but never an error without an id,
    /// which may itself be the answer to such an answer.
    private func response(in text: UnsafeRawBufferPointer) -> Message {
        guard hasVersion2, let id, (result == nil) != (failure == nil) else {
            let error = RPCError(.invalidRequest, "a response needs jsonrpc, an id, and either a result or an error")
            return id == nil && failure != nil ? .unanswerable(error) : .invalid(error, id: nil)
        }
        if let result { return .response(Response(id: id, outcome: .result([UInt8](text[result])))) }
        let content = failure.map { [UInt8](text[$0]) } ?? []
        return .response(Response(id: id, outcome: .error(content)))
    }
}
