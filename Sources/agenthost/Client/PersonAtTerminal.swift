import HostProtocol
import JSON

/// The person who may sit at the terminal while long work runs: reads how it goes, answers what agents ask, and ends it
/// with Ctrl-C.
extension HostClient {
    /// Shows events as they come, and puts agents' asks to the person if one is there.
    /// - Returns: whether one is.
    @discardableResult
    func attend(with progress: TaskProgress, quiet: Bool) throws -> Bool {
        onEvent = progress.show
        guard Terminal.isInputTerminal, Terminal.standardError.isTerminal, !quiet else { return false }
        progress.isAttended = true
        let prompt = AskPrompt(terminal: .standardError, typedLine: typedLine)
        progress.showsAsks = false
        try answersAsks { ask in
            progress.end()
            return prompt.answer(ask)
        }
        return true
    }

    /// Has Ctrl-C end the work, and say so.
    func cancelsOnInterrupt(with progress: TaskProgress, _ cancel: @escaping () -> Void) {
        onInterrupt = { [unowned self] in
            hasAskedToCancel = true
            progress.say("Cancelling; Ctrl-C again to leave at once.", .yellow)
            cancel()
        }
    }
}
