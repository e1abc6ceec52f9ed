import AgentEngine
import AgentModel
import CSystem
import Foundation
import JSON
import Store
import Testing

@testable import HostCore

@Suite struct EncodingTests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func base64IsThatOfTheStandard(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
    }

    @Test func base64IsFoundationsToo() {
        for count in 0..<300 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            #expect(Base64.encode(bytes) == Data(bytes).base64EncodedString())
        }
    }

    @Test func hashesAreKnown() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        let million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        #expect(SHA256.hex(of: [UInt8]()) == empty)
        #expect(SHA256.hex(of: Array("abc".utf8)) == abc)
        #expect(SHA256.hex(of: Array(repeating: UInt8(ascii: "a"), count: 1_000_000)) == million)
        #expect(SHA256.hex(of: ["a": 1, "b": [2]] as JSON) == SHA256.hex(of: ["b": [2], "a": 1] as JSON))
    }
}

@Suite struct FolderTests {
    let temporary: TemporaryFolder
    let folder: Folder

    init() throws {
        temporary = try TemporaryFolder()
        folder = Folder(path: "\(temporary.path)/in")
        try folder.make()
        for (path, text) in [("in/a.txt", "inside"), ("outside.txt", "secret")] {
            try Data(text.utf8).write(to: URL(filePath: "\(temporary.path)/\(path)"))
        }
    }

    func failure(_ path: String) -> Folder.Failure? {
        do throws(Folder.Failure) {
            _ = try folder.read(path, offset: 0, count: 100)
            return nil
        } catch { return error }
    }

    @Test(arguments: ["", "/etc/passwd", "../outside.txt", "a/../../outside.txt", "./a.txt", "a.txt/", "a\0b", "a//b"])
    func pathsThatLeaveAreBad(path: String) { #expect(failure(path) == .badPath) }

    @Test func linksAreNotFollowed() throws {
        let manager = FileManager.default
        try manager.createSymbolicLink(atPath: "\(folder.path)/link.txt", withDestinationPath: "../outside.txt")
        try manager.createSymbolicLink(atPath: "\(folder.path)/up", withDestinationPath: "..")
        #expect(failure("link.txt") == .notARegularFile)
        #expect(failure("up/outside.txt") == .notARegularFile)
        #expect(folder.stamps().keys.sorted() == ["a.txt"])
    }

    @Test func pipesAndFoldersAreNoFiles() {
        #expect(mkfifo("\(folder.path)/pipe", 0o600) == 0)
        #expect(failure("pipe") == .notARegularFile)
        #expect(mkdir("\(folder.path)/sub", 0o700) == 0)
        #expect(failure("sub") == .notARegularFile)
        #expect(failure("none") == .notFound)
    }

    @Test func isReadByRange() throws {
        #expect(try folder.read("a.txt", offset: 2, count: 3).bytes == Array("sid".utf8))
        #expect(try folder.read("a.txt", offset: 4, count: 100).bytes == Array("de".utf8))
        #expect(try folder.read("a.txt", offset: 100, count: 1).bytes == [])
        #expect(try folder.facts("a.txt").bytes == 6)
    }

    @Test func removingFollowsNoLink() throws {
        try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/up", withDestinationPath: "..")
        folder.remove()
        #expect(!FileManager.default.fileExists(atPath: folder.path))
        #expect(FileManager.default.fileExists(atPath: "\(temporary.path)/outside.txt"))
    }
}

@Suite struct PartTests {
    static let session = SessionID(UUID128(high: 1, low: 1))

    static func delta(_ text: String, _ id: String = "m") -> OpenText.Delta {
        var open = OpenText(bytesMax: 1000)
        return open.add(.text, id: id, text).delta
    }

    @Test func theOutboxKeepsItsOrder() {
        var box = Outbox()
        box.add(Self.delta("a"))
        box.add(Self.delta("b"))
        box.add([EventDraft(.warning, data: [:])], Self.session)
        box.add([EventDraft(.progress, data: [:])], Self.session)
        box.add(Self.delta("c"))
        #expect(box.takeDeltas().map(\.text) == ["ab"])
        let batch = box.takeBatch()
        #expect(batch.count == 1)
        #expect(box.takeDeltas().isEmpty, "what comes after a record waits for it")
        #expect(box.takeBatch().isEmpty)
        box.failed(batch)
        #expect(box.takeBatch() == batch)
        box.committed()
        #expect(box.takeDeltas().map(\.text) == ["c"])
        #expect(box.isIdle)
    }

    @Test func aSubscriptionTellsEachEventOnce() {
        var subscriptions = Subscriptions()
        subscriptions[Self.session] = Subscriptions.Subscription(cursor: 1, toldSeq: 1, types: [], wantsDeltas: true)
        func event(_ seq: Int) -> Event {
            Event(sessionID: Self.session, seq: seq, at: Timestamp(milliseconds: 0), EventDraft(.warning, data: [:]))
        }
        func told(_ seq: Int, _ canTell: Bool = true) -> String {
            switch subscriptions.take(event(seq), canTell: canTell) {
            case .none: "none"
            case .tell: "tell"
            case .later: "later"
            case .leftOut: "left out"
            }
        }
        #expect(told(1) == "left out")
        #expect(told(2) == "tell")
        #expect(told(2) == "left out")
        #expect(told(4) == "later")
        #expect(subscriptions.behind == [Self.session])
        #expect(told(3, false) == "later")
    }

    @Test func latenciesAreNoMoreThanAQuarterHigh() {
        var latencies = Latencies()
        for microseconds in UInt64(1)...1000 { latencies.add("a", nanoseconds: microseconds * 1000) }
        let summary = latencies.summaries["a"]
        #expect(summary?.count == 1000)
        #expect(summary?.max == 1000)
        #expect((500...625).contains(summary?.p50 ?? 0))
        #expect((990...1000).contains(summary?.p99 ?? 0))
        latencies.add("b", nanoseconds: .max)
        #expect(latencies.summaries["b"]?.p50 ?? 0 > 0)
    }

    @Test func childrenSeeWhatTheyMay() {
        let environment = ChildEnvironment(["PATH": "/bin", "LC_ALL": "C", "MY_KEY": "k", "AWS_SECRET": "s"])
        #expect(environment.assignments(inheriting: [], adding: ["A": "1"]) == ["A=1", "LC_ALL=C", "PATH=/bin"])
        #expect(environment.assignments(inheriting: ["MY_KEY"], adding: [:]).contains("MY_KEY=k"))
        #expect(environment.executable("sh") == "/bin/sh")
        #expect(environment.executable("/") == nil)
        #expect(environment.executable("no-such-program") == nil)
    }

    @Test func secretsAreReplaced() {
        let redactor = Redactor(["MY_KEY": "abcdef", "LONG_TOKEN": "abcdefgh", "SHORT_KEY": "abc", "PATH": "/usr/bin"])
        #expect(redactor.redacted("abcdefgh abcdef abc /usr/bin") == "[secret] [secret] abc /usr/bin")
        #expect(redactor.redacted(["abcdef": ["xabcdefx", 1]]) == ["[secret]": ["x[secret]x", 1]])
    }

    @Test func onlySecretsAreReplaced() {
        let harmless = [
            "ANTHROPIC_BASE_URL": "http://127.0.0.1:8080", "CLAUDE_CODE_MAX_OUTPUT_TOKENS": "100000",
            "GOOGLE_APPLICATION_CREDENTIALS": "/home/user/key.json", "TOKENIZERS_PARALLELISM": "parallel",
            "SSL_KEY_FILE": "server-key.pem", "KEYBOARD_LAYOUT": "german", "PGDATABASE": "orders",
        ]
        #expect(Redactor(harmless).isEmpty)
        for name in ["OPENAI_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN", "apikey", "DB_PASS", "AWS_SECRET_ACCESS_KEY"] {
            #expect(Redactor([name: "hunter22"]).redacted("hunter22") == "[secret]", "\(name)")
        }
        #expect(Redactor(["SHOP_PW": "hunter22"], secret: "SHOP_PW").redacted("hunter22") == "[secret]")
    }

    @Test func aQueueWritesAllThatTheDescriptorTakes() throws {
        var ends: [Int32] = [0, 0]
        try #require(cs_pipe(&ends) == 0)
        defer { close(ends[0]) }
        _ = cs_set_nonblocking(ends[1], true)
        var queue = ByteQueue()
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
        queue.append(bytes)
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 50_000)
        while !queue.isEmpty {
            _ = queue.write(to: ends[1])
            let count = read(ends[0], &buffer, buffer.count)
            received += buffer.prefix(max(0, count))
        }
        close(ends[1])
        while case let count = read(ends[0], &buffer, buffer.count), count > 0 { received += buffer[..<count] }
        #expect(received == bytes)
    }
}
