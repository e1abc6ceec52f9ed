import AgentEngine
import AgentModel
import Driver
import JSON
import Store
import Testing

@testable import HostCore

/// SplitMix64 (Steele, Lea, Flood 2014).
private struct WalkRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((word ^ (word >> 31)) % UInt64(max(1, bound)))
    }
}

/// Random lives of the host's smaller machines, each held against a plain account of what it was given.
@Suite struct PartWalkTests {
    private typealias Key = WarmPoolTests

    /// A process waits, serves or is told to end: one of these, once. None serves another conversation, nor after
    /// somebody else has worked in its own.
    @Test(arguments: 0..<200 as Range<UInt64>) func aWarmProcessServesOrEndsOnce(seed: UInt64) {
        var random = WalkRandom(seed: seed)
        let most = random.below(4)
        var pool = WarmPool(processesMax: most, idleMilliseconds: 50, tornBytesMax: 6)
        var waiting: [ChildID: (key: WarmKey, run: RunID, since: Int, torn: [UInt8])] = [:]
        var (now, last) = (0, 0)

        func end(_ children: [ChildID], _ may: (ChildID) -> Bool = { _ in true }) {
            for child in children {
                #expect(waiting.removeValue(forKey: child) != nil, "seed \(seed): ended twice, or while it serves")
                #expect(may(child), "seed \(seed): there was no reason to end it")
            }
        }
        for _ in 0..<120 {
            now += random.below(12)
            let key = Key.key("\(random.below(4))", random.below(5) == 0 ? "other" : "")
            let child = Key.child(UInt64(1 + random.below(last + 1)))
            switch random.below(7) {
            case 0, 1:
                last += 1
                let (new, run) = (Key.child(UInt64(last)), Key.run(UInt64(last)))
                let ended = pool.park(new, key, servedLast: run, torn: [], at: UInt64(now))
                waiting[new] = (key, run, now, [])
                end(ended)
                let same = waiting.values.filter { $0.key.driverSessionID == key.driverSessionID }
                #expect(same.count <= 1, "seed \(seed): two of one conversation")
                #expect(waiting.count <= most, "seed \(seed)")
            case 2, 3:
                let known = waiting.values.first { $0.key.driverSessionID == key.driverSessionID }?.run
                let lastRun = random.below(3) == 0 ? Key.run(9999) : known
                let (found, ended) = pool.take(key, lastRun: lastRun)
                if let found {
                    let mine = waiting.removeValue(forKey: found.child)
                    #expect(mine?.key == key && mine?.run == lastRun, "seed \(seed): it was another's")
                    #expect(mine?.torn == found.torn, "seed \(seed)")
                }
                end(ended) { _ in found == nil }
                #expect(!waiting.values.contains { $0.key.driverSessionID == key.driverSessionID }, "seed \(seed)")
            case 4:
                let bytes = (0..<random.below(4)).map { _ in UInt8(random.below(3) == 0 ? 10 : 65) }
                let line = ((waiting[child]?.torn ?? []) + bytes).split(separator: 10, omittingEmptySubsequences: false)
                let ended = pool.heard(child, bytes)
                let torn = Array(line.last ?? [])
                #expect(ended == (waiting[child] != nil && torn.count > 6 ? [child] : []), "seed \(seed)")
                waiting[child]?.torn = torn
                end(ended)
            case 5:
                pool.exited(child)
                waiting[child] = nil
            default:
                let due = waiting.filter { $0.value.since + 50 <= now }.keys
                let ended = pool.due(at: UInt64(now))
                #expect(Set(ended) == Set(due), "seed \(seed)")
                end(ended)
            }
            #expect(pool.count == waiting.count, "seed \(seed)")
            #expect(pool.nextDue == waiting.values.map { UInt64($0.since + 50) }.min(), "seed \(seed)")
        }
        end(pool.drain())
        #expect(waiting.isEmpty && pool.count == 0)
    }

    private enum Word: Hashable {
        case record(Int)
        case delta(Int)
    }

    /// Whatever fails and is tried again: records and deltas come in their order, each once, and no delta before the
    /// records that were before it are committed.
    @Test(arguments: 0..<200 as Range<UInt64>) func anOutboxKeepsItsOrder(seed: UInt64) {
        var random = WalkRandom(seed: seed)
        var box = Outbox()
        var (given, told): ([Word], [Word]) = ([], [])
        var underWay: [StoreCommand] = []

        func words(_ batch: [StoreCommand]) -> [Word] {
            batch.flatMap { command -> [Word] in
                guard case .append(_, let drafts) = command else { return [] }
                return drafts.compactMap { $0.data["n"]?.intValue.map(Word.record) }
            }
        }
        func listen() {
            for delta in box.takeDeltas() {
                #expect(underWay.isEmpty, "seed \(seed): a delta overtakes a record")
                told += delta.text.split(separator: ",").compactMap { Int($0).map(Word.delta) }
            }
        }
        for number in 0..<80 {
            switch random.below(6) {
            case 0, 1:
                box.add([EventDraft(.warning, data: ["n": .int(Int64(number))])], PartTests.session)
                given.append(.record(number))
            case 2:
                box.add(PartTests.delta("\(number),"))
                given.append(.delta(number))
            case 3:
                listen()
                let batch = box.takeBatch()
                #expect(batch.isEmpty || underWay.isEmpty, "seed \(seed): two batches at a time")
                if !batch.isEmpty { underWay = batch }
            case 4 where !underWay.isEmpty:
                told += words(underWay)
                underWay = []
                box.committed()
            case 5 where !underWay.isEmpty:
                box.failed(underWay)
                underWay = []
            default: listen()
            }
            #expect(told == Array(given.prefix(told.count)), "seed \(seed): out of order")
        }
        if !underWay.isEmpty { box.failed(underWay) }
        while !box.isIdle {
            underWay = []
            listen()
            told += words(box.takeBatch())
            box.committed()
        }
        #expect(told == given, "seed \(seed): something is lost")
    }

    /// A client that takes nothing now and then, a log that others write as well: it is told of every event that it
    /// wants, in order, once.
    @Test(arguments: 0..<200 as Range<UInt64>) func aSubscriptionMissesNothing(seed: UInt64) {
        var random = WalkRandom(seed: seed)
        let isFiltered = random.below(2) == 0
        var subscriptions = Subscriptions()
        var begun = Subscriptions.Subscription(
            cursor: 0, toldSeq: 0, types: isFiltered ? [.warning] : [], wantsDeltas: false)
        begun.isBehind = false
        subscriptions[PartTests.session] = begun
        var (log, told): ([Event], [Int]) = ([], [])
        var reading: [Event]?

        func wants(_ event: Event) -> Bool { !isFiltered || event.type == .warning }
        func readOn() {
            guard subscriptions.behind == [PartTests.session], reading == nil else { return }
            subscriptions[PartTests.session]?.isBehind = false
            subscriptions[PartTests.session]?.isReading = true
            let cursor = subscriptions[PartTests.session]?.cursor ?? 0
            reading = Array(log[cursor...].prefix(3))
        }
        /// As `Host.feedSubscriptions` does it.
        func fed() {
            guard let page = reading, var subscription = subscriptions[PartTests.session] else { return }
            reading = nil
            subscription.isReading = false
            if !page.isEmpty { subscription.isBehind = true }
            for event in page where event.seq > subscription.cursor {
                subscription.cursor = event.seq
                if subscription.wants(event) {
                    subscription.toldSeq = event.seq
                    told.append(event.seq)
                }
            }
            subscriptions[PartTests.session] = subscription
        }
        for _ in 0..<100 {
            switch random.below(5) {
            case 0...2:
                let type: EventType = random.below(2) == 0 ? .warning : .progress
                let event = Event(
                    sessionID: PartTests.session, seq: log.count + 1, at: Timestamp(milliseconds: 0),
                    EventDraft(type, data: [:]))
                log.append(event)
                // Another host's: this one hears that there is something, no more.
                guard random.below(3) > 0 else {
                    subscriptions.markAllBehind()
                    break
                }
                let previous = told.last ?? 0
                guard case .tell(let before) = subscriptions.take(event, canTell: random.below(4) > 0) else { break }
                #expect(before == (isFiltered ? previous : nil), "seed \(seed)")
                told.append(event.seq)
            case 3: readOn()
            default: fed()
            }
            #expect(told == log.filter(wants).map(\.seq).prefix(told.count).map(\.self), "seed \(seed): \(told)")
        }
        while reading != nil || !subscriptions.behind.isEmpty {
            readOn()
            fed()
        }
        #expect(told == log.filter(wants).map(\.seq), "seed \(seed): one was missed")
    }

    /// What is held back comes whole and in its order, of each task and message.
    @Test(arguments: 0..<100 as Range<UInt64>) func aLiveViewLosesNoText(seed: UInt64) {
        var random = WalkRandom(seed: seed)
        var view = LiveView()
        var (given, told): ([String: String], [String: String]) = ([:], [:])

        func take(_ pieces: [LiveView.Piece]) {
            for piece in pieces { told["\(piece.task) \(piece.delta.messageID)", default: ""] += piece.delta.text }
        }
        for number in 0..<80 {
            let task = TaskID(UUID128(high: 1, low: UInt64(random.below(3))))
            switch random.below(6) {
            case 0: take(view.release(task))
            case 1 where random.below(3) == 0: take(view.release())
            default:
                let piece = LiveView.Piece(
                    delta: PartTests.delta("\(number) ", "m\(random.below(2))"), session: PartTests.session,
                    task: task, run: RunID(UUID128(high: 2, low: 2)), afterSeq: 0, at: Timestamp(milliseconds: 0))
                given["\(task) \(piece.delta.messageID)", default: ""] += piece.delta.text
                view.hold(piece)
            }
        }
        take(view.release())
        #expect(told == given, "seed \(seed)")
        #expect(view.held.isEmpty)
    }
}
