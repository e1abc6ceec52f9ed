import CSystem
import Foundation
import Testing

@Suite struct FindingTests {
    private func processes(with assignment: String) -> [pid_t] {
        var pids = [pid_t](repeating: 0, count: 64)
        let count = cs_find_by_environment(assignment, &pids, Int32(pids.count))
        return Array(pids[..<max(0, Int(count))])
    }

    @Test func aProcessIsFoundByItsEnvironment() throws {
        let token = "AGENTHOST_RUN=run_\(UUID())"
        let child = try Child("/bin/sleep", ["1000"], environment: ["A=1", token, "B=2"])
        let other = try Child("/bin/sleep", ["1000"], environment: ["X\(token)", "\(token)X", "A=\(token)"])
        #expect(processes(with: token) == [child.pid])
        #expect(cs_signal_group(child.pid, SIGKILL) == 0)
        #expect(try child.wait() == -SIGKILL)
        #expect(processes(with: token) == [])
        #expect(cs_signal_group(other.pid, 0) == 0)
    }

    @Test func aProcessThatLeftItsSessionAndParentIsFound() throws {
        let token = "AGENTHOST_RUN=run_\(UUID())"
        let parent = try Child(
            "/bin/sh", ["-c", "(setsid sleep 1000 >/dev/null 2>&1 &) & wait"],
            environment: ["PATH=/usr/bin:/bin", token])
        #expect(try parent.wait() == 0)
        // On its way from fork to exec it is still the shell, with the same environment.
        var found: [pid_t] = []
        #expect(
            eventually {
                found = processes(with: token)
                return found.count == 1 && getsid(found[0]) == found[0]
            })
        for pid in found {
            #expect(getsid(pid) != parent.pid)
            kill(pid, SIGKILL)
        }
        #expect(eventually { processes(with: token) == [] })
    }

    @Test func anEnvironmentLongerThanABufferIsSearchedWhole() throws {
        let token = "AGENTHOST_RUN=run_\(UUID())"
        let long = (0..<3).map { "LONG\($0)=" + String(repeating: "x", count: 100_000) }
        let child = try Child("/bin/sleep", ["1000"], environment: long + [token])
        // The kernel shows a new program's environment a moment after exec has succeeded.
        #expect(eventually { processes(with: token) == [child.pid] })
    }

    @Test func noMoreAreWrittenThanThereIsRoomFor() throws {
        let token = "AGENTHOST_RUN=run_\(UUID())"
        let children = try (0..<3).map { _ in try Child("/bin/sleep", ["1000"], environment: [token]) }
        var pids: [pid_t] = [0, 0, -7]
        #expect(cs_find_by_environment(token, &pids, 2) == 2)
        #expect(pids[2] == -7)
        #expect(Set(pids[..<2]).isSubset(of: Set(children.map(\.pid))))
    }

    @Test func descendantsComeInTheirOrder() throws {
        var ends: [Int32] = [0, 0]
        try check(cs_pipe(&ends))
        let script = "sh -c 'sleep 1000 & echo; wait' & wait"
        let child = try Child("/bin/sh", ["-c", script], output: ends[1])
        close(ends[1])
        var byte: UInt8 = 0
        #expect(read(ends[0], &byte, 1) == 1)
        close(ends[0])
        var pids = [pid_t](repeating: 0, count: 16)
        let count = Int(cs_descendants(child.pid, &pids, Int32(pids.count)))
        #expect(count == 2)
        var ofFirst: [pid_t] = [0]
        #expect(cs_descendants(pids[0], &ofFirst, 1) == 1)
        #expect(ofFirst[0] == pids[1])
        #expect(cs_descendants(pids[1], &ofFirst, 1) == 0)
    }

    @Test func theStartTimeTellsProcessesApart() throws {
        let child = try Child("/bin/sleep", ["1000"])
        let start = cs_start_time(child.pid)
        #expect(start > 0 && start == cs_start_time(child.pid))
        #expect(start >= cs_start_time(getpid()))
        cs_signal_group(child.pid, SIGKILL)
        _ = try child.wait()
        #expect(cs_start_time(child.pid) == 0)
    }
}
