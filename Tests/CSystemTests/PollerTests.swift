import CSystem
import Foundation
import Testing

@Suite struct PollerTests {
    /// Closed at the end.
    final class Descriptors {
        let poller: Int32
        var ends: [Int32] = [0, 0]

        init() throws {
            poller = try check(cs_poller_open())
            try check(cs_pipe(&ends))
        }

        deinit { ([poller] + ends.filter { $0 >= 0 }).forEach { close($0) } }

        func closeEnd(_ index: Int) {
            close(ends[index])
            ends[index] = -1
        }

        func ready(timeout: Int32 = 0) throws -> [cs_ready] {
            var ready = [cs_ready](repeating: cs_ready(), count: 8)
            return Array(ready[..<Int(try check(cs_poller_wait(poller, &ready, 8, timeout)))])
        }
    }

    @Test func bytesToReadAreTold() throws {
        let pipe = try Descriptors()
        try check(cs_poller_set(pipe.poller, pipe.ends[0], true, false))
        #expect(try pipe.ready().isEmpty)
        #expect(write(pipe.ends[1], "ab", 2) == 2)
        for _ in 0..<2 {
            // Told again as long as it is so.
            let ready = try #require(try pipe.ready(timeout: -1).first)
            #expect(ready.descriptor == pipe.ends[0] && ready.readable && !ready.writable && !ready.hung_up)
        }
        var bytes: [UInt8] = [0, 0]
        #expect(read(pipe.ends[0], &bytes, 2) == 2)
        #expect(try pipe.ready().isEmpty)
    }

    @Test func theEndOfTheWriterIsTold() throws {
        let pipe = try Descriptors()
        try check(cs_poller_set(pipe.poller, pipe.ends[0], true, false))
        #expect(write(pipe.ends[1], "a", 1) == 1)
        pipe.closeEnd(1)
        let ready = try #require(try pipe.ready(timeout: -1).first)
        #expect(ready.readable && ready.hung_up)
    }

    @Test func theEndOfTheReaderIsToldWithoutAskingToWrite() throws {
        let pipe = try Descriptors()
        try check(cs_poller_set(pipe.poller, pipe.ends[1], false, false))
        #expect(try pipe.ready().isEmpty)
        pipe.closeEnd(0)
        let ready = try #require(try pipe.ready(timeout: -1).first)
        #expect(ready.hung_up && !ready.readable && !ready.writable)
    }

    @Test func whatIsAskedForCanBeChangedAndTakenBack() throws {
        let pipe = try Descriptors()
        try check(cs_poller_set(pipe.poller, pipe.ends[1], false, true))
        #expect(try pipe.ready().first?.writable == true)
        try check(cs_poller_set(pipe.poller, pipe.ends[1], false, false))
        #expect(try pipe.ready().isEmpty)
        try check(cs_poller_set(pipe.poller, pipe.ends[1], false, true))
        try check(cs_poller_remove(pipe.poller, pipe.ends[1]))
        #expect(try pipe.ready().isEmpty)
        #expect(cs_poller_remove(pipe.poller, pipe.ends[1]) < 0)
    }

    @Test func filesAndTheNullDeviceCannotBeWatched() throws {
        let pipe = try Descriptors()
        for path in ["/etc/passwd", "/dev/null"] {
            let descriptor = open(path, O_RDONLY)
            defer { close(descriptor) }
            #expect(!cs_is_pollable(descriptor))
            #expect(cs_poller_set(pipe.poller, descriptor, true, false) == -EPERM)
        }
        #expect(cs_is_pollable(pipe.ends[0]))
    }

    @Test func aWakerWakesUntilItIsCleared() throws {
        let pipe = try Descriptors()
        var waker: [Int32] = [0, 0]
        try check(cs_waker_open(&waker))
        defer { Set(waker).forEach { close($0) } }
        try check(cs_poller_set(pipe.poller, waker[0], true, false))
        #expect(try pipe.ready().isEmpty)
        let end = waker[1]
        Thread.detachNewThread { for _ in 0..<1000 { cs_waker_wake(end) } }
        #expect(try pipe.ready(timeout: -1).first?.descriptor == waker[0])
        cs_waker_wake(end)
        #expect(
            try eventually {
                cs_waker_clear(waker[0])
                return try pipe.ready(timeout: 10).isEmpty
            })
    }

    @Test func aSignalComesAsAByte() throws {
        let pipe = try Descriptors()
        try check(cs_forward_signal(SIGUSR2, pipe.ends[1]))
        defer { signal(SIGUSR2, SIG_DFL) }
        kill(getpid(), SIGUSR2)
        var byte: UInt8 = 0
        #expect(read(pipe.ends[0], &byte, 1) == 1)
        #expect(byte == UInt8(SIGUSR2))
        #expect(cs_forward_signal(0, 1) == -EINVAL && cs_forward_signal(SIGKILL, 1) == -EINVAL)
    }

    @Test func descriptorsAreClosedOnExec() throws {
        let pipe = try Descriptors()
        for descriptor in [pipe.poller] + pipe.ends {
            #expect(fcntl(descriptor, F_GETFD) == FD_CLOEXEC)
        }
        #expect(cs_set_nonblocking(pipe.ends[0], true) == 0)
        var byte: UInt8 = 0
        #expect(read(pipe.ends[0], &byte, 1) == -1 && errno == EAGAIN)
        #expect(cs_set_nonblocking(-1, true) == -EBADF)
    }
}
