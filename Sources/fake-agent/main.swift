#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Ends with a line on stderr: 64 for a wrong call or script, 65 for a wrong line on stdin.
func fail(_ code: Int32, _ message: String) -> Never {
    Descriptor.write(Array("fake-agent: \(message)\n".utf8), to: STDERR_FILENO)
    exit(code)
}

let options = Options(CommandLine.arguments)
Inbox.sleep(options.startMilliseconds)
if let code = options.exitCode { exit(code) }
if options.isDeaf { Inbox.sleep(nil) }

var conversation: any Conversation =
    switch options.tongue {
    case .lines, .text: LineConversation(options)
    case .acp: ACPConversation(options)
    case .claude: ClaudeConversation(options)
    case .codexExec: CodexExecConversation(options)
    case .codexServer: CodexServerConversation(options)
    }
exit(conversation.run())
