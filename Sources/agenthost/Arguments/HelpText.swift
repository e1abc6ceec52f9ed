/// The pages of `--help`.
enum HelpText {
    static func program(_ commands: [Command]) -> String {
        let visible = commands.filter { !$0.isHidden }
        return """
            agenthost \(Version.current)

            One process between your editor, scripts and every agent: it runs prompts, on databases too, and keeps each
            session as a numbered log that survives crashes. Programs speak JSON-RPC to it on stdin and stdout; people
            use the commands below.

            \(heading("Usage"))
              agenthost COMMAND [FLAGS]
              ... | agenthost            the same as agenthost serve, when stdin is no terminal

            \(heading("Commands"))
            \(rows(visible.map { ($0.name, $0.summary) }))

            \(heading("Examples"))
              agenthost run "top 5 customers by revenue" --db shop.db
              agenthost sessions
              echo '{"jsonrpc":"2.0","id":1,"method":"host.status"}' | agenthost

            \(heading("Environment"))
            \(rows(environment))

            \(heading("Exit codes"))
            \(rows(ExitCode.allCases.map { (String($0.rawValue), $0.meaning) }))

            agenthost help COMMAND tells more about one of them.
            """
    }

    /// Commands that share their first word.
    static func group(_ word: String, _ commands: [Command]) -> String {
        """
        \(heading("Commands"))
        \(rows(commands.map { ("agenthost \(usageTail($0))", $0.summary) }))

        agenthost help \(word) COMMAND tells more about one of them.
        """
    }

    static func command(_ command: Command, _ family: [Command]) -> String {
        var parts = [
            "agenthost \(command.name): \(command.summary)",
            "\(heading("Usage"))\n  \(usage(command))"
                + family.map { "\n  \(usage($0))" }.joined(),
        ]
        if !command.about.isEmpty { parts.insert(TextLayout.wrap(command.about, columns: columns), at: 1) }
        let flags = command.flags + [.help]
        parts.append("\(heading("Flags"))\n" + rows(flags.map { ($0.spelling, meaning(of: $0)) }))
        if !command.examples.isEmpty {
            parts.append("\(heading("Examples"))\n" + command.examples.map { "  " + $0 }.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }

    private static let environment = [
        ("AGENTHOST_HOME", "the folder of the store, unless --store names one"),
        ("XDG_STATE_HOME", "else the store is in agenthost below this, by default ~/.local/state"),
        ("NO_COLOR", "set to anything: no colours"),
    ]

    private static let columns = 100

    private static func usage(_ command: Command) -> String {
        "agenthost \(usageTail(command))"
    }

    private static func usageTail(_ command: Command) -> String {
        [command.name, command.operands].filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static func meaning(of flag: Flag) -> String {
        flag.standard.map { "\(flag.meaning) Default: \($0)." } ?? flag.meaning
    }

    private static func heading(_ text: String) -> String { Terminal.standardOutput.styled(text, .bold) }

    /// Two columns, the second one wrapped.
    private static func rows(_ rows: [(String, String)]) -> String {
        let width = (rows.map { $0.0.count }.max() ?? 0) + 2
        let indent = String(repeating: " ", count: width + 2)
        return rows.map { row in
            let lines = TextLayout.wrap(row.1, columns: columns - width - 2).split(separator: "\n")
            return "  " + TextLayout.padded(row.0, width) + lines.joined(separator: "\n" + indent)
        }.joined(separator: "\n")
    }
}
