import Driver
import JSON

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

if options.speaksACP {
    var conversation = ACPConversation(options)
    exit(conversation.run())
}

do {
    Inbox.sleep(options.startMilliseconds)
    var agent = try FakeAgent(options)
    var code = agent.run()
    while options.stays, code == 0, agent.inbox.isAwaited {
        agent = try FakeAgent(options, inbox: agent.inbox)
        code = agent.run()
    }
    exit(code)
} catch {
    fail(65, "the first line of stdin is wrong: \(error.path): expected \(error.expected)")
}
