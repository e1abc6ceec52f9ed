/// One line of a terminal that tells what happens right now. Elsewhere it says nothing.
final class StatusLine {
    private let terminal: Terminal
    private var isShown = false

    init(on terminal: Terminal) { self.terminal = terminal }

    func show(_ text: String) {
        guard let columns = terminal.columns else { return }
        let indent = String(text.prefix { $0 == " " })
        let line = TextLayout.cut(indent + TextLayout.oneLine(text), columns - 1)
        terminal.write("\r\u{1B}[K" + terminal.styled(line, .dim))
        isShown = true
    }

    func clear() {
        if isShown { terminal.write("\r\u{1B}[K") }
        isShown = false
    }
}
