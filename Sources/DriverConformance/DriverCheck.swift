/// A named demand on every driver.
package struct DriverCheck: Sendable, CustomStringConvertible {
    package let name: String
    package let run: @Sendable (DriverSubject) throws(ConformanceFailure) -> Void

    package var description: String { name }

    /// Those that need no process: they hear a transcript, whole, maimed and interrupted.
    package static let all: [DriverCheck] = [
        DriverCheck(name: "a good run finishes once and shows what is declared", run: Self.capabilities),
        DriverCheck(name: "chunks make no difference", run: Self.chunking),
        DriverCheck(name: "the order of keys makes no difference", run: Self.keyOrder),
        DriverCheck(name: "a line lost, repeated or cut off", run: Self.mutations),
        DriverCheck(name: "lines in another order", run: Self.shuffles),
        DriverCheck(name: "an end at any point", run: Self.ends),
        DriverCheck(name: "a cancel at any point", run: Self.cancels),
        DriverCheck(name: "a process that does not start", run: Self.spawnFailure),
        DriverCheck(name: "answers that nobody asked for", run: Self.strayAnswers),
    ]
}
