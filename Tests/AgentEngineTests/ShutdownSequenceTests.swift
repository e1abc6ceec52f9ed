import AgentEngine
import Testing

@Suite struct ShutdownSequenceTests {
    private typealias Effect = ShutdownSequence.Effect

    @Test func itEndsStepByStep() {
        var shutdown = ShutdownSequence()
        shutdown.drain()
        #expect(shutdown.phase == .draining && !shutdown.isEnding)
        #expect(shutdown.end(exitCode: 143) == [.setTimer(milliseconds: 2500), .interrupt])
        #expect(shutdown.end(exitCode: 1) == [])
        #expect(shutdown.exitCode(isAlone: true, isDone: { false }) == nil)
        #expect(shutdown.exitCode(isAlone: false, isDone: { true }) == 143)
        #expect(shutdown.timeIsUp() == [.setTimer(milliseconds: 300), .refuse, .kill])
        #expect(shutdown.exitCode(isAlone: true, isDone: { false }) == nil, "what was killed takes a moment to go")
        #expect(shutdown.timeIsUp() == [.refuse])
        #expect(shutdown.exitCode(isAlone: false, isDone: { false }) == 143)
    }

    @Test func onlyOneThatIsAloneEndsBeforeItIsTold() {
        var shutdown = ShutdownSequence()
        #expect(shutdown.exitCode(isAlone: false, isDone: { true }) == nil)
        #expect(shutdown.exitCode(isAlone: true, isDone: { false }) == nil)
        #expect(shutdown.exitCode(isAlone: true, isDone: { true }) == 0)
        #expect(shutdown.timeIsUp() == [], "no time was set")
        shutdown.drain()
        #expect(shutdown.exitCode(isAlone: false, isDone: { true }) == 0)
        #expect(shutdown.exitCode(isAlone: true, isDone: { false }) == nil)
    }

    /// Whatever comes in whatever order.
    @Test(arguments: 0..<200 as Range<UInt64>) func aRandomWalkNeverGoesBack(seed: UInt64) {
        var random = WalkRandom(seed: seed)
        let order: [ShutdownSequence.Phase] = [.serving, .draining, .orderly, .rash, .over]
        var shutdown = ShutdownSequence()
        var (first, time, hasTimer, isRefused): (Int32?, UInt64, Bool, Bool) = (nil, 0, false, true)
        for step in 1...20 {
            let before = shutdown.phase
            var effects: [Effect] = []
            switch random.below(4) {
            case 0: shutdown.drain()
            case 1:
                first = first ?? Int32(step)
                effects = shutdown.end(exitCode: Int32(step))
            case 2 where hasTimer:
                hasTimer = false
                effects = shutdown.timeIsUp()
            default: isRefused = false
            }
            for effect in effects {
                switch effect {
                case .setTimer(let milliseconds):
                    time += milliseconds
                    #expect(!hasTimer, "seed \(seed): two timers at a time")
                    hasTimer = true
                case .refuse, .interrupt: isRefused = true
                case .kill: #expect(effects.contains(.refuse), "seed \(seed)")
                }
            }
            #expect(order.firstIndex(of: shutdown.phase) ?? 0 >= order.firstIndex(of: before) ?? 0, "seed \(seed)")
            #expect(time < 3000, "seed \(seed)")
            #expect(shutdown.isEnding == (first != nil), "seed \(seed)")
            #expect(!shutdown.isEnding || shutdown.phase == .over || hasTimer, "seed \(seed): it may never end")
            guard shutdown.phase == .over else { continue }
            if before != .over { #expect(isRefused, "seed \(seed): a request was left unanswered") }
            #expect(shutdown.exitCode(isAlone: random.below(2) == 0, isDone: { false }) == first, "seed \(seed)")
        }
    }
}
