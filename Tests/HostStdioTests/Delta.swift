import JSON

/// A piece of a message as it streams.
struct Delta: Equatable {
    let type: String
    let task: String
    let message: String
    let offset: Int
    var text: String

    /// `nil` for whatever is no delta.
    init?(_ message: JSON) {
        guard let params = message["params"], let type = params["type"]?.stringValue, type.hasSuffix(".delta"),
            let data = params["data"], let offset = data["offset_bytes"]?.intValue, let text = data["text"]?.stringValue
        else { return nil }
        self.type = type
        task = params["task_id"]?.stringValue ?? ""
        self.message = data["message_id"]?.stringValue ?? ""
        self.offset = offset
        self.text = text
    }

    var end: Int { offset + text.utf8.count }

    /// Both as one, if the other goes on where this one ends.
    func followed(by other: Delta) -> Delta? {
        guard other.type == type, other.task == task, other.message == message, other.offset == end else { return nil }
        var joined = self
        joined.text += other.text
        return joined
    }

    var line: String { "< \(type) at \(offset): \(JSON.string(text))" }
}
