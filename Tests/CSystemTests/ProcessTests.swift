import CSystem
import Foundation
import Testing

/// Locks, confinement, clocks, libraries.
@Suite struct ProcessTests {
    @Test func aLockIsSeenByOtherProcesses() throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/lock"
        let lock = try check(cs_lock_file(path, true, false))
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        #expect(cs_lock_file(path, false, false) == -EWOULDBLOCK)
        #expect(try Child("/usr/bin/flock", ["-n", path, "true"]).wait() == 1)
        // As a process has that is just being started.
        let copy = dup(lock)
        defer { close(copy) }
        cs_unlock_file(lock)
        #expect(try Child("/usr/bin/flock", ["-n", path, "true"]).wait() == 0)
    }

    @Test func aLockEndsWithItsHolder() throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/lock"
        let holder = try Child("/usr/bin/flock", [path, "sleep", "1000"])
        #expect(
            eventually {
                let lock = cs_lock_file(path, true, false)
                if lock >= 0 { close(lock) }
                return lock == -EWOULDBLOCK
            })
        cs_signal_group(holder.pid, SIGKILL)
        _ = try holder.wait()
        // Waiting for it, because the holder's own child may end a moment later.
        cs_unlock_file(try check(cs_lock_file(path, true, true)))
    }

    @Test func sharedLocksGoTogether() throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let locks = try (0..<2).map { _ in try check(cs_lock_file("\(folder)/lock", false, false)) }
        #expect(cs_lock_file("\(folder)/lock", true, false) == -EWOULDBLOCK)
        locks.forEach { close($0) }
        #expect(cs_lock_file("\(folder)/none/lock", true, false) == -ENOENT)
        #expect(symlink("\(folder)/lock", "\(folder)/link") == 0)
        #expect(cs_lock_file("\(folder)/link", true, false) == -ELOOP)
    }

    /// Landlock confines a thread and what it starts, so a thread of its own is enough of a process here.
    private func confined(
        readable: [String], writable: [String], _ body: @escaping @Sendable () -> [String: Int32]
    ) async -> (enforced: Int32, results: [String: Int32]) {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let enforced = withTexts(readable) { readable in
                    withTexts(writable) { writable in
                        var confinement = cs_confinement(readable: readable, writable: writable, network: false)
                        return cs_confine(&confinement)
                    }
                }
                continuation.resume(returning: (enforced, body()))
            }
        }
    }

    @Test func aConfinedProcessReachesWhatItMayOnly() async throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["mine", "read", "other"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
            #expect(FileManager.default.createFile(atPath: "\(folder)/\(name)/file", contents: Data("x".utf8)))
        }
        let (enforced, results) = await confined(
            readable: ["\(folder)/read", "\(folder)/missing"], writable: ["\(folder)/mine"]
        ) {
            func code(_ path: String, _ flags: Int32) -> Int32 {
                let descriptor = open("\(folder)/\(path)", flags, 0o600)
                defer { if descriptor >= 0 { close(descriptor) } }
                return descriptor < 0 ? errno : 0
            }
            let network = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(network) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            let bound = withUnsafePointer(to: &address) { address in
                address.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(network, $0, 16) }
            }
            return [
                "read": code("read/file", O_RDONLY), "write in read": code("read/file", O_WRONLY),
                "make in read": code("read/new", O_WRONLY | O_CREAT), "write": code("mine/file", O_RDWR | O_TRUNC),
                "make": code("mine/new", O_WRONLY | O_CREAT), "remove": unlink("\(folder)/mine/new"),
                "other": code("other/file", O_RDONLY), "network": bound == 0 ? 0 : errno,
            ]
        }
        guard enforced == 1 else {
            print("confinement is not tested: the kernel has no Landlock")
            return
        }
        let wanted: [String: Int32] = [
            "read": 0, "write in read": EACCES, "make in read": EACCES, "write": 0, "make": 0, "remove": 0,
            "other": EACCES, "network": EACCES,
        ]
        #expect(results == wanted)
        #expect(access("\(folder)/other/file", R_OK) == 0)
    }

    @Test func clocksAndRandomBytes() {
        let first = cs_monotonic_ns()
        #expect(cs_monotonic_ns() >= first && cs_monotonic_ms() >= first / 1_000_000)
        #expect(abs(Double(cs_wall_ms()) / 1000 - Date().timeIntervalSince1970) < 60)
        var bytes = [[UInt8]](repeating: [UInt8](repeating: 0, count: 32), count: 2)
        cs_random(&bytes[0], 32)
        cs_random(&bytes[1], 32)
        #expect(bytes[0] != bytes[1])
        #expect(cs_resident_bytes() > 1 << 20)
    }

    @Test func theFirstLibraryThatIsThereIsLoaded() throws {
        let library = withTexts(["libagenthost-missing.so", "libm.so.6"]) { cs_library_open($0) }
        #expect(library != nil)
        #expect(cs_library_symbol(library, "cos") != nil)
        #expect(cs_library_symbol(library, "no_such_function") == nil)
        #expect(withTexts(["libagenthost-missing.so"]) { cs_library_open($0) } == nil)
    }
}
