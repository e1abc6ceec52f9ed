#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One of the two streams that people read. Colours and widths are those of a terminal; a pipe or file gets plain text.
struct Terminal: Sendable {
    enum Style: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
    }

    static let standardOutput = Terminal(descriptor: 1)
    static let standardError = Terminal(descriptor: 2)

    let descriptor: Int32
    let isTerminal: Bool
    private let hasColours: Bool

    private init(descriptor: Int32) {
        self.descriptor = descriptor
        isTerminal = isatty(descriptor) == 1
        let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? false
        let forbids = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        hasColours = isTerminal && !isDumb && !forbids
    }

    /// Columns of the terminal; `nil` where lines may be of any length.
    var columns: Int? {
        guard isTerminal else { return nil }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return max(40, Int(size.ws_col))
    }

    func styled(_ text: String, _ style: Style?) -> String {
        guard hasColours, let style, !text.isEmpty else { return text }
        return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
    }

    /// Writes a line. Returns whether anybody reads it.
    @discardableResult
    func say(_ text: String = "", _ style: Style? = nil) -> Bool { write(styled(text, style) + "\n") }

    /// Writes text as it is.
    @discardableResult
    func write(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let rest = UnsafeBufferPointer(rebasing: bytes[written...])
                let count = systemWrite(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                written += count
            }
            return true
        }
    }

    /// Whether a person is there to answer.
    static var isInputTerminal: Bool { isatty(0) == 1 }

    /// Tells a person what is the matter.
    static func note(_ text: String) { standardError.say("agenthost: \(text)") }
}
