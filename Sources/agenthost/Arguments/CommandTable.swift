/// Finds the command that a command line means, and runs it.
struct CommandTable {
    let commands: [Command]

    /// - Parameter words: the command line without the program's name.
    func run(_ words: [String], _ invocation: Invocation) throws -> ExitCode {
        guard let first = words.first else {
            Terminal.standardOutput.say(HelpText.program(commands))
            return .completed
        }
        switch first {
        case "--version", "version":
            Terminal.standardOutput.say("agenthost \(Version.current)")
            return .completed
        case "--help", "-h": return try help([])
        case "help": return try help(words.dropFirst())
        default: break
        }
        if words.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
            return try help(words.prefix { !$0.hasPrefix("-") })
        }
        let (command, rest) = try find(words[...])
        return try command.run(try Arguments(rest, flags: command.flags), invocation)
    }

    private func help(_ words: ArraySlice<String>) throws(CommandLineError) -> ExitCode {
        Terminal.standardOutput.say(try helpText(words))
        return .completed
    }

    private func helpText(_ words: ArraySlice<String>) throws(CommandLineError) -> String {
        guard let first = words.first else { return HelpText.program(commands) }
        let group = members(of: first)
        if words.count == 1, !group.isEmpty, !commands.contains(where: { $0.name == first }) {
            return HelpText.group(first, group)
        }
        let (command, _) = try find(words)
        return HelpText.command(command, members(of: command.name))
    }

    /// The command with the most words that the line begins with.
    private func find(_ words: ArraySlice<String>) throws(CommandLineError) -> (Command, ArraySlice<String>) {
        for count in [2, 1] where words.count >= count {
            let name = words.prefix(count).joined(separator: " ")
            if let command = commands.first(where: { $0.name == name }) { return (command, words.dropFirst(count)) }
        }
        throw unknown(words)
    }

    private func unknown(_ words: ArraySlice<String>) -> CommandLineError {
        let visible = commands.filter { !$0.isHidden }.map(\.name)
        let first = words.first ?? ""
        let members = visible.filter { $0.hasPrefix(first + " ") }
        guard members.isEmpty else {
            let list = members.map { String($0.dropFirst(first.count + 1)) }
            guard words.count > 1 else {
                return CommandLineError("say what to do with the \(first): \(list.joined(separator: ", "))")
            }
            let word = words[words.startIndex + 1]
            let near = NearestWord.to(word, among: list).map { "Did you mean \(first) \($0)?" }
            return CommandLineError(
                "there is no command \(first) \(word)", advice: near ?? "Known are \(list.joined(separator: ", ")).")
        }
        let near = NearestWord.to(first, among: visible.compactMap { $0.split(separator: " ").first.map(String.init) })
        return CommandLineError(
            "there is no command \(first)",
            advice: near.map { "Did you mean \($0)?" } ?? "See agenthost --help for those there are.")
    }

    /// The commands below a word, as `sessions show` is below `sessions`.
    private func members(of word: String) -> [Command] { commands.filter { $0.name.hasPrefix(word + " ") } }
}
