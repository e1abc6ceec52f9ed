/// A request to an HTTP server: a POST of JSON, answered as a whole.
package struct HTTPRequest: Hashable, Sendable {
    /// `http://` or `https://`.
    package var url: String
    /// The JSON text.
    package var body: [UInt8]
    /// `Name: value`, besides those of the JSON; without line breaks.
    package var headers: [String] = []
    /// From the call to the last byte of the answer.
    package var milliseconds: Int
    /// A longer answer fails the request.
    package var responseBytesMax = 32 << 20

    package init(url: String, body: [UInt8], milliseconds: Int) {
        self.url = url
        self.body = body
        self.milliseconds = milliseconds
    }
}

package struct HTTPResponse: Hashable, Sendable {
    package var status: Int
    package var body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// Why a request has no response.
package struct HTTPFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        /// libcurl is not installed, or too old.
        case libraryMissing
        case timedOut
        /// The response was longer than allowed.
        case tooLong
        /// Connection, name or certificate, in libcurl's words.
        case failed
    }

    package let reason: Reason
    package let description: String

    package init(_ reason: Reason, _ description: String) {
        self.reason = reason
        self.description = description
    }
}
