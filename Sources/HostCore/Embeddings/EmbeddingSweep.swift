/// Which memories to embed next: those remembered since the host began before those it found, each in the order of
/// their numbers. Nothing is queued but two places in the store.
struct EmbeddingSweep: Equatable {
    /// The page under way, to go on from when it fails.
    struct Page: Equatable {
        var after: Int
        fileprivate var isFresh: Bool
    }

    /// What the store held is looked at after this number; `nil`: all of it has been.
    private var old: Int? = 0
    /// What came since is looked at after this number; `nil`: nothing has come.
    private var fresh: Int?

    var isDone: Bool { old == nil && fresh == nil }

    /// A document that has no vector yet.
    mutating func remembered(_ document: Int) { fresh = min(fresh ?? .max, document - 1) }

    /// Everything is looked at again.
    mutating func restart() { old = 0 }

    /// The page to read now.
    mutating func begin() -> Page? {
        if let after = fresh {
            fresh = nil
            return Page(after: after, isFresh: true)
        }
        guard let after = old else { return nil }
        old = nil
        return Page(after: after, isFresh: false)
    }

    /// The page ended with this document and there may be more.
    mutating func goOn(_ page: Page, after document: Int) {
        if page.isFresh { fresh = min(fresh ?? .max, document) } else { old = min(old ?? .max, document) }
    }

    /// The page is to be read again.
    mutating func putBack(_ page: Page) { goOn(page, after: page.after) }
}
