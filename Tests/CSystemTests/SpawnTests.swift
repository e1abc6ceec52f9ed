import CSystem
import Foundation
import Testing

@Suite struct SpawnTests {
    @Test func theChildHasItsThreeDescriptorsOnly() throws {
        let inherited = dup2(open("/dev/null", O_RDONLY), 200)
        defer { close(inherited) }
        let script = "for i in /proc/self/fd/*; do echo ${i##*/}; done"
        let names = try Child.output("/bin/bash", ["-c", script]).text.split(separator: "\n")
        // The folder that bash itself reads is the fourth one.
        #expect(Set(names).subtracting(["3"]) == ["0", "1", "2"])
    }

    @Test(arguments: [0, 1, 2] as [Int32], [0, 1, 2] as [Int32])
    func standardDescriptorsMayBeGivenInAnyOrder(first: Int32, second: Int32) throws {
        for third: Int32 in 0...2 {
            let child = try Child("/bin/sleep", ["100"], input: first, output: second, error: third)
            let links = try (0...2).map { try target("/proc/\(child.pid)/fd/\($0)") }
            #expect(try links == [first, second, third].map { try target("/proc/self/fd/\($0)") })
        }
    }

    @Test func theChildLeadsASessionAndAGroup() throws {
        let child = try Child("/bin/sleep", ["100"])
        #expect(getsid(child.pid) == child.pid)
        #expect(getpgid(child.pid) == child.pid)
    }

    @Test func argumentsEnvironmentAndFolderArrive() throws {
        let result = try Child.output(
            "/bin/sh", ["-c", "pwd; echo $0 $1; env | grep ^A; test -z \"$HOME\" && echo none", "zero", "one two"],
            environment: ["PATH=/usr/bin:/bin", "A=b c"]
        ) { options in
            options.working_directory = UnsafePointer(strdup("/usr"))
        }
        #expect(result.text == "/usr\nzero one two\nA=b c\nnone\n")
        #expect(result.code == 0)
    }

    @Test func signalsAreDefaultAndUnblockedInTheChild() throws {
        cs_ignore_sigpipe()
        var blocked = sigset_t()
        var before = sigset_t()
        sigemptyset(&blocked)
        sigaddset(&blocked, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &blocked, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let text = try Child.output("/bin/grep", ["-E", "^Sig(Ign|Blk)", "/proc/self/status"]).text
        #expect(text == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n")
        #expect(pthread_sigmask(SIG_SETMASK, nil, &before) == 0 && sigismember(&before, SIGTERM) == 1)
    }

    @Test(arguments: [(0, "exit 0"), (7, "exit 7"), (255, "exit 255"), (-9, "kill -9 $$"), (-15, "kill $$")])
    func exitCodesAndSignalsAreTold(status: Int, script: String) throws {
        #expect(try Child("/bin/sh", ["-c", script]).wait() == Int32(status))
    }

    @Test func aRunningChildIsNotReaped() throws {
        let child = try Child("/bin/sleep", ["100"])
        var status: Int32 = 0
        #expect(cs_reap(child.pid, &status) == 0)
        #expect(cs_signal_group(child.pid, SIGKILL) == 0)
        #expect(try child.wait() == -SIGKILL)
        #expect(cs_reap(child.pid, &status) == -ECHILD)
    }

    @Test func theWholeGroupIsSignalled() throws {
        var ends: [Int32] = [0, 0]
        try check(cs_pipe(&ends))
        let child = try Child("/bin/sh", ["-c", "sleep 1000 & sleep 1000 & echo $!; wait"], output: ends[1])
        close(ends[1])
        var byte: UInt8 = 0
        #expect(read(ends[0], &byte, 1) == 1)
        #expect(cs_signal_group(child.pid, SIGTERM) == 0)
        // The pipe ends only when none of the three holds it any longer.
        _ = readAll(ends[0])
        close(ends[0])
        #expect(try child.wait() == -SIGTERM)
    }

    @Test(arguments: [0, 1, -1] as [pid_t])
    func aSignalNeverReachesMoreThanOneGroup(pid: pid_t) {
        #expect(cs_signal_group(pid, 0) == -EINVAL)
    }

    @Test(arguments: [
        ("/nonexistent/program", ENOENT), ("/etc/passwd", EACCES), ("/tmp", EACCES), ("sh", EINVAL),
    ])
    func aProgramThatCannotStartIsAnError(path: String, code: Int32) {
        #expect(throws: Failure(code: code)) { try Child(path) }
    }

    @Test func aMissingFolderOrDescriptorIsAnError() {
        #expect(throws: Failure(code: ENOENT)) {
            try Child("/bin/true") { $0.working_directory = UnsafePointer(strdup("/nonexistent")) }
        }
        #expect(throws: Failure(code: EBADF)) { try Child("/bin/true", input: 9999) }
    }

    @Test func limitsHold() throws {
        let limits = try Child.output("/bin/sh", ["-c", "ulimit -v; ulimit -t; ulimit -f; ulimit -Hv"]) { options in
            options.memory_bytes_max = 1 << 30
            options.cpu_seconds_max = 7
            options.file_bytes_max = 4096
        }
        #expect(limits.text == "1048576\n7\n8\n1048576\n")
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = "\(folder)/big"
        let writer = try Child("/bin/dd", ["if=/dev/zero", "of=\(file)", "bs=1024", "count=100"]) { options in
            options.file_bytes_max = 4096
        }
        #expect(try writer.wait() != 0)
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int == 4096)
    }

    @Test func aChildDiesWithTheThreadThatStartedIt() async throws {
        let child = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<pid_t, any Error>) in
            Thread.detachNewThread {
                continuation.resume(with: Result { try Grandchild.start() })
            }
        }
        #expect(eventually { kill(child, 0) != 0 || Grandchild.reap(child) == -SIGKILL })
    }

    @Test func aThousandSpawnsLeaveNothingBehind() throws {
        func descriptors() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
        let before = try descriptors()
        for round in 0..<1000 {
            if round % 10 == 0 {
                #expect(throws: Failure(code: ENOENT)) { try Child("/nonexistent") }
            } else {
                #expect(try Child("/bin/true").wait() == 0)
            }
        }
        // Other tests run beside this one and hold a few.
        #expect(try descriptors() < before + 100)
        var own = [pid_t](repeating: 0, count: 4096)
        let count = cs_descendants(getpid(), &own, Int32(own.count))
        #expect(count >= 0 && count < 200)
    }
}

private func target(_ link: String) throws -> String {
    try FileManager.default.destinationOfSymbolicLink(atPath: link)
}

/// A child that is meant to outlive the function that started it.
enum Grandchild {
    static func start() throws -> pid_t {
        var options = cs_spawn_options()
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        (options.input, options.output, options.error) = (null, null, null)
        options.dies_with_parent = true
        var pid: pid_t = 0
        try withTexts(["sleep", "1000"]) { arguments in
            try withTexts([]) { environment in
                try "/bin/sleep".withCString { path in
                    options.path = path
                    options.arguments = arguments
                    options.environment = environment
                    try check(cs_spawn(&options, &pid))
                }
            }
        }
        return pid
    }

    static func reap(_ pid: pid_t) -> Int32? {
        var status: Int32 = 0
        return cs_reap(pid, &status) == 1 ? status : nil
    }
}
