import AgentModel
import JSONRPC

/// The asks that the client has been sent as requests of the host's.
struct ClientAsks {
    private var asks: [OutgoingTable.Key: PermissionID] = [:]

    mutating func add(_ key: OutgoingTable.Key, _ ask: PermissionID) { asks[key] = ask }
    mutating func take(_ key: OutgoingTable.Key) -> PermissionID? { asks.removeValue(forKey: key) }

    /// The request of an ask that is closed; its answer will be late.
    mutating func take(_ ask: PermissionID) -> OutgoingTable.Key? {
        guard let key = asks.first(where: { $0.value == ask })?.key else { return nil }
        asks[key] = nil
        return key
    }
}
