import AgentEngine
import CSystem
import Foundation
import Testing

@testable import HostCore

/// What the loop is told of a child, in whatever order.
@Suite struct ChildrenTests {
    /// Spawns nothing: the test holds the other ends.
    private final class Processes: ProcessSystem, @unchecked Sendable {
        let child: SpawnedChild
        // Touched on the test's thread only.
        private(set) var signals: [Int32] = []

        init(_ child: SpawnedChild) { self.child = child }

        func spawn(_ spec: ChildSpec) -> Result<SpawnedChild, SystemError> { .success(child) }
        func signal(_ pid: pid_t, _ number: Int32) { signals.append(number) }
        func reap(_ pid: pid_t) -> Int? { 0 }
        func descendants(of pid: pid_t) -> [pid_t] { [] }
        func hunt(token: String, descendants: [pid_t]) -> Int { 0 }
    }

    private struct NoWorker: Worker {
        func run(_ work: @escaping @Sendable () -> Void) {}
    }

    /// A child with the test's ends of its pipes, and what is heard of it.
    private final class Scene {
        let processes: Processes
        let children: Children
        let child: ChildID
        private let theirs: [Int32]
        private(set) var heard: [String] = []
        private(set) var deadlines = 0

        init() {
            let pipes = (0..<4).map { _ in ChildrenTests.pipe() }
            theirs = [pipes[0].read, pipes[1].write, pipes[2].write, pipes[3].write]
            processes = Processes(
                SpawnedChild(
                    pid: 1, exitDescriptor: pipes[3].read, input: pipes[0].write, output: pipes[1].read,
                    error: pipes[2].read))
            var system = HostSystem()
            system.processes = processes
            system.makeWorker = { NoWorker() }
            final class Ears { weak var scene: Scene? }
            let ears = Ears()
            children = Children(
                system, post: { _ in }, watch: { _, _, _, _, _ in }, unwatch: { _ in },
                setDeadline: { _, _ in ears.scene?.deadlines += 1 })
            let spec = ChildSpec(executable: "/bin/true", arguments: [], environment: [], token: "x")
            child = children.spawn(spec) {
                ears.scene?.heard.append("cancel")
            } tell: { event in
                ears.scene?.heard.append("\(event)")
            }
            ears.scene = self
        }

        deinit { for descriptor in theirs { close(descriptor) } }

        func begin() { children.handle(.spawned(child, .success(processes.child))) }
    }

    /// Nobody is told that a child is gone before nothing of it is left.
    @Test func whatIsKilledAndDoesNotGoIsWaitedFor() {
        let scene = Scene()
        scene.begin()
        scene.children.ready(scene.child, .exit)
        for _ in 0..<2 {
            scene.children.handle(.hunted(scene.child, left: 1))
            #expect(!scene.heard.contains("gone") && scene.children.count == 1)
            scene.children.deadline(scene.child)
        }
        #expect(scene.deadlines == 2)
        scene.children.handle(.hunted(scene.child, left: 0))
        #expect(scene.heard.last == "gone" && scene.children.count == 0)
    }

    @Test func oneThatIsKilledBeforeItIsThereIsKilledWhenItIs() {
        let (killed, stopped) = (Scene(), Scene())
        killed.children.killAll()
        stopped.children.stop(stopped.child, .patient)
        for scene in [killed, stopped] { scene.begin() }
        #expect(killed.processes.signals == [SIGKILL])
        #expect(stopped.processes.signals == [], "it gets its time")
        #expect(stopped.heard.filter { $0 == "cancel" }.count == 2)
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
        system.processes = Processes(spawned)
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
