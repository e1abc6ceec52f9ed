import JSON
import Testing

@Suite struct JSONPositionTests {
    private static let text = Array(
        """
        {
          "é": 1, "list": [10,
            {"a": "x", "a": "y"}],
          "last": null
        }
        """.utf8)

    @Test(arguments: [
        ("", "1:1"), ("é", "2:8"), ("list", "2:19"), ("list[0]", "2:20"), ("list[1]", "3:5"), ("list[1].a", "3:21"),
        ("last", "4:11"), ("list[7]", "2:19"), ("none", "1:1"), ("list[1].b", "3:5"), ("last.deeper[1]", "4:11"),
        ("list.x", "2:19"),
    ])
    func aPathLeadsToItsValueOrTheNearestAboveIt(_ path: String, _ place: String) {
        #expect(JSONPosition(of: path, in: Self.text).description == place)
    }

    @Test func columnsCountCharacters() {
        #expect(JSONPosition(offset: 9, in: Self.text).description == "2:7")
        #expect(JSONPosition(offset: 1000, in: Self.text).line == 5)
        #expect(JSONPosition(of: "a", in: Array("{broken".utf8)).description == "1:1")
    }
}
