import AgentEngine
import Testing

@Suite struct ChangeLineTests {
    private typealias Line = ChangeLine<Int, String>

    @Test func oneIsMadeAfterTheOther() {
        var line = Line(failuresMax: 3)
        #expect(line.add(1) == .make(1))
        #expect(line.add(2) == nil && line.add(3) == nil)
        #expect(line.made() == .make(2))
        #expect(line.again(4) == .make(4), "in its place")
        #expect(line.made() == .make(3))
        #expect(line.made() == .settled)
        #expect(line.made() == nil, "none is under way")
        #expect(line.again(5) == nil)
        #expect(line.add(6) == .make(6))
    }

    @Test func whatIsHeldWaitsForTheFirst() {
        var line = Line(isHeld: true, failuresMax: 3)
        #expect(line.add(2) == nil)
        #expect(line.made() == nil)
        #expect(line.again(1) == .make(1))
        #expect(line.made() == .make(2))
    }

    @Test func itEndsBetweenChanges() {
        var line = Line(failuresMax: 3)
        #expect(line.add(1) == .make(1) && line.add(2) == nil)
        #expect(line.end("lost") == nil && line.end("lost again") == nil)
        #expect(line.end == nil, "one is under way")
        #expect(line.made() == .over("lost"))
        #expect(line.end == "lost")
        #expect(line.add(3) == nil && line.made() == nil && line.again(4) == nil && line.end("more") == nil)
    }

    @Test func whatEndsItOfItselfCountsMore() {
        var line = Line(failuresMax: 3)
        #expect(line.add(1) == .make(1) && line.end("lost") == nil)
        #expect(line.made(ending: "completed") == .over("completed"))
        var other = Line(failuresMax: 3)
        #expect(other.add(1) == .make(1) && other.end("lost") == nil)
        #expect(other.again(1) == .over("lost"), "what failed is not tried again")
        var resting = Line(failuresMax: 3)
        #expect(resting.end("left") == .over("left"))
        var held = Line(isHeld: true, failuresMax: 3)
        #expect(held.end("left") == .over("left") && held.again(1) == nil)
    }

    @Test func failuresInARowAreCounted() {
        var line = Line(failuresMax: 3)
        #expect(line.add(1) == .make(1) && line.add(2) == nil)
        for _ in 0..<2 { #expect(line.countFailure() == true) }
        #expect(line.again(1) == .make(1))
        #expect(line.countFailure() == false)
        #expect(line.made() == .make(2))
        #expect(line.countFailure() == true, "of another change")
    }

    /// Against a plain account of what was given and what was made.
    @Test(arguments: 0..<300 as Range<UInt64>) func aRandomWalkKeepsItsPromises(seed: UInt64) {
        var random = WalkRandom(seed: seed)
        let isHeld = random.below(2) == 0
        var line = Line(isHeld: isHeld, failuresMax: 5)
        var (given, made): ([Int], [Int]) = ([], [])
        var underWay: Int?
        var (isFirst, isOver): (Bool, Bool) = (isHeld, false)
        var ends: [String] = []

        func take(_ next: Line.Next?) {
            guard let next else { return }
            #expect(!isOver, "seed \(seed): something comes after the end")
            switch next {
            case .make(let change):
                #expect(underWay == nil, "seed \(seed): two at a time")
                #expect(ends.isEmpty, "seed \(seed): it goes on after it was ended")
                underWay = change
            case .settled: #expect(underWay == nil && made == given, "seed \(seed): one was passed over")
            case .over(let end):
                #expect(underWay == nil && ends.contains(end), "seed \(seed)")
                isOver = true
            }
        }
        for step in 0..<60 {
            switch random.below(9) {
            case 0...3:
                if !isOver { given.append(step) }
                take(line.add(step))
            case 4...6:
                let end = random.below(20) == 0 ? "of itself" : nil
                let wasUnderWay = underWay != nil
                if let done = underWay {
                    made.append(done)
                    if let end { ends.append(end) }
                }
                underWay = nil
                let next = line.made(ending: end)
                #expect((next != nil) == wasUnderWay, "seed \(seed): who made it hears what comes next")
                take(next)
            case 7:
                let change = underWay ?? step
                let mayBe = underWay != nil || isFirst && !isOver
                if underWay == nil, mayBe { given.insert(step, at: 0) }
                (underWay, isFirst) = (nil, isFirst && !mayBe)
                let next = line.again(change)
                #expect((next != nil) == mayBe, "seed \(seed)")
                take(next)
            default:
                guard random.below(6) == 0 else { break }
                ends.append("\(step)")
                take(line.end("\(step)"))
            }
            #expect((line.end != nil) == isOver, "seed \(seed)")
            #expect(made == Array(given.prefix(made.count)), "seed \(seed): out of order")
        }
    }
}
