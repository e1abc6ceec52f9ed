import Foundation
import JSON
import Testing

/// The built executable, called from an empty folder that is also its home.
final class Program {
    struct Outcome {
        let code: Int32
        let output: String
        let errors: String

        /// The output as JSON.
        func json() throws -> JSON { try JSON(parsing: output) }
    }

    let folder: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "command-line-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        // As the program sees it: without symbolic links.
        folder = url.resolvingSymlinksInPath().path
        let agents: JSON = [
            "default_driver": "fake",
            "drivers": [
                [
                    "name": "fake", "executable": .string(Self.path("fake-agent")), "output": "lines",
                    "capabilities": ["concurrent_runs_safe", "streams_text"],
                ]
            ],
        ]
        try agents.description.write(toFile: folder + "/agents.json", atomically: true, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A program built beside the tests.
    static func path(_ name: String) -> String {
        let beside = Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let candidates = ([program] + beside).map { $0.appending(path: name).path }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? candidates[0]
    }

    /// Runs it to its end. Nothing that it writes here may steer a terminal.
    func run(_ arguments: String..., input: Data = Data()) throws -> Outcome {
        let call = try start(arguments, input: input)
        let outcome = try call.end()
        #expect(!(outcome.output + outcome.errors).contains("\u{1B}"), "\(arguments)")
        return outcome
    }

    /// Runs a script of the scripted agent as a prompt.
    func runAgent(_ script: String, _ more: String...) throws -> Outcome {
        try start(["run", script, "--config", "agents.json"] + more).end()
    }

    func start(_ arguments: [String], input: Data = Data()) throws -> Call {
        try Call(Self.path("agenthost"), arguments, of: self, input: input)
    }

    /// A database of a shop, with its name in the folder.
    func makeShop() throws -> String {
        let outcome = try Call(Self.path("sample-shop"), ["--orders", "200", "shop.db"], of: self).end()
        try #require(outcome.code == 0, "\(outcome.errors)")
        return "shop.db"
    }

    /// The sessions, newest first.
    func sessions() throws -> [JSON] {
        try run("sessions", "--json").json()["items"]?.arrayValue ?? []
    }
}

/// A program that runs, with its output in files.
final class Call {
    let process = Process()
    /// Its folder must not go while the call is under way.
    private let home: Program
    private let files: String

    init(_ program: String, _ arguments: [String], of home: Program, input: Data = Data()) throws {
        self.home = home
        let folder = home.folder
        files = folder + "/call-\(UUID().uuidString)"
        for part in ["in", "out", "err"] {
            try (part == "in" ? input : Data()).write(to: URL(filePath: "\(files).\(part)"))
        }
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder)
        process.environment = ["HOME": folder, "PATH": "/usr/bin:/bin"]
        process.standardInput = FileHandle(forReadingAtPath: "\(files).in")
        process.standardOutput = FileHandle(forWritingAtPath: "\(files).out")
        process.standardError = FileHandle(forWritingAtPath: "\(files).err")
        try process.run()
    }

    func end() throws -> Program.Outcome {
        let limit = Date().addingTimeInterval(120)
        while process.isRunning, Date() < limit { usleep(5_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        defer { for part in ["in", "out", "err"] { try? FileManager.default.removeItem(atPath: "\(files).\(part)") } }
        return Program.Outcome(code: process.terminationStatus, output: text("out"), errors: text("err"))
    }

    private func text(_ part: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(files).\(part)") ?? Data(), as: UTF8.self)
    }

    /// Waits until it has written something, on stdout or, with `part` "err", on stderr.
    func wait(for expected: String, in part: String = "out") throws {
        let end = Date().addingTimeInterval(30)
        while !text(part).contains(expected), process.isRunning, Date() < end { usleep(10_000) }
        try #require(text(part).contains(expected), "\(text("out"))\(text("err"))")
    }
}
