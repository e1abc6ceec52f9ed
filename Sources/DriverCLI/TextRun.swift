import AgentModel
package import Driver

/// One run of a program that knows nothing of hosts: it reads the prompt, writes its answer and exits.
///
/// What it writes streams as it comes and is its one message in the end. Exit code 0 is success.
package struct TextRun: DriverRun {
    private enum Phase { case idle, running, finished }

    /// Its one message.
    private static let messageID = "text"

    private let prompt: String
    private let process: ProcessSpec
    /// Of text kept; the rest is cut off, with a warning.
    private let textBytesMax: Int
    private var phase = Phase.idle
    private var isCancelled = false
    private var decoder = UTF8Decoder()
    private var text = ""
    private var room: Int
    private var isCut = false

    package init(prompt: String, process: ProcessSpec, textBytesMax: Int = 8 << 20) {
        self.prompt = prompt
        self.process = process
        self.textBytesMax = textBytesMax
        room = textBytesMax
    }

    package mutating func handle(_ input: DriverInput) -> [DriverEffect] {
        switch (phase, input) {
        case (.idle, .start):
            phase = .running
            return [.spawn(process), .write(Array(prompt.utf8)), .closeInput]
        case (.idle, .cancel): return finish(RunOutcome(stopReason: .cancelled))
        case (.idle, .spawnFailed(let why)), (.running, .spawnFailed(let why)):
            return finish(RunOutcome(stopReason: .error, error: .driverUnavailable(why)))
        case (.running, .output(let bytes)): return read(bytes)
        case (.running, .cancel):
            isCancelled = true
            return []
        case (.running, .exited(let status)): return exited(status)
        case (.idle, _), (.running, _), (.finished, _): return []
        }
    }

    private mutating func read(_ bytes: [UInt8]) -> [DriverEffect] {
        guard !isCut else { return [] }
        let kept = bytes.prefix(room)
        room -= kept.count
        var effects = stream(decoder.decode(kept))
        if kept.count < bytes.count {
            isCut = true
            effects.append(.emit(.warning("The text is over \(textBytesMax) bytes; the rest has been cut off.")))
        }
        return effects
    }

    private mutating func stream(_ more: String) -> [DriverEffect] {
        text += more
        return more.isEmpty ? [] : [.emit(.textDelta(messageID: Self.messageID, text: more))]
    }

    private mutating func exited(_ status: Int) -> [DriverEffect] {
        var effects = isCut ? [] : stream(decoder.end())
        let answer = text.withoutNewlinesAtEnd
        if !answer.isEmpty { effects.append(.emit(.message(id: Self.messageID, role: "assistant", text: answer))) }
        return effects + finish(outcome(status, answer))
    }

    private func outcome(_ status: Int, _ answer: String) -> RunOutcome {
        if isCancelled { return RunOutcome(stopReason: .cancelled, output: answer) }
        if status == 0 { return RunOutcome(stopReason: .endTurn, output: answer) }
        let how = status < 0 ? "was ended by signal \(status.magnitude)" : "exited with code \(status)"
        var error = TaskError.exitedWithoutResult(status)
        error.message = "The program \(how)."
        return RunOutcome(stopReason: .error, output: answer, error: error)
    }

    private mutating func finish(_ outcome: RunOutcome) -> [DriverEffect] {
        phase = .finished
        text = ""
        return [.finish(outcome)]
    }
}

extension String {
    fileprivate var withoutNewlinesAtEnd: String {
        let isNewline = { (byte: UInt8) in byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
        guard let last = utf8.lastIndex(where: { !isNewline($0) }) else { return "" }
        return String(decoding: utf8[...last], as: UTF8.self)
    }
}
