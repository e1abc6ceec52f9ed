/// The loop's side of HTTP: gives requests to a thread of their own and brings back what came of them. Confined to the
/// loop's thread but for `post`.
///
/// A request goes where it says and nowhere else: redirects are answers, proxies of the environment are not used, and
/// certificates are checked. Without libcurl each request fails, saying what to install.
package final class HTTPThread {
    package struct Report: Sendable {
        fileprivate let ticket: UInt64
        fileprivate let result: Result<HTTPResponse, HTTPFailure>

        init(ticket: UInt64, _ result: Result<HTTPResponse, HTTPFailure>) {
            self.ticket = ticket
            self.result = result
        }
    }

    private let transfers: HTTPTransfers
    private var waiting: [UInt64: (Result<HTTPResponse, HTTPFailure>) -> Void] = [:]
    private var lastTicket: UInt64 = 0

    /// - Parameter post: brings a report to the loop, which gives it to `handle`.
    package init(post: @escaping @Sendable (Report) -> Void) { transfers = HTTPTransfers(post: post) }

    /// Posts JSON, and calls back once.
    /// - Returns: what gives the request up; nothing is called back then.
    package func send(
        _ request: HTTPRequest, then: @escaping (Result<HTTPResponse, HTTPFailure>) -> Void
    ) -> () -> Void {
        lastTicket += 1
        let ticket = lastTicket
        waiting[ticket] = then
        transfers.send(ticket, request)
        return { [weak self] in
            guard let self, waiting.removeValue(forKey: ticket) != nil else { return }
            transfers.cancel(ticket)
        }
    }

    package func handle(_ report: Report) { waiting.removeValue(forKey: report.ticket)?(report.result) }
}
