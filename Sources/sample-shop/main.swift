#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Makes the sample shop: `sample-shop [--seed N] [--orders N] FILE`.
let usage = """
    usage: sample-shop [--seed N] [--orders N] FILE
      Writes a SQLite database of a shop with two years of orders. The same seed gives the same rows.
      Exits with 0 when it is written, 64 for wrong arguments, 73 when FILE exists or cannot be written.
    """

func stop(_ message: String, _ code: Int32) -> Never {
    let line = message + "\n"
    write(2, line, line.utf8.count)
    exit(code)
}

var options = ShopOptions()
var path: String?
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
    switch argument {
    case "--seed":
        guard let seed = arguments.popFirst().flatMap({ UInt64($0) }) else { stop(usage, 64) }
        options.seed = seed
    case "--orders":
        guard let count = arguments.popFirst().flatMap({ Int($0) }), (1...1_000_000).contains(count) else {
            stop(usage, 64)
        }
        options.orders = count
    case "--help":
        print(usage)
        exit(0)
    default:
        guard path == nil, !argument.hasPrefix("-") else { stop(usage, 64) }
        path = argument
    }
}
guard let path else { stop(usage, 64) }

do {
    try makeShop(at: path, options)
} catch {
    stop("sample-shop: \(path): \(error)", 73)
}
