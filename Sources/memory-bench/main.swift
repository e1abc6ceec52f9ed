#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// The store's own side of the bars of memory: bench/peers/memory_peer.py says which commands come and what they answer.
// One is for this program alone: `ask NAMESPACE QUESTION` answers what is found, by the `place` in its metadata.
// usage: memory-bench FOLDER

func complain(_ text: String, _ status: Int32) -> Never {
    let bytes = Array("\(text)\n".utf8)
    _ = write(2, bytes, bytes.count)
    exit(status)
}

guard CommandLine.arguments.count == 2 else { complain("usage: memory-bench FOLDER", 64) }

var commands = BenchCommands(folder: CommandLine.arguments[1])
while let line = readLine() {
    do {
        print(try commands.answer(line.split(separator: " ").map(String.init)))
        fflush(nil)
    } catch {
        complain("memory-bench: \(line): \(error)", 1)
    }
}
commands.close()
