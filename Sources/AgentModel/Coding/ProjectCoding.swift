package import JSON

extension LastSession {
    /// As clients see it.
    package var json: JSONObject {
        var object: JSONObject = ["session_id": .string("\(sessionID)"), "driver": .string(driver)]
        object["driver_session_id"] = driverSessionID.map { .string($0) }
        object["source"] = source.map { .string($0) }
        object["updated_at"] = .string("\(updatedAt)")
        return object
    }

    /// Reads what `json` wrote; `nil` without a session, a driver and a time.
    package init?(json: JSONObject) {
        guard let session = json["session_id"]?.stringValue.flatMap(SessionID.init),
            let driver = json["driver"]?.stringValue,
            let time = json["updated_at"]?.stringValue.flatMap(Timestamp.init)
        else { return nil }
        self.init(
            sessionID: session, driver: driver, driverSessionID: json["driver_session_id"]?.stringValue,
            source: json["source"]?.stringValue, updatedAt: time)
    }
}
