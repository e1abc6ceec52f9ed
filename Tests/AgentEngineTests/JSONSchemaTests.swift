import AgentEngine
import AgentModel
import JSON
import Testing

@Suite struct JSONSchemaTests {
    /// A schema, values that meet it, and values that do not with the first place where.
    struct Case: CustomTestStringConvertible {
        var schema: JSON
        var good: [JSON] = []
        var bad: [(value: JSON, path: String)] = []
        var testDescription: String { "\(schema)" }
    }

    static let cases = [
        Case(schema: [:], good: [nil, 1, "x", [], [:]]),
        Case(schema: ["type": "integer"], good: [1, 2.0], bad: [(1.5, "$"), ("1", "$"), (true, "$"), (nil, "$")]),
        Case(schema: ["type": ["number", "null"]], good: [1, 1.5, nil], bad: [("1", "$"), ([:], "$")]),
        Case(
            schema: ["type": "object", "properties": ["a": ["type": "string"]], "required": ["a"]],
            good: [["a": "x"], ["a": "", "b": 1]], bad: [([:], "$"), (["a": 1], "$.a"), ([], "$")]),
        Case(
            schema: ["properties": ["a": true], "additionalProperties": false],
            good: [[:], ["a": 1], "no object"], bad: [(["b": 1], "$.b")]),
        Case(
            schema: ["additionalProperties": ["type": "string"]], good: [["b": "x"]], bad: [(["b": 1], "$.b")]),
        Case(
            schema: ["items": ["type": "integer"], "minItems": 1, "maxItems": 2],
            good: [[1], [1, 2], "x"], bad: [([], "$"), ([1, 2, 3], "$"), ([1, "x"], "$[1]")]),
        Case(schema: ["enum": [1, "a", nil]], good: [1.0, "a", nil], bad: [(2, "$"), ("b", "$")]),
        Case(
            schema: ["const": ["a": 1, "b": [2]]], good: [["b": [2.0], "a": 1]], bad: [(["a": 1], "$"), (1, "$")]),
        Case(
            schema: ["minimum": 1, "exclusiveMaximum": 3], good: [1, 2.9, "x"], bad: [(0.9, "$"), (3, "$")]),
        Case(
            schema: ["exclusiveMinimum": 1, "maximum": 3], good: [1.1, 3], bad: [(1, "$"), (4, "$")]),
        Case(schema: ["minLength": 1, "maxLength": 2], good: ["é", "ab", 5], bad: [("", "$"), ("abc", "$")]),
        Case(schema: ["minProperties": 1, "maxProperties": 1], good: [["a": 1]], bad: [([:], "$")]),
        Case(
            schema: ["anyOf": [["type": "string"], ["minimum": 5, "type": "integer"]]],
            good: ["x", 5], bad: [(4, "$"), (nil, "$")]),
        Case(
            schema: ["oneOf": [["minimum": 1], ["minimum": 5]]], good: [1, 4], bad: [(5, "$"), (0, "$")]),
        Case(schema: ["allOf": [["minimum": 1], ["maximum": 5]]], good: [1, 5], bad: [(0, "$"), (6, "$")]),
        Case(schema: ["not": ["type": "null"]], good: [1], bad: [(nil, "$")]),
        Case(schema: false, bad: [(1, "$")]),
        Case(
            schema: [
                "$ref": "#/$defs/tree",
                "$defs": [
                    "tree": [
                        "type": "object", "required": ["name"],
                        "properties": ["name": true, "children": ["items": ["$ref": "#/$defs/tree"]]],
                    ]
                ],
            ],
            good: [["name": "a", "children": [["name": "b", "children": []]]]],
            bad: [(["name": "a", "children": [["name": "b"], [:]]], "$.children[1]")]),
        Case(schema: ["$defs": ["a/b": ["type": "null"]], "$ref": "#/$defs/a~1b"], good: [nil], bad: [(1, "$")]),
        Case(schema: ["pattern": "^a$", "format": "uuid", "title": "T", "unknown": 3], good: ["b", 1]),
    ]

    @Test(arguments: cases) func aValueMeetsItOrDoesNot(one: Case) throws {
        let schema = try JSONSchema(one.schema)
        for value in one.good { #expect(schema.violation(in: value) == nil, "\(value)") }
        for (value, path) in one.bad { #expect(schema.violation(in: value)?.path == path, "\(value)") }
    }

    @Test(
        arguments: [
            ("nonsense", ""), (["type": "text"], ".type"), (["type": []], ".type"), (["enum": []], ".enum"),
            (["required": "a"], ".required"), (["properties": ["a": 1]], ".properties.a"),
            (["items": ["minimum": "1"]], ".items.minimum"), (["anyOf": []], ".anyOf"),
            (["oneOf": [true, ["type": 1]]], ".oneOf[1].type"), (["minLength": -1], ".minLength"),
            (["$ref": "#/$defs/none"], ".$ref"), (["$ref": "https://example.org/schema"], ".$ref"),
        ] as [(JSON, String)])
    func aSchemaThatMakesNoSenseIsRefused(schema: JSON, path: String) {
        let fault = #expect(throws: JSONSchema.Fault.self) { try JSONSchema(schema) }
        #expect(fault?.path == path)
        #expect(fault?.expected.isEmpty == false)
    }

    @Test func nothingTakesForEver() throws {
        let endless = try JSONSchema(["$ref": "#"])
        #expect(endless.violation(in: 1)?.expected == "less nesting")
        // Each level tries two ways: 2^200 of them.
        let doubling = try JSONSchema(["anyOf": [["$ref": "#"], ["$ref": "#"]]])
        #expect(doubling.violation(in: 1) != nil)
        var deep: JSON = ["type": "null"]
        for _ in 0..<100 { deep = ["items": deep] }
        #expect(throws: JSONSchema.Fault.self) { try JSONSchema(deep) }
    }

    // MARK: - Answers

    static func result(_ schema: JSON, _ outcome: RunOutcome) -> TaskResult? {
        var machine = TaskMachineTests.machine { $0.outputSchema = schema }
        return TaskMachineTests.ends(machine.handle(.driverFinished(outcome))).first
    }

    @Test(arguments: [#"{"a": 1}"#, " \n{\"a\": 1}\n", "```json\n{\"a\": 1}\n```"])
    func anAnswerIsReadFromItsText(text: String) {
        let result = Self.result(["required": ["a"]], RunOutcome(stopReason: .endTurn, output: text))
        #expect(result?.status == .completed)
        #expect(result?.structuredOutput == ["a": 1])
    }

    @Test func whatTheAgentSetApartCountsFirst() {
        var outcome = RunOutcome(stopReason: .endTurn, output: "Here it is.")
        outcome.structuredOutput = ["a": 1]
        #expect(Self.result(["required": ["a"]], outcome)?.status == .completed)
        outcome.structuredOutput = ["a": "1"]
        let result = Self.result(["properties": ["a": ["type": "integer"]]], outcome)
        #expect(result?.status == .failed)
        #expect(result?.stopReason == .schemaUnsatisfied)
        #expect(result?.error?.raw?["path"] == "$.a")
        #expect(result?.structuredOutput == ["a": "1"], "what it gave is kept")
    }

    @Test func anAnswerWithoutAValueFails() {
        let result = Self.result([:], RunOutcome(stopReason: .endTurn, output: "There are 830 orders."))
        #expect(result?.stopReason == .schemaUnsatisfied)
        #expect(Self.result([:], RunOutcome(stopReason: .refusal, output: "No."))?.stopReason == .refusal)
        #expect(Self.result([:], RunOutcome(stopReason: .cancelled))?.status == .cancelled)
    }
}
