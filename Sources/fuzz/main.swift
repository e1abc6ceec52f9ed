#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Writes a line to standard error.
func tell(_ message: String) {
    var line = message + "\n"
    line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// Checks one input after the other; false as soon as one breaks an invariant.
func fuzz(_ options: Options, _ corpus: [[UInt8]]) -> Bool {
    let mutator = Mutator(corpus: corpus)
    let began = ContinuousClock.now
    var shown = began - .seconds(60)
    var index = options.start
    while index < options.end {
        let now = ContinuousClock.now
        if now - began >= .seconds(options.seconds) { break }
        if now - shown >= .seconds(5) {
            tell("fuzz: seed \(options.seed), input \(index)")
            shown = now
        }
        var random = SplitMix64(seed: options.seed &* 0x2545_F491_4F6C_DD1D &+ index)
        let input = index < UInt64(corpus.count) ? corpus[Int(index)] : mutator.input(using: &random)
        if let broken = Invariants.broken(by: input, using: &random) {
            print("fuzz: seed \(options.seed), input \(index): \(broken)")
            print(String(decoding: input, as: UTF8.self).debugDescription)
            print(input.map { String($0, radix: 16) }.joined(separator: " "))
            return false
        }
        index += 1
    }
    print("fuzz: seed \(options.seed), \(index - options.start) inputs, all held")
    return true
}

guard let options = Options(CommandLine.arguments.dropFirst()) else {
    tell(Options.usage)
    exit(2)
}
guard let corpus = Corpus.read(folder: options.corpus), !corpus.isEmpty else {
    tell("fuzz: no corpus in \(options.corpus)")
    exit(2)
}
exit(fuzz(options, corpus) ? 0 : 1)
