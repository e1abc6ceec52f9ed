import Foundation

@testable import HostCore

/// Time that goes on only when the simulation says so.
// Used on the simulation's one thread.
final class SimulatedTime: TimeSource, @unchecked Sendable {
    /// Since the simulation began, at some time after the machine's own beginning.
    private(set) var milliseconds: UInt64 = 1_000_000
    /// What the clock on the wall shows beyond that.
    private var wallOffset: Int64 = 1_769_000_000_000
    private let chance: Chance

    init(_ chance: Chance) { self.chance = chance }

    func wallMilliseconds() -> Int64 { Int64(milliseconds) + wallOffset }
    func monotonicNanoseconds() -> UInt64 { milliseconds * 1_000_000 }
    func random() -> (UInt64, UInt64) { (chance.word(), chance.word()) }

    func advance(to time: UInt64) { milliseconds = max(milliseconds, time) }
    func jumpWall(by milliseconds: Int64) { wallOffset += milliseconds }
}

/// A thread's work, done when the simulation says so.
// Used on the simulation's one thread.
final class SimulatedWorker: Worker, @unchecked Sendable {
    private var waiting: [@Sendable () -> Void] = []

    var isIdle: Bool { waiting.isEmpty }

    func run(_ work: @escaping @Sendable () -> Void) { waiting.append(work) }
    func doNext() { waiting.removeFirst()() }
    func forgetAll() { waiting = [] }
}

/// The workers of one host.
// Used on the simulation's one thread.
final class SimulatedWorkers: @unchecked Sendable {
    private(set) var all: [SimulatedWorker] = []

    func make() -> SimulatedWorker {
        let worker = SimulatedWorker()
        all.append(worker)
        return worker
    }

    var busy: [SimulatedWorker] { all.filter { !$0.isIdle } }
}

/// A folder in memory where there is one, that goes when the simulation is over.
final class SimulatedDisk {
    let path: String

    init(_ name: String) throws {
        let memory = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        path = "\(memory)/agenthost-sim-\(name)-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
