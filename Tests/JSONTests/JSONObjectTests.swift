import JSON
import Testing

@Suite struct JSONObjectTests {
    /// Both below and above the size at which an index takes over.
    @Test(arguments: [3, 16, 17, 100])
    func keepsOrderThroughChanges(_ count: Int) {
        var object = JSONObject((0..<count).map { ("k\($0)", JSON.int(Int64($0))) })
        object["k1"] = "new"
        object["k0"] = nil
        object["k0"] = 7
        #expect(object.count == count)
        #expect(object.keys == (1..<count).map { "k\($0)" } + ["k0"])
        #expect(object["k1"] == "new")
        #expect(object["k0"] == 7)
        #expect(object["k\(count - 1)"] != nil)
        #expect(object["none"] == nil)
        #expect(object.updateValue(8, forKey: "k0") == 7)
        #expect(object.removeValue(forKey: "none") == nil)
    }

    @Test(arguments: [3, 40])
    func equalityIgnoresOrder(_ count: Int) {
        let members = (0..<count).map { ("k\($0)", JSON.int(Int64($0))) }
        let (left, right) = (JSONObject(members), JSONObject(members.reversed()))
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(left != JSONObject(members.dropLast()))
        #expect(left != JSONObject(members.dropLast() + [("other", 0)]))
    }

    /// With a linear search for each key this takes minutes.
    @Test func manyKeysTakeLinearTime() throws {
        let text = "{" + (0..<100_000).map { "\"key\($0)\":\($0)" }.joined(separator: ",") + "}"
        let object = try #require(try JSON(parsing: text).objectValue)
        #expect(object.count == 100_000)
        #expect((0..<100_000).allSatisfy { object["key\($0)"] == .int(Int64($0)) })
    }
}
