import Foundation
import JSON
import Testing

/// `agenthost remember`, `memories` and what is below it.
@Suite struct MemoryCommandTests {
    @Test func whatIsRememberedIsListedShownAndForgotten() throws {
        let program = try Program()
        #expect(try program.run("memories").errors.contains("agenthost remember"))
        let first = try program.run("remember", "Turnover is revenue", "--namespace", "glossary", "--key", "turnover")
        #expect(first.output.contains(/^Remembered [0-9a-f]{8} in glossary as turnover\.\n$/), "\(first)")
        let again = try program.run("remember", "Turnover is sales", "--namespace", "glossary", "--key", "turnover")
        #expect(again.output.contains("what it said before is history"))
        #expect(
            try program.run("remember", "Turnover is sales", "--namespace", "glossary", "--key", "turnover").output
                .hasPrefix("Known already"))
        #expect(try program.run("remember", "-", "--tag", "ops", input: Data("The warehouse moved\n".utf8)).code == 0)
        let lines = try program.run("memories").output.split(separator: "\n")
        #expect(lines.count == 3 && lines[1].hasSuffix("The warehouse moved") && lines[2].contains("glossary/turnover"))
        let id = try #require(lines[2].split(separator: " ").first.map(String.init))
        let page = try program.run("memories", "show", id).output
        for part in ["Turnover is sales", "glossary/turnover", "Before", "Turnover is revenue"] {
            #expect(page.contains(part), "\(part) in \(page)")
        }
        let dry = try program.run("memories", "forget", id, "--dry-run").output
        #expect(dry == "Would forget 1 memory.\n")
        let forgotten = try program.run("memories", "forget", id)
        #expect(forgotten.output.hasPrefix("Forgot 1 memory, 1 earlier version, "), "\(forgotten)")
        #expect(try program.run("memories").output.split(separator: "\n").count == 2)
        #expect(try program.run("memories", "show", id).code != 0)
        let nothing = try program.run("memories", "forget", "--key", "turnover", "--namespace", "glossary")
        #expect(nothing.code == 0 && nothing.output == "" && nothing.errors.contains("nothing to forget"))
        let items = try program.run("memories", "--json").json()["items"]?.arrayValue
        #expect(items?.map { $0["value"] } == ["The warehouse moved"])
    }

    @Test func aQuestionIsAnsweredWithTypingErrors() throws {
        let program = try Program()
        #expect(try program.run("remember", "The warehouse moved in May 2024").code == 0)
        #expect(try program.run("remember", "Prices are net").code == 0)
        let found = try program.run("recall", "when did the warehuose move?")
        #expect(found.code == 0)
        #expect(found.output.hasPrefix("1. The warehouse moved in May 2024\n"))
        #expect(found.errors.contains("when did the warehouse move"))
        let explained = try program.run("recall", "warehuose", "--explain").output
        #expect(explained.contains("warehuose → warehouse") && explained.contains("× scope 1.00"), "\(explained)")
        let nothing = try program.run("recall", "capital of France")
        #expect(nothing.code == 1 && nothing.output.isEmpty && nothing.errors.contains("nothing is known"))
        #expect(try program.run("recall", "capital of France", "--json").json()["nothing_known"] == true)
    }

    /// `--scope user` takes a host, and means the same.
    @Test(arguments: [
        "when did the warehuose move?", "prices", "capital of France", "the", "net warehouse",
    ])
    func aQuestionIsAnsweredAsByAHost(question: String) throws {
        let program = try Program()
        #expect(try program.run("remember", "The warehouse moved in May 2024", "--tag", "ops").code == 0)
        #expect(try program.run("remember", "Prices are net", "--key", "prices", "--importance", "0.9").code == 0)
        func answer(_ more: String...) throws -> (code: Int32, JSONObject) {
            let outcome = try program.start(["recall", question, "--json", "--explain", "--limit", "3"] + more).end()
            var members = try #require(outcome.json().objectValue)
            members["search_time_ms"] = nil
            return (outcome.code, members)
        }
        let (own, byHost) = (try answer(), try answer("--scope", "user"))
        #expect(own.0 == byHost.0 && own.1 == byHost.1)
        #expect(own.1["memories"]?.arrayValue?.isEmpty == (own.code == 1))
    }

    @Test func aQuestionToNoStoreMakesOne() throws {
        let program = try Program()
        let nothing = try program.run("recall", "capital of France", "--store", "new")
        #expect(nothing.code == 1 && nothing.errors.contains("nothing is known"))
        #expect(FileManager.default.fileExists(atPath: program.folder + "/new/agenthost.db"))
        try Data(repeating: 7, count: 8192).write(to: URL(filePath: program.folder + "/new/agenthost.db"))
        let damaged = try program.run("recall", "capital of France", "--store", "new")
        #expect(damaged.code == 74 && damaged.errors.contains("set aside"), "\(damaged)")
    }

    @Test func aQuestionThatNoHostWouldTakeIsRefusedByOne() throws {
        let program = try Program()
        #expect(try program.run("remember", "Prices are net").code == 0)
        let long = try program.run("recall", String(repeating: "x", count: 10_001))
        #expect(long.code == 65 && long.errors.contains("params.query"), "\(long)")
    }

    @Test func aDatabaseHasMemoriesOfItsOwn() throws {
        let program = try Program()
        let shop = try program.makeShop()
        #expect(try program.run("memories", "--db", shop).errors.contains("nothing is remembered of shop.db"))
        #expect(try program.run("remember", "Prices are net", "--db", shop).code == 0)
        #expect(try program.run("remember", "I like tables").code == 0)
        #expect(try program.run("memories", "--db", shop).output.contains("Prices are net"))
        #expect(try !program.run("memories", "--db", shop).output.contains("I like tables"))
        #expect(try !program.run("memories", "--scope", "user").output.contains("Prices are net"))
    }

    @Test func aFilterSaysWhichAreListed() throws {
        let program = try Program()
        for (text, words) in [
            ("One", ["--tag", "draft", "--importance", "0.1"]), ("Two", ["--tag", "draft", "--namespace", "b"]),
            ("Three", ["--tag", "final", "--importance", "0.1"]),
        ] { #expect(try program.start(["remember", text] + words).end().code == 0) }
        func listed(_ words: String...) throws -> [String] {
            let outcome = try program.start(["memories", "--json"] + words).end()
            #expect(outcome.code == 0, "\(outcome)")
            return try outcome.json()["items"]?.arrayValue?.compactMap { $0["content_text"]?.stringValue } ?? []
        }
        #expect(try listed("--filter", "importance:<0.3") == ["Three", "One"])
        #expect(try listed("--filter", "importance:<0.3 || namespace:=b", "--tag", "draft") == ["Two", "One"])
        #expect(try listed("--filter", "tags:=draft", "--namespace", "b") == ["Two"])
        #expect(try listed("--filter", "tags:=none") == [])
        #expect(try program.run("memories", "--filter", "tags:=none").errors.contains("like that"))
        let shop = try program.makeShop()
        #expect(try program.start(["remember", "Four", "--tag", "draft", "--db", shop]).end().code == 0)
        #expect(try listed("--filter", "tags:=draft") == ["Four", "Two", "One"])
        #expect(try listed("--filter", "tags:=draft", "--db", shop) == ["Four"])
        #expect(try listed("--filter", "tags:=draft", "--scope", "user", "--all") == ["Two", "One"])
        #expect(
            try program.run("memories", "export", "--filter", "tags:=draft").output.split(separator: "\n").count == 3)
        let table = try program.run("memories", "--filter", "tags:=[draft, final]", "--limit", "2", "--scope", "user")
        let lines = table.output.split(separator: "\n")
        #expect(lines.count == 3 && lines[1].hasSuffix("Three") && lines[2].hasSuffix("Two"), "\(table)")
        #expect(table.errors.contains("there are more"))
        let wrong = try program.run("memories", "--filter", "tags:=")
        #expect(wrong.code != 0 && wrong.errors.contains("byte 6: expected a value"), "\(wrong)")
        #expect(try program.run("memories", "forget", "--filter", "tags:=draft").output.hasPrefix("Forgot 2 memories"))
        #expect(try program.run("memories", "forget", "--all").output.hasPrefix("Forgot 1 memory"))
    }

    /// When each memory was first remembered, by its key.
    private func createdAt(_ program: Program) -> [String: String] {
        let items = (try? program.start(["memories", "--json"]).end().json()["items"]?.arrayValue) ?? []
        return Dictionary(
            items.map { ($0["key"]?.stringValue ?? "", $0["created_at"]?.stringValue ?? "") }, uniquingKeysWith: { $1 })
    }

    @Test func memoriesGoThroughAFile() throws {
        let program = try Program()
        for number in 1...3 { #expect(try program.run("remember", "Note \(number)", "--key", "n\(number)").code == 0) }
        #expect(try program.run("memories", "export", "out.jsonl").output.hasPrefix("Wrote 3 memories to "))
        let printed = try program.run("memories", "export").output
        let written = try String(contentsOfFile: program.folder + "/out.jsonl", encoding: .utf8)
        #expect(written.split(separator: "\n").count == 3 && printed.split(separator: "\n").count == 3)
        #expect(try program.run("memories", "export", "out.jsonl").code != 0)
        let other = try Program()
        defer { #expect(createdAt(other) == createdAt(program)) }
        try (printed + "{\"key\":\"broken\"}\n").write(
            toFile: other.folder + "/in.jsonl", atomically: true, encoding: .utf8)
        let outcome = try other.run("memories", "import", "in.jsonl")
        #expect(outcome.code == 1)
        #expect(outcome.output == "Read 4 lines: 3 new, 1 not imported.\n")
        #expect(outcome.errors.contains("line 4: "))
        #expect(try other.run("memories", "import", "out.jsonl").code != 0)
    }

    @Test(arguments: [
        (["remember"], "TEXT"), (["remember", "x", "--importance", "2"], "from 0 to 1"),
        (["remember", "x", "--value", "{"], "takes JSON"), (["memories", "forget"], "say which memories"),
        (["memories", "shwo"], "memories show"), (["memories", "list"], "lists them"),
        (["memories", "show", "zz"], "no memory's id"),
        (["memories", "export", "--filter", "id:"], "byte 3"),
        (["memories", "--scope", "planet"], "session, connection, project or user"),
    ])
    func mistakesAreExplained(words: [String], part: String) throws {
        let outcome = try Program().start(words, input: Data()).end()
        #expect(outcome.code != 0)
        #expect(outcome.errors.contains(part), "\(outcome)")
    }
}
