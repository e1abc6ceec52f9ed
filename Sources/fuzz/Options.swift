struct Options {
    private(set) var seconds: Int64 = 60
    private(set) var seed: UInt64 = 1
    /// The inputs to check, by number.
    private(set) var start: UInt64 = 0
    private(set) var end: UInt64 = .max
    private(set) var corpus = "Tests/Fixtures/json"

    static let usage = """
        usage: fuzz [--seconds N] [--seed S] [--start I] [--count N] [--corpus DIR]

        Mutates the inputs in DIR (Tests/Fixtures/json) and checks that JSON and JSONRPC keep their promises, for N
        seconds (60) or N inputs. Input I of seed S is always the same: after a crash, start again at the number
        last shown. Ends with 0 if all held, 1 if not, 2 if it could not run.
        """

    /// `nil` for arguments that the usage does not know.
    init?(_ arguments: ArraySlice<String>) {
        var arguments = arguments
        var count: UInt64?
        while let name = arguments.popFirst() {
            guard let value = arguments.popFirst() else { return nil }
            let number = UInt64(value).flatMap { $0 < 1 << 40 ? $0 : nil }
            switch (name, number) {
            case ("--corpus", _): corpus = value
            case ("--seconds", let number?): seconds = Int64(number)
            case ("--seed", let number?): seed = number
            case ("--start", let number?): start = number
            case ("--count", let number?): count = number
            default: return nil
            }
        }
        if let count {
            end = start + count
            seconds = 1 << 32
        }
    }
}
