import JSON
import Testing

/// Two processes on one store: what one remembers or forgets is so for the other at once.
@Suite struct SharedMemoryTests {
    private static let rounds = 200

    /// Words without likeness, so that no typing error leads from one to another.
    private static func word(_ round: Int) -> String {
        var state = UInt64(round + 1) &* 0x9E37_79B9_7F4A_7C15
        return String(
            (0..<10).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Character(Unicode.Scalar(UInt8(ascii: "a") + UInt8(state >> 33 & 0xff) % 26))
            })
    }

    private static func recalled(_ word: String, by host: HostProcess) throws -> [String] {
        let reply = try host.call("memory.recall", ["query": .string("what is known of \(word)")])
        let memories = reply["memories"]?.arrayValue ?? []
        #expect(reply["nothing_known"]?.boolValue == memories.isEmpty)
        return memories.compactMap { $0["memory"]?["id"]?.stringValue }
    }

    @Test func eachFindsWhatTheOtherHasJustRememberedAndNothingThatItForgot() throws {
        let home = try HostHome()
        let hosts = [try HostProcess(in: home), try HostProcess(in: home)]
        var kept: [String] = []
        for round in 0..<Self.rounds {
            let (writer, reader) = (hosts[round % 2], hosts[1 - round % 2])
            let word = Self.word(round)
            let reply = try writer.call("memory.remember", ["value": .string("The \(word) is number \(round)")])
            let id = try #require(reply["memory"]?["id"]?.stringValue)
            let found = try Self.recalled(word, by: reader)
            #expect(found.first == id, "round \(round)")
            guard round % 3 != 0 else {
                kept.append(word)
                continue
            }
            let forgotten = try reader.call("memory.forget", ["memory_ids": [.string(id)]])
            #expect(forgotten["memories"] == 1)
            #expect(try !Self.recalled(word, by: writer).contains(id), "round \(round)")
            #expect(try !Self.recalled(word, by: reader).contains(id), "round \(round)")
        }
        for host in hosts { #expect(try host.call("memory.count")["count"]?.intValue == kept.count) }
        for word in kept { #expect(try Self.recalled(word, by: hosts[0]).count >= 1) }
        for host in hosts { #expect(try host.finish() == 0) }
    }
}
