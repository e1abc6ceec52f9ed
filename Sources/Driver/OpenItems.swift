/// What is open in a run, by id: tool calls that have not finished, asks that have no answer. It holds a bounded
/// number, whatever an agent says; what goes beyond is refused.
package struct OpenItems<Item> {
    private let countMax: Int
    private var items: [String: Item] = [:]

    package init(countMax: Int) { self.countMax = countMax }

    package var ids: [String] { items.keys.sorted() }

    package func contains(_ id: String) -> Bool { items[id] != nil }

    package subscript(id: String) -> Item? { items[id] }

    /// - Returns: false when the id is empty, or open already, or too much is.
    package mutating func open(_ id: String, _ item: Item) -> Bool {
        guard !id.isEmpty, items.count < countMax, items[id] == nil else { return false }
        items[id] = item
        return true
    }

    /// Changes what is open; nothing happens where nothing is.
    package mutating func update(_ id: String, _ change: (inout Item) -> Void) {
        guard var item = items[id] else { return }
        change(&item)
        items[id] = item
    }

    /// - Returns: what was open under the id; `nil` when nothing was.
    package mutating func close(_ id: String) -> Item? { items.removeValue(forKey: id) }
}

extension OpenItems where Item == Void {
    package mutating func open(_ id: String) -> Bool { open(id, ()) }
}

extension OpenItems: Sendable where Item: Sendable {}
