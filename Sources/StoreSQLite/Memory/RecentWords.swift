/// What is known of the words that were asked for lately. When the newer half is full the older one is dropped, so that
/// a word that is asked for again and again stays.
struct RecentWords<Value> {
    private let halfMax: Int
    private var newer: [String: Value] = [:]
    private var older: [String: Value] = [:]

    /// - Parameter countMax: how many words it keeps
    init(countMax: Int) { halfMax = max(1, countMax / 2) }

    mutating func value(of word: String) -> Value? {
        if let value = newer[word] { return value }
        guard let value = older[word] else { return nil }
        keep(value, of: word)
        return value
    }

    mutating func keep(_ value: Value, of word: String) {
        if newer.count >= halfMax {
            older = newer
            newer = [:]
        }
        newer[word] = value
    }

    mutating func remove(_ word: String) {
        newer[word] = nil
        older[word] = nil
    }

    mutating func removeAll() {
        newer = [:]
        older = [:]
    }
}
