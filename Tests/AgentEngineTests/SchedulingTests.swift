import AgentEngine
import Testing

/// SplitMix64 (Steele, Lea, Flood 2014).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }
}

@Suite struct LaneSchedulerTests {
    @Test func writesOfOneLaneGoOneAfterTheOtherIsSubmitted() {
        var lanes = LaneScheduler()
        #expect(lanes.admit(1, .write(.session("a"))) == true)
        #expect(lanes.admit(2, .write(.session("a"))) == false)
        #expect(lanes.admit(3, .write(.session("a"))) == false)
        #expect(lanes.submitted(1) == [2])
        #expect(lanes.submitted(1) == [])
        #expect(lanes.ended(1) == [])
        #expect(lanes.ended(2) == [3], "one that ends without a submission lets the next go")
        #expect(lanes.ended(3) == [])
        #expect(lanes.waitingCount == 0)
    }

    @Test func aReadSeesTheWritesBeforeItAndNoOthers() {
        var lanes = LaneScheduler()
        #expect(lanes.admit(1, .write(.session("a"))) == true)
        #expect(lanes.admit(2, .read(.session("a"))) == false)
        #expect(lanes.admit(3, .read(.session("b"))) == true)
        #expect(lanes.admit(4, .readAll) == false)
        #expect(lanes.submitted(1) == [], "a submission is not yet to be seen")
        #expect(Set(lanes.ended(1)) == [2, 4])
    }

    @Test func whatIsOfTheStoreIsSeenByEveryRead() {
        var lanes = LaneScheduler()
        #expect(lanes.admit(1, .write(.store)) == true)
        #expect(lanes.admit(2, .read(.session("a"))) == false)
        #expect(lanes.admit(3, .write(.session("a"))) == true, "but holds up no other write")
        #expect(lanes.admit(4, .overtake) == true)
        #expect(lanes.ended(1) == [2])
    }

    @Test func aRefusedWriteHidesNoneBeforeIt() {
        var lanes = LaneScheduler()
        #expect(lanes.admit(1, .write(.session("a"))) == true)
        #expect(lanes.submitted(1) == [])
        #expect(lanes.admit(2, .write(.session("a"))) == true)
        #expect(lanes.admit(3, .read(.session("a"))) == false)
        #expect(lanes.ended(2) == [])
        #expect(lanes.admit(4, .read(.session("a"))) == false)
        #expect(lanes.ended(1) == [3, 4])
    }

    @Test func aCancelledWaitLetsNobodyOvertake() {
        var lanes = LaneScheduler()
        #expect(lanes.admit(1, .write(.session("a"))) == true)
        #expect(lanes.admit(2, .write(.session("a"))) == false)
        #expect(lanes.admit(3, .write(.session("a"))) == false)
        #expect(lanes.ended(2) == [])
        #expect(lanes.submitted(1) == [3])
    }

    @Test func unknownKeysChangeNothing() {
        var lanes = LaneScheduler()
        #expect(lanes.submitted(9) == [])
        #expect(lanes.ended(9) == [])
    }

    /// A client that sends anything, a store that commits in the order of submission.
    @Test(arguments: 0..<200) func aRandomWalkKeepsItsPromises(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var lanes = LaneScheduler()
        var access: [UInt64: LaneScheduler.Access] = [:]
        var (waiting, running, submitted): (Set<UInt64>, [UInt64], [UInt64]) = ([], [], [])
        var ended: Set<UInt64> = []
        let all: [LaneScheduler.Lane] = [.store, .session("a"), .session("b"), .connection("a"), .project("p")]

        func begin(_ key: UInt64) {
            switch access[key] {
            case .write(let lane):
                let earlier = access.filter { $0.key < key && $0.value == .write(lane) }.keys
                #expect(earlier.allSatisfy { ended.contains($0) || submitted.contains($0) }, "seed \(seed)")
                running.append(key)
            case .read(let lane):
                let earlier = access.filter {
                    $0.key < key && ($0.value == .write(lane) || $0.value == .write(.store))
                }
                #expect(earlier.keys.allSatisfy(ended.contains), "seed \(seed): it does not see its own writes")
            case .readAll:
                let earlier = access.filter { if case .write = $0.value { $0.key < key } else { false } }
                #expect(earlier.keys.allSatisfy(ended.contains), "seed \(seed)")
            default: break
            }
        }
        func go(_ keys: [UInt64]) {
            for key in keys {
                #expect(waiting.remove(key) != nil, "seed \(seed): let go twice")
                begin(key)
            }
        }
        func end(_ key: UInt64) {
            ended.insert(key)
            go(lanes.ended(key))
        }
        func step(_ choice: Int) {
            if choice == 0, !running.isEmpty {
                let key = running.remove(at: random.below(running.count))
                submitted.append(key)
                go(lanes.submitted(key))
            } else if choice == 1, !submitted.isEmpty {
                end(submitted.removeFirst())
            } else if choice == 2, !running.isEmpty {
                end(running.remove(at: random.below(running.count)))
            } else if choice == 3, let cancelled = waiting.sorted().randomElement(using: &random) {
                waiting.remove(cancelled)
                end(cancelled)
            }
        }
        for key in UInt64(1)...300 {
            let lane = all[random.below(all.count)]
            let choices: [LaneScheduler.Access] = [.write(lane), .write(lane), .read(lane), .readAll, .overtake]
            access[key] = choices[random.below(choices.count)]
            if lanes.admit(key, access[key] ?? .overtake) { begin(key) } else { waiting.insert(key) }
            #expect(lanes.waitingCount == waiting.count)
            for _ in 0..<random.below(3) { step(random.below(4)) }
        }
        while !running.isEmpty || !submitted.isEmpty { step(random.below(3)) }
        #expect(waiting.isEmpty, "seed \(seed): some wait for ever")
        #expect(lanes.waitingCount == 0)
    }
}

@Suite struct DeadlineQueueTests {
    @Test(arguments: 0..<100) func isLikeAPlainTable(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var queue = DeadlineQueue<Int>()
        var model: [Int: UInt64] = [:]
        var now: UInt64 = 0
        for _ in 0..<600 {
            let name = random.below(40)
            switch random.below(5) {
            case 0, 1, 2:
                let time = now &+ UInt64(random.below(100))
                queue.set(name, at: time)
                model[name] = time
            case 3:
                queue.clear(name)
                model[name] = nil
            default:
                now += UInt64(random.below(40))
                var due: [UInt64] = []
                while let popped = queue.popDue(at: now) {
                    let time = model.removeValue(forKey: popped)
                    #expect(time != nil, "seed \(seed): popped what is not set")
                    due.append(time ?? 0)
                }
                #expect(due == due.sorted(), "seed \(seed)")
                #expect(model.values.allSatisfy { $0 > now }, "seed \(seed): one was passed over")
            }
            #expect(queue.next() == model.values.min(), "seed \(seed)")
            #expect(queue.isEmpty == model.isEmpty)
        }
    }

    @Test func theEndOfTimeIsATime() {
        var queue = DeadlineQueue<String>()
        queue.set("never", at: .max)
        #expect(queue.popDue(at: .max - 1) == nil)
        #expect(queue.popDue(at: .max) == "never")
    }
}

@Suite struct StopLadderTests {
    @Test func climbsRungByRung() {
        var ladder = StopLadder()
        #expect(ladder.begin(.patient) == [.cancelDriver, .wait(milliseconds: 3000)])
        #expect(ladder.deadline() == [.closeInput, .wait(milliseconds: 1000)])
        #expect(ladder.deadline() == [.terminateGroup, .wait(milliseconds: 2000)])
        #expect(ladder.deadline() == [.killGroup])
        #expect(ladder.deadline() == [])
        #expect(ladder.exited() == [.hunt])
        #expect(ladder.hunted(isClean: true) == [.done])
        #expect(ladder.isDone)
    }

    @Test func whatDoesNotGoIsHuntedUntilItIsGone() {
        var ladder = StopLadder()
        #expect(ladder.exited() == [.hunt])
        for _ in 0..<3 {
            #expect(ladder.hunted(isClean: false) == [.wait(milliseconds: 500)])
            #expect(ladder.hunted(isClean: true) == [], "no hunt is under way")
            #expect(!ladder.isDone && ladder.kill() == [] && ladder.begin(.brisk) == [])
            #expect(ladder.deadline() == [.hunt])
            #expect(ladder.deadline() == [], "one is under way")
        }
        #expect(ladder.hunted(isClean: true) == [.done])
    }

    @Test func aSecondBeginningOnlyQuickens() {
        var ladder = StopLadder()
        _ = ladder.begin(.brisk)
        #expect(ladder.begin(.patient) == [])
        #expect(ladder.begin(.finished) == [.wait(milliseconds: 0)])
        var killed = StopLadder()
        #expect(killed.kill() == [.killGroup])
        #expect(killed.kill() == [])
        #expect(killed.begin(.brisk) == [])
    }

    /// Whatever comes in whatever order: each rung once at most and in its order, none after the exit, and done after
    /// an exit and a clean hunt, never before.
    @Test(arguments: 0..<300) func anyOrderEndsInDone(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var ladder = StopLadder()
        var effects: [StopLadder.Effect] = []
        let rungs: [StopLadder.Effect] = [.cancelDriver, .closeInput, .terminateGroup, .killGroup]
        var (hasExited, isHunting, isClean) = (false, false, false)
        func take(_ new: [StopLadder.Effect]) {
            for effect in new {
                #expect(!effects.contains(.done), "seed \(seed): something after the end")
                #expect(!rungs.contains(effect) || !hasExited, "seed \(seed): a rung after the exit")
                #expect(effect != .hunt || hasExited && !isHunting, "seed \(seed): a hunt too early, or two at once")
                #expect(effect != .done || isClean, "seed \(seed): done, and something may be left")
                if effect == .hunt { (isHunting, isClean) = (true, false) }
                effects.append(effect)
            }
        }
        func exit() {
            hasExited = true
            take(ladder.exited())
        }
        func hunted(_ clean: Bool) {
            if isHunting { (isHunting, isClean) = (false, clean) }
            take(ladder.hunted(isClean: clean))
        }
        for _ in 0..<random.below(30) {
            switch random.below(7) {
            case 0: take(ladder.begin([.patient, .brisk, .finished][random.below(3)]))
            case 1: take(ladder.kill())
            case 2: if random.below(3) == 0 { exit() }
            case 3: hunted(random.below(3) == 0)
            default: take(ladder.deadline())
            }
        }
        take(ladder.begin(.patient))
        for _ in 0..<4 { take(ladder.deadline()) }
        exit()
        take(ladder.deadline())
        hunted(true)
        #expect(ladder.isDone, "seed \(seed)")
        let climbed = effects.compactMap(rungs.firstIndex)
        #expect(climbed == Array(Set(climbed)).sorted(), "seed \(seed): a rung twice, or out of order")
        #expect(effects.count { $0 == .done } == 1)
        take(ladder.begin(.brisk) + ladder.kill() + ladder.deadline() + ladder.exited() + ladder.hunted(isClean: true))
    }
}
