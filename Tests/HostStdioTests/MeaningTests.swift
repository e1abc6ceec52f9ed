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

    static func memory(_ script: String = program) -> JSON {
        ["embeddings": ["command": ["/bin/sh", "-c", .string(script)], "model": "two", "batch": 1]]
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

    @Test func aHostWithoutVectorsSaysWhatToDo() throws {
        let host = try HostProcess()
        let error = try host.reply("memory.search", ["q": "*", "vector_query": "embedding:([1, 0])"])["error"]
        #expect(error?["data"]?["reason"] == "unsupported" && error?["data"]?["path"] == "params.vector_query")
        #expect(error?["data"]?["detail"]?.stringValue?.contains("memory.embeddings") == true)
        #expect(try host.finish() == 0)
    }
}
