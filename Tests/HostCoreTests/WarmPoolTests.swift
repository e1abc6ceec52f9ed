import AgentModel
import Driver
import Testing

@testable import HostCore

@Suite struct WarmPoolTests {
    static func child(_ number: UInt64) -> ChildID { ChildID(number: number) }
    static func run(_ number: UInt64) -> RunID { RunID(UUID128(high: number, low: number)) }
    static func key(_ session: String, _ settings: String = "") -> WarmKey {
        WarmKey(driver: "d", driverSessionID: session, settings: settings)
    }

    static func pool(_ processesMax: Int = 2) -> WarmPool {
        WarmPool(processesMax: processesMax, idleMilliseconds: 100, tornBytesMax: 8)
    }

    /// A pool with one process, number 1, of the session `a`, after run 1.
    static func pooled(torn: [UInt8] = []) -> WarmPool {
        var pool = pool()
        #expect(pool.park(child(1), key("a"), servedLast: run(1), torn: torn, at: 1000) == [])
        return pool
    }

    @Test func itServesTheNextRunOfItsSession() {
        var pool = Self.pooled(torn: [7])
        #expect(pool.take(Self.key("b"), lastRun: Self.run(1)).process == nil)
        let (found, ended) = pool.take(Self.key("a"), lastRun: Self.run(1))
        #expect(found?.child == Self.child(1))
        #expect(found?.torn == [7])
        #expect(ended == [])
        #expect(pool.take(Self.key("a"), lastRun: Self.run(1)).process == nil, "only once")
        #expect(pool.counts == WarmPool.Counts(reused: 1, ended: 0))
    }

    @Test func itIsEndedWhenTheSessionWasUsedElsewhere() {
        for last in [Self.run(2), nil] {
            var pool = Self.pooled()
            let (found, ended) = pool.take(Self.key("a"), lastRun: last)
            #expect(found == nil)
            #expect(ended == [Self.child(1)])
            #expect(pool.count == 0)
        }
    }

    @Test func itIsEndedWhenTheNextRunWouldStartAnother() {
        var pool = Self.pooled()
        #expect(pool.take(Self.key("a", "other model"), lastRun: Self.run(1)).ended == [Self.child(1)])
    }

    @Test func theOneThatHasWaitedLongestMakesRoom() {
        var pool = Self.pooled()
        #expect(pool.park(Self.child(2), Self.key("b"), servedLast: Self.run(2), torn: [], at: 1001) == [])
        #expect(
            pool.park(Self.child(3), Self.key("c"), servedLast: Self.run(3), torn: [], at: 1002) == [Self.child(1)])
        #expect(
            pool.park(Self.child(4), Self.key("b"), servedLast: Self.run(4), torn: [], at: 1003) == [Self.child(2)],
            "one for each conversation")
        #expect(pool.count == 2)
        var none = Self.pool(0)
        #expect(!none.takesAny)
        #expect(none.park(Self.child(1), Self.key("a"), servedLast: Self.run(1), torn: [], at: 0) == [Self.child(1)])
    }

    @Test func itWaitsForItsTime() {
        var pool = Self.pooled()
        #expect(pool.nextDue == 1100)
        #expect(pool.due(at: 1099) == [])
        #expect(pool.due(at: 1100) == [Self.child(1)])
        #expect(pool.nextDue == nil)
    }

    @Test func whatItWritesMeanwhileIsDroppedButForATornRest() {
        var pool = Self.pooled(torn: Array("ab".utf8))
        #expect(pool.heard(Self.child(1), Array("cd".utf8)) == [])
        #expect(pool.heard(Self.child(1), Array("ef\ngh\nij".utf8)) == [])
        #expect(pool.heard(Self.child(9), Array("xx".utf8)) == [])
        #expect(pool.take(Self.key("a"), lastRun: Self.run(1)).process?.torn == Array("ij".utf8))
        var flooded = Self.pooled()
        #expect(flooded.heard(Self.child(1), Array("12345678".utf8)) == [])
        #expect(flooded.heard(Self.child(1), Array("9".utf8)) == [Self.child(1)])
    }

    @Test func oneThatExitsIsForgottenAndAllEndWithTheHost() {
        var pool = Self.pooled()
        pool.exited(Self.child(1))
        #expect(pool.count == 0)
        #expect(pool.drain() == [])
        var other = Self.pooled()
        #expect(other.drain() == [Self.child(1)])
    }
}
