import AgentEngine
import AgentModel
import Testing

@testable import HostCore

@Suite struct SessionLineTests {
    private let clock = HostClock()

    private func line(of count: Int) -> (SessionLine, [TaskID]) {
        var line = SessionLine()
        let tasks: [TaskID] = (0..<count).map { _ in clock.id() }
        for task in tasks { line.add(task) }
        return (line, tasks)
    }

    @Test func oneAfterTheOther() {
        var (line, tasks) = line(of: 2)
        let first = [line.next(), line.next()]
        #expect(first == [tasks[0], nil])
        var wasCurrent = [line.remove(tasks[0])]
        let second = line.next()
        #expect(second == tasks[1])
        wasCurrent.append(line.remove(tasks[1]))
        #expect(wasCurrent == [true, true])
        #expect(line.isEmpty)
    }

    @Test func whatIsEndingIsNeitherStartedNorEndedAgain() {
        var (line, tasks) = line(of: 2)
        let ends = [line.end(tasks[0]), line.end(tasks[0])]
        #expect(ends == [true, false])
        let next = line.next()
        #expect(next == tasks[1])
        let current = [line.end(tasks[1]), line.end(tasks[1]), line.putBack(tasks[1])]
        #expect(current == [true, false, false])
        #expect(line.current == tasks[1])
        line.remove(tasks[0])
        #expect(!line.isEmpty)
        line.remove(tasks[1])
        #expect(line.isEmpty)
    }

    @Test func whatIsPutBackIsFirstAgain() {
        var (line, tasks) = line(of: 2)
        _ = line.next()
        line.stopCurrent(.cancelled)
        _ = line.countFailedStart()
        let isBack = line.putBack(tasks[0])
        #expect(isBack && line.isHeld && !line.hasNext)
        line.release()
        let next = line.next()
        #expect(next == tasks[0])
        #expect(line.stopAtStart == nil && line.failedStarts == 0)
    }

    @Test func theFirstCauseCounts() {
        var (line, _) = line(of: 1)
        _ = line.next()
        line.stopCurrent(.cancelled)
        line.stopCurrent(.hostEnding)
        #expect(line.stopAtStart == .cancelled)
    }

    @Test(arguments: 0..<50) func anyOrderKeepsEachTaskInOnePlace(seed: Int) {
        var random = LCG(state: UInt64(seed))
        var line = SessionLine()
        var (accepted, ended, left): (Set<TaskID>, Set<TaskID>, Set<TaskID>) = ([], [], [])
        for _ in 0..<300 {
            let task = accepted.subtracting(left).randomElement(using: &random)
            switch random.next() % 6 {
            case 0:
                let new: TaskID = clock.id()
                accepted.insert(new)
                line.add(new)
            case 1:
                guard let next = line.next() else { break }
                #expect(!ended.contains(next) && !left.contains(next))
            case 2:
                guard let task, line.end(task) else { break }
                let isNew = ended.insert(task).inserted
                #expect(isNew)
            case 3: if let current = line.current { _ = line.putBack(current) }
            case 4: line.release()
            default:
                // Only what has come to its end leaves.
                guard let task, ended.contains(task) || line.current == task else { break }
                line.remove(task)
                left.insert(task)
            }
            let places = line.waiting + line.ending.filter { $0 != line.current } + [line.current].compactMap(\.self)
            #expect(places.count == Set(places).count && Set(places) == accepted.subtracting(left))
            #expect(line.isEmpty == (accepted == left))
        }
    }
}

/// Knuth's linear congruential generator.
private struct LCG: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 16
    }
}
