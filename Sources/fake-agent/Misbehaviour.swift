import AgentModel
import Driver
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The steps that no decent agent takes.
extension FakeAgent {
    mutating func misbehave(_ name: StepName, _ value: JSON, _ step: JSON) throws {
        switch name {
        case .stall: Inbox.sleep(nil)
        case .raw: voice.write(Array((value.stringValue ?? "").utf8) + [UInt8(ascii: "\n")])
        case .bytes: voice.write(try Self.bytes(hex: value.stringValue ?? ""))
        case .tear:
            voice.tear(line: result(["output": "this line is torn"]))
            throw Ending.exit(Int32(clamping: step["code"]?.intValue ?? 0))
        case .exit: throw Ending.exit(Int32(clamping: value.intValue ?? 0))
        case .kill: kill(getpid(), Int32(clamping: value.intValue ?? 9))
        case .grandchild:
            voice.emit(line: ["type": "grandchild", "pid": .int(Int64(Grandchild.start(value)))])
        case .floodStandardError: flood(value, STDERR_FILENO, Array(repeating: UInt8(ascii: "e"), count: 1023) + [10])
        case .floodStandardOutput:
            let text = String(repeating: "o", count: 1024)
            voice.stream(text, to: "flood")
            flood(value, STDOUT_FILENO, voice.delta(text, of: "flood"))
        case .longLine:
            voice.write(Array(repeating: UInt8(ascii: "x"), count: max(0, value.intValue ?? 0)) + [UInt8(ascii: "\n")])
        case .ignoreSigterm: signal(SIGTERM, SIG_IGN)
        case .ignoreCancel: ignoresCancel = true
        case .ignoreEndOfInput: ignoresEndOfInput = true
        case .closeStandardOutput: close(STDOUT_FILENO)
        default: throw ScriptError(description: "no known step: \(name.rawValue)")
        }
    }

    /// At least so many bytes, made of whole pieces.
    private func flood(_ bytes: JSON, _ descriptor: Int32, _ piece: [UInt8]) {
        var left = bytes.intValue ?? 0
        let block = Array(repeatElement(piece, count: 32).joined())
        while left > 0 {
            let part = left >= block.count ? block : piece
            Descriptor.write(part, to: descriptor)
            left -= part.count
        }
    }

    private static func bytes(hex: String) throws -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        guard digits.count == hex.count, digits.count.isMultiple(of: 2) else {
            throw ScriptError(description: "not hex: \(hex)")
        }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
