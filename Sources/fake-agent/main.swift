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
    var agent = try FakeAgent(options)
    exit(agent.run())
} catch {
    fail(65, "the first line of stdin is wrong: \(error.path): expected \(error.expected)")
}
