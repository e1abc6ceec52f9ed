/// A call that wants an answer.
package struct Request: Hashable, Sendable {
    package let id: RequestID
    package let method: String
    /// The text of the params, a valid JSON object; `{}` if the request has none.
    package let params: [UInt8]
    /// What was odd about the envelope, for the reply's `_meta.warnings`.
    package let warnings: [String]
}

/// A call that gets no answer, whatever becomes of it.
package struct Notification: Hashable, Sendable {
    package let method: String
    /// As in `Request`.
    package let params: [UInt8]
}

/// What the client answers to a request of the host.
package struct Response: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        /// The text of the result, any valid JSON.
        case result([UInt8])
        /// The text of the error, any valid JSON.
        case error([UInt8])
    }

    package let id: RequestID
    package let outcome: Outcome
}

/// One call or response, or what is to be said about something that is neither. Errors are large and rare, hence
/// `indirect`: messages are moved about a million times a second.
package enum Message: Hashable, Sendable {
    case request(Request)
    case notification(Notification)
    case response(Response)
    /// To be answered with this error, to this id or, without one, to `null`.
    indirect case invalid(RPCError, id: RequestID?)
    /// A malformed notification or response, which must not be answered.
    indirect case unanswerable(RPCError)
}

/// What one line carries.
package enum Envelope: Hashable, Sendable {
    case single(Message)
    /// At least one message, answered by one array.
    case batch([Message])
}
