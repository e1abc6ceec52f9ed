import JSON
import JSONRPC
import Testing

/// Random clients: requests alone and in batches, ids used twice, answers in any order and more than once.
@Suite struct InFlightWalkTests {
    /// SplitMix64 (Steele, Lea, Flood 2014).
    private struct WalkRandom {
        var state: UInt64

        mutating func below(_ bound: Int) -> Int {
            state &+= 0x9e37_79b9_7f4a_7c15
            var word = state
            word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
            word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
            return Int((word ^ (word >> 31)) % UInt64(max(1, bound)))
        }
    }

    /// Each request that is let in has one answer, with its id; each batch one array, once it is complete; an id is
    /// taken from its request to its answer.
    @Test(arguments: 0..<200 as Range<UInt64>) func eachRequestIsAnsweredOnce(seed: UInt64) {
        var random = WalkRandom(state: seed)
        let most = 2 + random.below(8)
        var table = InFlightTable(requestsMax: most)
        /// By key, what the client called it, and the batch that it came in.
        var open: [RequestKey: (id: Int, batch: Int?)] = [:]
        var sizes: [Int: Int] = [:]
        var answered: [Int] = []

        func heard(_ line: [UInt8], _ key: RequestKey, _ mine: (id: Int, batch: Int?)) {
            let reply = try? JSON.parse(line.dropLast())
            guard let batch = mine.batch else {
                #expect(reply?["id"]?.intValue == mine.id && reply?["result"]?.intValue == Int(key.number))
                return
            }
            #expect(!open.values.contains { $0.batch == batch }, "seed \(seed): a batch that is not complete")
            #expect(!answered.contains(batch), "seed \(seed): a batch twice")
            #expect(reply?.arrayValue?.count == sizes[batch], "seed \(seed)")
            answered.append(batch)
        }
        for step in 0..<80 {
            if random.below(2) == 0 {
                let isBatch = random.below(3) == 0
                let ids = (0..<(isBatch ? 1 + random.below(4) : 1)).map { _ in random.below(6) }
                let requests = ids.map { #"{"jsonrpc":"2.0","id":\#($0),"method":"m"}"# }
                let text = isBatch ? "[\(requests.joined(separator: ","))]" : requests[0]
                let taken = Set(open.values.map(\.id))
                let receipt = table.receive(Envelope(decoding: Array(text.utf8)[...]))
                var own: Set<Int> = []
                for case .request(let key, let request) in receipt.deliveries {
                    guard let id = ids.first(where: { request.id == RequestID.integer(Int64($0)) }) else {
                        Issue.record("seed \(seed): an id that nobody sent")
                        continue
                    }
                    #expect(!taken.contains(id) && !own.contains(id), "seed \(seed): \(id) is taken")
                    #expect(!open.keys.contains(key), "seed \(seed): a key is given twice")
                    own.insert(id)
                    open[key] = (id, isBatch ? step : nil)
                }
                sizes[step] = ids.count
                let refused = receipt.output.isEmpty ? nil : try? JSON.parse(receipt.output.dropLast())
                let said = refused.map { $0.arrayValue?.count ?? 1 } ?? 0
                #expect(said + (isBatch && !own.isEmpty ? ids.count : own.count) == ids.count, "seed \(seed)")
            } else if let key = open.keys.sorted().dropFirst(random.below(open.count)).first, let mine = open[key] {
                open[key] = nil
                switch table.finish(key, .result(.int(Int64(key.number)))) {
                case .send(let line): heard(line, key, mine)
                case .held: #expect(open.values.contains { $0.batch == mine.batch }, "seed \(seed): held for nothing")
                case .unknown: Issue.record("seed \(seed): a request is lost")
                }
                #expect(table.finish(key, .result(nil)) == .unknown, "seed \(seed): answered twice")
            }
            #expect(table.count == open.count && open.count <= most, "seed \(seed)")
            for (key, mine) in open { #expect(table.id(of: key) == RequestID.integer(Int64(mine.id)), "seed \(seed)") }
        }
    }
}
