import Foundation
import JSON
import Testing

/// Memory by meaning, through the whole host and a program that gives vectors.
@Suite struct MeaningTests {
    /// Two dimensions: what is about money, and what is about rooms.
    static let program = #"""
        while read -r line; do
            id=${line#*\"id\":}; id=${id%%,*}
            case "$line" in
                *invoice*|*bill*) vector=1,0.1 ;;
                *office*|*room*) vector=0.1,1 ;;
                *) vector=-1,-1 ;;
            esac
            echo "{\"id\":$id,\"embeddings\":[[$vector]]}"
        done
        """#

    static func memory(_ script: String = program, milliseconds: Int64 = 2_000) -> JSON {
        [
            "embeddings": [
                "command": ["/bin/sh", "-c", .string(script)], "model": "two", "batch": 1,
                "timeout_ms": .int(milliseconds),
            ]
        ]
    }

    /// Remembers texts under the keys `k0`, `k1`, ... and waits for their vectors.
    static func remember(_ texts: [String], _ host: HostProcess) throws -> [String] {
        let ids = try texts.enumerated().map { index, text in
            try host.call("memory.remember", ["key": .string("k\(index)"), "value": .string(text)])["memory"]?[
                "id"]?.stringValue ?? ""
        }
        for _ in 0..<2_000 {
            if try host.call("memory.stats")["embeddings"]?.intValue == texts.count { return ids }
            usleep(10_000)
        }
        throw StdioError("the memories have no vectors: \(host.home.said)")
    }

    static let texts = ["invoices go out by email", "the office closes at six", "a quiet garden with a bench"]

    static func hits(_ reply: JSON) -> String {
        (reply["hits"]?.arrayValue ?? []).compactMap { $0["document"]?["key"]?.stringValue }.joined(separator: " ")
    }

    @Test func searchesByVectors() throws {
        let host = try HostProcess(in: HostHome(memory: Self.memory()))
        let ids = try Self.remember(Self.texts, host)
        func search(_ q: String, _ vector: String, _ others: JSONObject = [:]) throws -> JSON {
            var params = others
            params["q"] = .string(q)
            params["vector_query"] = .string(vector)
            return try host.call("memory.search", .object(params))
        }
        let near = try search("*", "embedding:([1, 0])")
        #expect(Self.hits(near) == "k0 k1 k2")
        #expect((near["hits"]?.arrayValue?.first?["vector_distance"]?.doubleValue ?? 9) < 0.01)
        #expect(Self.hits(try search("*", "embedding:([1, 0], k: 1)")) == "k0")
        #expect(Self.hits(try search("*", "embedding:([0, 1], distance_threshold: 0.5)")) == "k1")
        #expect(Self.hits(try search("*", "embedding:([], id: \(ids[1]))")) == "k0 k2")
        #expect(Self.hits(try search("*", "embedding:([1, 0])", ["filter_by": "key:=[k1, k2]"])) == "k1 k2")
        let both = try search("garden bills", "embedding:([], k: 1, alpha: 0.8)")
        #expect(Self.hits(both) == "k0 k2")
        #expect(both["hits"]?.arrayValue?.first?["hybrid_search_info"]?["rank_fusion_score"] == 0.8)
        #expect(both["hits"]?.arrayValue?.first?["text_match"] == nil)
        #expect(both["hits"]?.arrayValue?.last?["vector_distance"] == nil)
        let error = try host.reply("memory.search", ["q": "*", "vector_query": "embedding:([1, 0, 0])"])["error"]
        #expect(error?["code"] == -32602 && error?["data"]?["path"] == "params.vector_query")
        #expect(error?["data"]?["expected"] == "2 numbers, as the vectors of the memories have")
        let wrong = try host.reply("memory.search", ["q": "*", "vector_query": "embedding:([1, x])"])["error"]
        #expect(wrong?["data"]?["raw"]?["offset_bytes"] == 15)
        #expect(try host.finish() == 0)
    }

    @Test func wordsAreEnoughWhenTheVectorDoesNotCome() throws {
        let host = try HostProcess(in: HostHome(memory: Self.memory("read -r line; exit 3")))
        _ = try host.call("memory.remember", ["key": "k0", "value": "the office closes at six"])
        let reply = try host.call("memory.search", ["q": "office", "vector_query": "embedding:([])"])
        #expect(Self.hits(reply) == "k0")
        let warning = reply["_meta"]?["warnings"]?.arrayValue?.first?.stringValue ?? ""
        #expect(warning.hasPrefix("searched by words alone: "), "\(reply)")
        #expect(try host.finish() == 0)
    }

    // MARK: - Tasks

    /// The types of the events of a task in a session that learns, and what it is warned of.
    static func run(_ prompt: String, _ host: HostProcess) throws -> (types: [String], warnings: [String]) {
        let session = try host.call("session.create", ["learning": ["enabled": true]])["session_id"] ?? .null
        let result = try host.call(
            "task.execute",
            ["session_id": session, "stream": false, "prompt": .string(prompt + "\n" + #"{"say": "done"}"#)])
        #expect(result["status"] == "completed")
        let events = try host.call("session.events", ["session_id": session])["items"]?.arrayValue ?? []
        return (
            events.compactMap { $0["type"]?.stringValue }, events.compactMap { $0["data"]?["message"]?.stringValue }
        )
    }

    @Test func aTaskIsToldWhatOnlyMeaningFinds() throws {
        let host = try HostProcess(in: HostHome(memory: Self.memory()))
        _ = try Self.remember(Self.texts, host)
        let (types, warnings) = try Self.run("how are bills delivered?", host)
        #expect(types.contains("memory.injected"))
        #expect(warnings == [])
        #expect(try host.call("memory.get", ["key": "k0"])["recall_count"] == 1)
        #expect(try host.call("memory.get", ["key": "k1"])["recall_count"] == 0)
        #expect(try host.finish() == 0)
    }

    /// What memory knows by words is told all the same.
    @Test(
        arguments: [
            ("read -r line; exit 3", 2_000), ("while read -r line; do :; done", 200), ("sleep 600", 60_000),
        ] as [(String, Int64)])
    func aTaskDoesNotWaitForVectorsThatDoNotCome(script: String, milliseconds: Int64) throws {
        let host = try HostProcess(in: HostHome(memory: Self.memory(script, milliseconds: milliseconds)))
        _ = try host.call("memory.remember", ["key": "k0", "value": "invoices go out by email"])
        let (types, warnings) = try Self.run("who gets invoices?", host)
        #expect(types.contains("memory.injected"))
        #expect(warnings.count == 1 && warnings.allSatisfy { $0.hasPrefix("Memory may know more") }, "\(warnings)")
        #expect(try host.finish() == 0)
    }

    @Test func aTaskIsCancelledWhileMemoryIsAsked() throws {
        let host = try HostProcess(in: HostHome(memory: Self.memory("sleep 600", milliseconds: 60_000)))
        let session = try host.call("session.create", ["learning": ["enabled": true]])["session_id"] ?? .null
        let task = try host.call("task.start", ["session_id": session, "prompt": "who gets invoices?"])
        let id = task["task_id"] ?? .null
        _ = try host.call("task.cancel", ["task_id": id])
        #expect(try host.call("task.wait", ["task_id": id])["status"] == "cancelled")
        #expect(try host.finish() == 0)
    }

    @Test func aHostWithoutVectorsSaysWhatToDo() throws {
        let host = try HostProcess()
        let error = try host.reply("memory.search", ["q": "*", "vector_query": "embedding:([1, 0])"])["error"]
        #expect(error?["data"]?["reason"] == "unsupported" && error?["data"]?["path"] == "params.vector_query")
        #expect(error?["data"]?["detail"]?.stringValue?.contains("memory.embeddings") == true)
        #expect(try host.finish() == 0)
    }
}
