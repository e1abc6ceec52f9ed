import HostProtocol

/// Finds sessions by what people write.
extension HostClient {
    /// The session with this id, or with an id that ends so: at least four of the last hex digits, as lists show them.
    func session(_ text: String) throws -> Wire.Session {
        if text.hasPrefix("sess_") { return try call(Wire.SessionGetParams(sessionID: text)) }
        guard text.count >= 4, text.allSatisfy({ $0.isHexDigit || $0 == "-" }) else {
            throw CommandLineError(
                "\(text) is no session id", advice: "agenthost sessions lists those there are.", .dataError)
        }
        var found: [Wire.Session] = []
        var cursor: String?
        repeat {
            let page = try call(Wire.SessionListParams(limit: 1000, cursor: cursor))
            found += page.items.filter { $0.id.hasSuffix(text.lowercased()) }
            cursor = page.nextCursor
        } while cursor != nil
        guard let first = found.first else {
            throw CommandLineError(
                "there is no session \(text)", advice: "agenthost sessions lists those there are.", .dataError)
        }
        guard found.count == 1 else {
            throw CommandLineError(
                "\(found.count) sessions end with \(text): \(found.map(\.id).joined(separator: ", "))", .dataError)
        }
        return first
    }
}

/// The form of an id that people read and write: its last eight hex digits.
func shortID(_ id: String) -> String { String(id.suffix(8)) }
