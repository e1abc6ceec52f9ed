import CSystem
import Foundation
import Testing

@testable import HostCore

/// What the loop is told of a child, in whatever order.
@Suite struct ChildrenTests {
    /// Spawns nothing: the test holds the other ends.
    private struct Processes: ProcessSystem {
        let child: SpawnedChild

        func spawn(_ spec: ChildSpec) -> Result<SpawnedChild, SystemError> { .success(child) }
        func signal(_ pid: pid_t, _ number: Int32) {}
        func reap(_ pid: pid_t) -> Int? { 0 }
        func descendants(of pid: pid_t) -> [pid_t] { [] }
        func hunt(token: String, descendants: [pid_t]) -> Int { 0 }
    }

    private struct NoWorker: Worker {
        func run(_ work: @escaping @Sendable () -> Void) {}
    }

    private static func pipe() -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        _ = cs_pipe(&ends)
        for descriptor in ends { _ = cs_set_nonblocking(descriptor, true) }
        return (ends[0], ends[1])
    }

    /// The loop may have been told of a child's exit and of its pipes at the same time. With the exit the pipes are
    /// closed, and their numbers may be those of a child that is just being spawned.
    @Test func whatWasReadyWithTheExitIsLeftAlone() {
        let pipes = (0..<4).map { _ in Self.pipe() }
        let spawned = SpawnedChild(
            pid: 1, exitDescriptor: pipes[3].read, input: pipes[0].write, output: pipes[1].read, error: pipes[2].read)
        var system = HostSystem()
        system.processes = Processes(child: spawned)
        system.makeWorker = { NoWorker() }
        var unwatched: [Int32] = []
        var exits = 0
        let children = Children(
            system, post: { _ in }, watch: { _, _, _, _, _ in }, unwatch: { unwatched.append($0) },
            setDeadline: { _, _ in })
        let spec = ChildSpec(executable: "/bin/true", arguments: [], environment: [], token: "x")
        let child = children.spawn(spec) {
        } tell: { event in
            if case .exited = event { exits += 1 }
        }
        children.handle(.spawned(child, .success(spawned)))
        for descriptor in [pipes[0].read, pipes[1].write, pipes[2].write, pipes[3].write] { close(descriptor) }
        children.ready(child, .exit)
        #expect(unwatched.contains(spawned.error))
        unwatched = []
        for pipe in [Children.Pipe.error, .output, .input, .exit] { children.ready(child, pipe) }
        #expect(unwatched.isEmpty && exits == 1)
    }
}
