import AgentEngine
import AgentModel
import JSON
import Testing

@Suite struct ConversationRecordTests {
    static func log(_ entries: [(EventType, JSONObject)]) -> [Event] {
        entries.enumerated().map { index, entry in
            Event(
                sessionID: TaskMachineTests.id(2), seq: index + 1, at: Timestamp(milliseconds: 0),
                EventDraft(entry.0, data: entry.1))
        }
    }

    static func text(_ log: [Event], bytesMax: Int = 10_000) -> String? {
        var record = ConversationRecord(bytesMax: bytesMax)
        for event in log.reversed() { guard record.add(event) else { break } }
        return record.text
    }

    static func asked(_ text: String) -> (EventType, JSONObject) {
        (.taskQueued, ["input": [["type": "text", "text": .string(text)]]])
    }

    static func said(_ text: String, _ role: JSON = "assistant") -> (EventType, JSONObject) {
        (.message, ["message_id": "m", "role": role, "text": .string(text)])
    }

    @Test func itTellsWhatWasAskedDoneAndAnswered() {
        let log = Self.log([
            Self.asked("How many orders?"), (.toolStarted, ["tool_id": "1", "name": "sql"]),
            (.toolStarted, ["tool_id": "2", "name": "write"]), (.toolFinished, ["tool_id": "2", "is_error": true]),
            (.toolFinished, ["tool_id": "1", "is_error": false]), (.toolStarted, ["tool_id": "3", "name": "wait"]),
            Self.said("hm", "thought"), (.raw, ["line": "x"]), Self.said("Only of May.", "user"), Self.said("830."),
            (.taskFailed, ["error": ["message": "It broke."]]), Self.asked("Again."), (.taskCancelled, [:]),
        ])
        #expect(
            Self.text(log) == """
                User: How many orders?

                [Tool sql: done]

                [Tool write: failed]

                [Tool wait: not finished]

                User: Only of May.

                Assistant: 830.

                [The task failed: It broke.]

                User: Again.

                [The task was cancelled.]
                """)
        #expect(Self.text([]) == nil)
    }

    @Test func theNewestStaysAndANoteTellsOfTheRest() {
        let log = Self.log((0..<100).map { Self.said("message \($0) " + String(repeating: "é", count: 20)) })
        for bytesMax in [200, 1000, 4000] {
            let text = Self.text(log, bytesMax: bytesMax) ?? ""
            #expect(text.utf8.count <= bytesMax)
            #expect(text.utf8.count > bytesMax - 120, "as much as fits")
            #expect(text.hasPrefix("[What was said before is left out.]"))
            #expect(text.hasSuffix("message 99 " + String(repeating: "é", count: 20)))
        }
        #expect(Self.text(log)?.hasPrefix("Assistant: message 0 ") == true)
    }

    @Test(arguments: [70, 100, 500]) func aMessageThatIsTooLongIsCut(bytesMax: Int) {
        let text = Self.text(Self.log([Self.said(String(repeating: "日本", count: 1000))]), bytesMax: bytesMax) ?? ""
        #expect(text.utf8.count <= bytesMax)
        #expect(text.hasSuffix("\n[... cut]"))
        #expect(text.contains("Assistant: 日"))
    }

    @Test func noRoomIsNoRecord() {
        #expect(Self.text(Self.log([Self.said("x")]), bytesMax: 0) == nil)
    }
}
