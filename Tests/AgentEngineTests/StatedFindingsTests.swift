import AgentEngine
import AgentModel
import Testing

@Suite struct StatedFindingsTests {
    @Test(
        arguments: [
            ("Remember: Tills close at nine.", ["Tills close at nine."]),
            ("x\n- **Remember:** a\n* remember: B \nRemember:\n", ["a", "B"]),
            ("Remember: a\nRemember: A\r\nRemember: b", ["a", "b"]),
            ("I remember: nothing", []), ("", []), ("Remember", []),
            ("Remember: " + String(repeating: "x", count: 2001), []),
        ] as [(String, [String])])
    func linesStateThem(_ output: String, _ texts: [String]) {
        #expect(StatedFindings.of(output).map(\.text) == texts)
    }

    @Test func thereIsAnEndToThem() {
        let output = (0..<100).map { "Remember: fact \($0)\n" }.joined()
        #expect(StatedFindings.of(output).count == 20)
    }
}
