import Driver
import DriverCLI
import Foundation
import JSON
import Testing

/// Who had the last word in the record that the CLI keeps of a conversation.
@Suite struct ClaudeRecordTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "record-\(UUID().uuidString)").path

    private func write(_ lines: [String], to project: String = "-work") throws {
        let projects = "\(folder)/projects/\(project)"
        try FileManager.default.createDirectory(atPath: projects, withIntermediateDirectories: true)
        try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: URL(filePath: "\(projects)/session.jsonl"))
    }

    private func lastPrompt(of id: String = "session") throws -> String? {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let driver = ClaudeDriver(try ClaudeConfiguration(["environment": ["CLAUDE_CONFIG_DIR": .string(folder)]]))
        return driver.lastPrompt(of: id)
    }

    private func prompt(_ id: String) -> String {
        #"{"type":"user","uuid":"\#(id)","promptSource":"sdk","isSidechain":false,"message":{"content":"words"}}"#
    }

    private let answer = #"{"type":"assistant","uuid":"a","message":{"content":[]}}"#

    @Test func theLastPromptIsTheOneThatCameFromSomewhere() throws {
        try write([
            prompt("first"), answer, prompt("second"), answer,
            #"{"type":"user","uuid":"result","message":{"content":[{"type":"tool_result"}]}}"#,
            #"{"type":"user","uuid":"note","message":{"content":"[Request interrupted by user]"}}"#,
            #"{"type":"user","uuid":"side","promptSource":"agent","isSidechain":true,"message":{"content":"x"}}"#,
            #"{"type":"last-prompt","lastPrompt":"words"}"#, #"{"type":"user","uuid":"torn","promptSou"#,
        ])
        #expect(try lastPrompt() == "second")
    }

    @Test func aLongAnswerMayStandBehindIt() throws {
        let line = #"{"type":"assistant","message":""# + String(repeating: "x", count: 100_000) + "\"}"
        try write([prompt("first")] + Array(repeating: line, count: 30))
        #expect(try lastPrompt() == "first")
    }

    @Test func theRecordThatWasWrittenLastCounts() throws {
        try write([prompt("old")], to: "-elsewhere")
        let past = [FileAttributeKey.modificationDate: Date(timeIntervalSince1970: 1_000_000_000)]
        try FileManager.default.setAttributes(past, ofItemAtPath: "\(folder)/projects/-elsewhere/session.jsonl")
        try write([prompt("new")], to: "-work")
        #expect(try lastPrompt() == "new")
    }

    @Test(arguments: ["other", "../-work/session", ""]) func withoutARecordNothingIsTold(_ id: String) throws {
        try write([prompt("first")])
        #expect(try lastPrompt(of: id) == nil)
    }

    @Test func aRecordWithoutPromptsTellsNothing() throws {
        try write([answer])
        #expect(try lastPrompt() == nil)
    }
}
