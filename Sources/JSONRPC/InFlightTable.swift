import JSON

/// What a request in flight is called inside the host; never given twice, in the order in which requests came.
package struct RequestKey: Hashable, Comparable, Sendable {
    package let number: UInt64
    package static func < (left: RequestKey, right: RequestKey) -> Bool { left.number < right.number }
}

/// The client's requests that are not answered yet. Sees to it that each gets exactly one answer, and a batch one
/// array.
package struct InFlightTable: Sendable {
    /// What is to be done about one message.
    package enum Delivery: Hashable, Sendable {
        /// To be answered by `finish` under this key.
        case request(RequestKey, Request)
        case notification(Notification)
        case response(Response)
        /// For the log only.
        indirect case unanswerable(RPCError)
    }

    package struct Receipt: Hashable, Sendable {
        /// In the order of the messages.
        package fileprivate(set) var deliveries: [Delivery] = []
        /// Whole lines to send now: answers to what was refused. Empty if there are none.
        package fileprivate(set) var output: [UInt8] = []
    }

    package enum Finish: Hashable, Sendable {
        /// One whole line to send: the answer, or the array of answers that it completes.
        case send([UInt8])
        /// Kept until the rest of its batch is answered.
        case held
        /// No such request is in flight: it has been answered before. The reply counts for nothing.
        case unknown
    }

    private struct Entry {
        let id: RequestID
        let batch: UInt64?
    }

    private struct Batch {
        /// The answers so far, with commas between them.
        var replies: [UInt8] = []
        var openCount = 0
        var isComplete = false
    }

    package let requestsMax: Int
    package let lineBytesMax: Int
    package let retryAfterMS: Int
    private var entries: [RequestKey: Entry] = [:]
    private var keysByID: [RequestID: RequestKey] = [:]
    private var batches: [UInt64: Batch] = [:]
    private var keysGiven: UInt64 = 0
    private var batchesGiven: UInt64 = 0

    /// - Parameters:
    ///   - requestsMax: how many requests may be in flight.
    ///   - lineBytesMax: how long an answer may be; a longer one is replaced by an error.
    ///   - retryAfterMS: what a client that has too many requests in flight is told to wait.
    package init(requestsMax: Int = 1_024, lineBytesMax: Int = 16 << 20, retryAfterMS: Int = 50) {
        self.requestsMax = requestsMax
        self.lineBytesMax = lineBytesMax
        self.retryAfterMS = retryAfterMS
    }

    package var count: Int { entries.count }
    package var isEmpty: Bool { entries.isEmpty }
    /// The keys in flight, oldest first.
    package var keys: [RequestKey] { entries.keys.sorted() }

    /// The key of the request that has this id, for `rpc.cancel`.
    package func key(of id: RequestID) -> RequestKey? { keysByID[id] }
    package func id(of key: RequestKey) -> RequestID? { entries[key]?.id }

    /// Takes in what a line carried.
    package mutating func receive(_ envelope: Envelope) -> Receipt {
        var receipt = Receipt()
        switch envelope {
        case .single(let message):
            receive(message, batch: nil, &receipt)
        case .batch(let messages):
            batchesGiven &+= 1
            let number = batchesGiven
            batches[number] = Batch()
            for message in messages { receive(message, batch: number, &receipt) }
            batches[number]?.isComplete = true
            receipt.output += batchLine(number) ?? []
        }
        return receipt
    }

    /// Answers a request. Only the first answer counts.
    package mutating func finish(_ key: RequestKey, _ reply: Reply) -> Finish {
        guard let entry = entries.removeValue(forKey: key) else { return .unknown }
        keysByID[entry.id] = nil
        guard let number = entry.batch else { return .send(line(reply, to: entry.id)) }
        batches[number]?.openCount -= 1
        add(reply, to: entry.id, batch: number)
        return batchLine(number).map(Finish.send) ?? .held
    }

    private mutating func receive(_ message: Message, batch: UInt64?, _ receipt: inout Receipt) {
        switch message {
        case .request(let request):
            if let error = refusal(of: request.id) {
                answer(error, to: error.code == .overloaded ? request.id : nil, batch: batch, &receipt)
            } else {
                receipt.deliveries.append(.request(admit(request.id, batch: batch), request))
            }
        case .notification(let notification): receipt.deliveries.append(.notification(notification))
        case .response(let response): receipt.deliveries.append(.response(response))
        case .unanswerable(let error): receipt.deliveries.append(.unanswerable(error))
        case .invalid(let error, let id):
            // An answer to an id in flight would pass for the answer to that request.
            let isTaken = id.map { keysByID[$0] != nil } ?? false
            var error = error
            if isTaken { error.id = id }
            answer(error, to: isTaken ? nil : id, batch: batch, &receipt)
        }
    }

    private func refusal(of id: RequestID) -> RPCError? {
        if keysByID[id] != nil { return RPCError(.invalidRequest, "a request with this id is in flight", id: id) }
        guard entries.count >= requestsMax else { return nil }
        return RPCError(.overloaded, "\(requestsMax) requests are in flight", retryAfterMS: retryAfterMS)
    }

    private mutating func admit(_ id: RequestID, batch: UInt64?) -> RequestKey {
        keysGiven &+= 1
        let key = RequestKey(number: keysGiven)
        entries[key] = Entry(id: id, batch: batch)
        keysByID[id] = key
        if let batch { batches[batch]?.openCount += 1 }
        return key
    }

    private mutating func answer(_ error: RPCError, to id: RequestID?, batch: UInt64?, _ receipt: inout Receipt) {
        if let batch {
            add(.error(error), to: id, batch: batch)
        } else {
            receipt.output += line(.error(error), to: id)
        }
    }

    private func line(_ reply: Reply, to id: RequestID?) -> [UInt8] {
        let line = reply.line(to: id)
        return line.count - 1 <= lineBytesMax ? line : tooLong.line(to: id)
    }

    private mutating func add(_ reply: Reply, to id: RequestID?, batch number: UInt64) {
        // Taken out meanwhile, so that its bytes are appended to in place.
        guard var batch = batches.removeValue(forKey: number) else { return }
        if !batch.replies.isEmpty { batch.replies.append(UInt8(ascii: ",")) }
        let start = batch.replies.count
        write(reply, to: id, &batch.replies)
        if batch.replies.count + 2 > lineBytesMax {
            batch.replies.removeSubrange(start...)
            write(tooLong, to: id, &batch.replies)
        }
        batches[number] = batch
    }

    private func write(_ reply: Reply, to id: RequestID?, _ bytes: inout [UInt8]) {
        var writer = JSONWriter()
        writer.reply(reply, to: id)
        bytes += writer.bytes
    }

    private var tooLong: Reply {
        .error(RPCError(.limitExceeded, "the answer is longer than a line of \(lineBytesMax) bytes"))
    }

    /// The answers of a batch if none is missing; `nil` also for a batch that needs no answer.
    private mutating func batchLine(_ number: UInt64) -> [UInt8]? {
        guard let batch = batches[number], batch.isComplete, batch.openCount == 0 else { return nil }
        batches[number] = nil
        guard !batch.replies.isEmpty else { return nil }
        return [UInt8(ascii: "[")] + batch.replies + [UInt8(ascii: "]"), UInt8(ascii: "\n")]
    }
}
