import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How the agent was called.
struct Options {
    static let help = """
        fake-agent: an agent that does what a script says; see docs/line-agents.md.

          --script FILE    steps, one JSON object a line
          --steps TEXT     the same, given as such
          (neither)        the lines of the prompt that start with {; if it has none, the prompt is echoed
          --sessions DIR   keep a record of each session there, and resume only those that have one
          --text           no line agent: the prompt is all of stdin, plain text comes out
          --speak acp      the Agent Client Protocol: each prompt is a script or echoed
          --speak claude   Claude Code's lines, called as its CLI is
          --speak codex    Codex's lines, called as `codex app-server` or `codex exec` are
          --acp-initialize JSON   what else the answer to initialize says, or says otherwise
          --acp-refuse CODE       sessions are refused with this error
          --stay           serve one task after the other, until stdin ends
          --slow-start MS  do nothing for so long at first
          --exit CODE      end at once and say nothing
          --deaf           never read stdin
          --ignore-eof     go on when stdin ends

        steps: \(StepName.allCases.map(\.rawValue).joined(separator: " "))

        """

    enum TongueName {
        case lines, text, acp, claude, codexExec, codexServer
    }

    var script: String?
    var sessionsDirectory: String?
    var tongue = TongueName.lines
    var ignoresEndOfInput = false
    var initialize: JSONObject = [:]
    var refusal: Int?
    var stays = false
    var startMilliseconds: Int64 = 0
    var exitCode: Int32?
    var isDeaf = false
    /// What is left of the arguments: words of the program that it stands for.
    var words: [String] = []

    init(_ arguments: [String]) {
        var rest = arguments.dropFirst()
        func value(of flag: String) -> String {
            guard let value = rest.popFirst() else { fail(64, "\(flag) needs a value") }
            return value
        }
        while let flag = rest.popFirst() {
            switch flag {
            case "--script": script = Descriptor.read(path: value(of: flag))
            case "--steps": script = value(of: flag)
            case "--sessions": sessionsDirectory = value(of: flag)
            case "--text": tongue = .text
            case "--ignore-eof": ignoresEndOfInput = true
            case "--speak": tongue = Self.tongue(value(of: flag), arguments)
            case "--acp-initialize":
                guard let members = (try? JSON.parse(Array(value(of: flag).utf8)))?.objectValue else {
                    fail(64, "--acp-initialize: expected a JSON object")
                }
                initialize = members
            case "--acp-refuse": refusal = Int(value(of: flag))
            case "--stay": stays = true
            case "--slow-start": startMilliseconds = Int64(value(of: flag)) ?? 0
            case "--exit": exitCode = Int32(value(of: flag)) ?? 64
            case "--deaf": isDeaf = true
            case Grandchild.flag:
                Inbox.sleep(Int64(value(of: flag)).map { $0 * 1000 })
                exit(0)
            case "--help":
                Descriptor.write(Array(Self.help.utf8), to: STDOUT_FILENO)
                exit(0)
            default: words.append(flag)
            }
        }
        switch tongue {
        case .lines, .text, .acp: if let word = words.first { fail(64, "unknown argument \(word)") }
        case .claude, .codexExec, .codexServer: break
        }
    }

    private static func tongue(_ name: String, _ arguments: [String]) -> TongueName {
        switch name {
        case "acp": return .acp
        case "claude": return .claude
        case "codex": return arguments.contains("app-server") ? .codexServer : .codexExec
        default: fail(64, "it can speak acp, claude and codex")
        }
    }

    /// The value of a flag among the words, written `--flag=value`.
    func word(_ flag: String) -> String? {
        words.first { $0.hasPrefix(flag + "=") }.map { String($0.dropFirst(flag.count + 1)) }
    }
}
