import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The thread that writes the log back; there is none before the first time.
final class LogThread: Sendable {
    private let folder: StoreFolder
    private let options: StoreOptions
    private let inbox = Inbox<Void>()
    private let state = Mutex(State())

    private struct State {
        var thread: StoreThread?
        var holds = LockHolds()
        var begun = 0
        var ended = 0
        /// The last time that ended left nothing to write back.
        var isWhole = false
    }

    private static let stepMicroseconds: UInt32 = 200

    init(folder: StoreFolder, options: StoreOptions) {
        self.folder = folder
        self.options = options
    }

    /// Has the log written back once more, see `LogCopier.copy`.
    func begin() {
        guard inbox.put(()) != nil else { return }
        state.withLock { state in
            state.begun += 1
            if state.thread == nil { state.thread = StoreThread { [self] in run() } }
        }
    }

    /// Until what was begun has ended. Returns whether all was written back then.
    @discardableResult
    func wait() -> Bool {
        while state.withLock({ $0.thread != nil && $0.ended < $0.begun }) { usleep(Self.stepMicroseconds) }
        return state.withLock { $0.isWhole }
    }

    private func run() {
        var copier: LogCopier?
        var holder: SQLiteConnection?
        while case .items(let items) = inbox.takeAll() {
            var isWhole = false
            // If it fails, the log keeps everything; the next stretch tries again.
            do {
                let ready = try copier ?? LogCopier(folder: folder)
                copier = ready
                let keeping = try holder ?? LogCopier.connect(folder)
                holder = keeping
                isWhole = try ready.copy(keepingOut: keeping)
            } catch {}
            state.withLock { [isWhole] state in
                state.ended += items.count
                state.isWhole = isWhole
            }
        }
        if let holds = copier?.holds { state.withLock { $0.holds = holds } }
        copier?.close()
        holder?.close()
    }

    /// Returns how long others were kept from writing.
    func close() -> LockHolds {
        inbox.close()
        let thread = state.withLock { $0.thread.take() }
        thread?.join()
        return state.withLock { $0.holds }
    }
}
