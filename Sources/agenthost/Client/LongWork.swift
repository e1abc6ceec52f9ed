import HostProtocol
import JSON

extension HostClient {
    /// Waits for long work, telling on a terminal how far it is; Ctrl-C asks for its end.
    func finished(_ method: Wire.Method, _ params: JSONObject) throws -> JSON {
        let line = StatusLine(on: .standardError)
        onEvent = { event in
            if let message = event["message"]?.stringValue { line.show(message) }
        }
        onInterrupt = { [unowned self] in cancelRequest() }
        defer {
            onInterrupt = nil
            line.clear()
        }
        return try rawCall(method, .object(params))
    }
}
