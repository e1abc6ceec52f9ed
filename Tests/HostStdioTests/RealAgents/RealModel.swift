import Foundation
import JSON

/// The model server of `Tests/RealAgents/model.py`, as long as the test holds it.
final class RealModel {
    /// What the server was asked, and what it told of the bill.
    struct Exchange {
        let entry: JSON

        var asked: String { entry["asked"]?.stringValue ?? "" }
        /// All that was said in the user's name.
        var told: String { entry["told"]?.stringValue ?? "" }
        /// The system prompt, of Anthropic's messages.
        var system: String { entry["system"]?.stringValue ?? "" }
        /// The prompts of the conversation, the last one the newest.
        var prompts: [String] { entry["prompts"]?.arrayValue?.compactMap(\.stringValue) ?? [] }
        /// False: the client left before the answer was whole.
        var isWhole: Bool { entry["is_whole"] == true }

        func tokens(_ name: String) -> Int { entry["usage"]?[name]?.intValue ?? 0 }
        var nanoDollars: Int { entry["nanodollars"]?.intValue ?? 0 }
    }

    let port: Int
    private let process = Process()
    private let input = Pipe()
    private let folder: TemporaryFolder
    private var log: String { folder.path + "/model.jsonl" }

    init() throws {
        guard let python = RealAgents.python else { throw StdioError("there is no Python environment with agents") }
        folder = try TemporaryFolder()
        let output = Pipe()
        process.executableURL = URL(filePath: python)
        process.arguments = [RealAgents.script("model.py"), folder.path + "/model.jsonl"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw StdioError("the model server does not start")
        }
        self.port = port
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    var exchanges: [Exchange] {
        get throws {
            let lines = ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n")
            return try lines.map { Exchange(entry: try JSON(parsing: String($0))) }
        }
    }
}
