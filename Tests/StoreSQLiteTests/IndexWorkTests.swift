import StoreConformance
import Testing

@testable import StoreSQLite

/// The life of the index rows of one partition as a model without SQL: what is due is done, in random parts and with
/// documents coming in between, and what must hold is looked at after each step.
private struct ModelIndex {
    let plan: IndexPlan
    var segments: [IndexSegment] = []
    var tail: [Int64] = []
    private var nextDocument: Int64 = 1
    private var nextSegment: Int64 = 1
    private var random: SeededRandom
    var steps = 0

    init(seed: Int, limits: IndexLimits) {
        plan = IndexPlan(limits: limits)
        random = SeededRandom(seed: UInt64(seed))
    }

    var due: IndexWork? {
        let sorted = segments.sorted { $0.documents.lowerBound < $1.documents.lowerBound }
        return plan.due(tail: tail.count, segments: sorted)
    }

    mutating func remember() {
        tail.append(nextDocument)
        nextDocument += 1
    }

    mutating func work() {
        guard let due else { return }
        steps += 1
        switch due {
        case .fold:
            let folded = tail.prefix(plan.limits.fold)
            tail.removeFirst(folded.count)
            segments.append(segment(0, .live, folded[0]...folded[folded.count - 1]))
        case .merge(let level, let sources, nil):
            let rows = segments.filter { sources.contains($0.id) }
            let first = rows.map(\.documents.lowerBound).min() ?? 0
            let documents = first...(rows.map(\.documents.upperBound).max() ?? first)
            var target = segment(level, .building, documents)
            target.sources = sources
            segments.append(target)
        case .merge(_, let sources, let target?):
            guard random.below(3) == 0 else { return }
            change(target) {
                $0.state = .live; $0.sources = []; $0.leavesTombs = true
            }
            for source in sources { change(source) { $0.state = .dead } }
        case .abandon(let id): change(id) { $0.state = .dead }
        case .sweep(let id): if random.below(2) == 0 { segments.removeAll { $0.id == id } }
        case .dropTombs(let id): change(id) { $0.leavesTombs = false }
        }
    }

    private mutating func segment(
        _ level: Int, _ state: IndexSegment.State, _ documents: ClosedRange<Int64>
    ) -> IndexSegment {
        defer { nextSegment += 1 }
        return IndexSegment(id: nextSegment, level: level, state: state, documents: documents)
    }

    mutating func change(_ id: Int64, _ body: (inout IndexSegment) -> Void) {
        for place in segments.indices where segments[place].id == id { body(&segments[place]) }
    }

    var live: [IndexSegment] {
        segments.filter { $0.state == .live }.sorted { $0.documents.lowerBound < $1.documents.lowerBound }
    }

    /// The invariants of `IndexPlan`, by their numbers there.
    func broken() -> [Int] {
        var broken: [Int] = []
        let live = live
        let ends = zip(live, live.dropFirst())
        if !ends.allSatisfy({ $0.documents.upperBound < $1.documents.lowerBound }) { broken.append(1) }
        if let last = live.last, let first = tail.first, first <= last.documents.upperBound { broken.append(1) }
        if !ends.allSatisfy({ $0.level >= $1.level }) { broken.append(2) }
        let known = live.flatMap { Array($0.documents) } + tail
        if known != Array(1..<nextDocument) { broken.append(3) }
        let building = segments.filter { $0.state == .building }.map(\.level)
        if Set(building).count != building.count { broken.append(4) }
        return broken
    }
}

@Suite struct IndexWorkTests {
    private static func limits() -> IndexLimits {
        var limits = IndexLimits()
        limits.fold = 4
        limits.fanIn = 3
        limits.fanInMax = 6
        return limits
    }

    @Test(arguments: 1...8) func whateverComesInBetweenTheInvariantsHold(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed) &* 77)
        var index = ModelIndex(seed: seed, limits: Self.limits())
        for _ in 0..<3000 {
            if random.below(2) == 0 { index.remember() } else { index.work() }
            if index.broken() != [] { break }
        }
        #expect(index.broken() == [])
        while index.due != nil, index.steps < 100_000 { index.work() }
        #expect(index.broken() == [])
        #expect(index.tail.count < index.plan.limits.fold)
        #expect(index.segments.count == index.live.count)
        for level in 0..<12 { #expect(index.live.filter { $0.level == level }.count < index.plan.limits.fanIn) }
    }

    @Test func aMergeWhoseSourceIsGoneIsAbandoned() {
        var index = ModelIndex(seed: 1, limits: Self.limits())
        for _ in 0..<12 { index.remember() }
        while !index.segments.contains(where: { $0.state == .building }) { index.work() }
        guard case .merge(1, let sources, let target?) = index.due else {
            Issue.record("\(String(describing: index.due))")
            return
        }
        index.change(sources[0]) { $0.state = .dead }
        #expect(index.due == .abandon(target))
    }

    @Test func foldsComeBeforeMergesAndTheseBeforeWhatIsDead() {
        var limits = Self.limits()
        limits.fanIn = 2
        let plan = IndexPlan(limits: limits)
        let live = (1...2).map { IndexSegment(id: $0, level: 0, state: .live, documents: $0 * 10...$0 * 10 + 3) }
        let dead = IndexSegment(id: 9, level: 0, state: .dead, documents: 1...4)
        #expect(plan.due(tail: 4, segments: [dead] + live) == .fold)
        #expect(plan.due(tail: 3, segments: [dead] + live) == .merge(level: 1, sources: [1, 2], target: nil))
        #expect(plan.due(tail: 3, segments: [dead]) == .sweep(9))
        #expect(plan.due(tail: 3, segments: []) == nil)
        #expect(!plan.isPressing(tail: 7, segments: live))
        #expect(plan.isPressing(tail: 8, segments: live))
    }

    @Test func aBudgetFollowsTheMachine() {
        var budget = StepBudget(bytes: 64 << 10)
        budget.adapt(to: LockHolds.Hold(wall: 4000, own: 100))
        #expect(budget.bytes == 32 << 10)
        for _ in 0..<100 { budget.adapt(to: LockHolds.Hold(wall: 9000, own: 100)) }
        #expect(budget.bytes == StepBudget.range.lowerBound)
        for _ in 0..<100 { budget.adapt(to: LockHolds.Hold(wall: 100, own: 100)) }
        #expect(budget.bytes == StepBudget.range.upperBound)
    }

    @Test func holdsAreCountedByHowLongTheyWere() {
        var holds = LockHolds()
        for wall in [100, 250, 5000, 5001, 20_000] as [UInt64] { holds.add(LockHolds.Hold(wall: wall, own: wall / 2)) }
        #expect(holds.count == 5)
        #expect(holds.overBound == 2)
        #expect(holds.longest == LockHolds.Hold(wall: 20_000, own: 10_000))
        var others = LockHolds()
        others.add(LockHolds.Hold(wall: 6000, own: 11_000))
        holds.add(others)
        #expect(holds.overBound == 3)
        #expect(holds.longest == LockHolds.Hold(wall: 20_000, own: 11_000))
    }
}
