import Synchronization

/// The requests under way, all on one thread by libcurl's multi interface, which also keeps their connections open for
/// the next. `send` and `cancel` may be called on any thread.
final class HTTPTransfers: @unchecked Sendable {
    // Safe: what is not in `orders` is touched on the HTTP thread only.
    private enum Order {
        case send(UInt64, HTTPRequest)
        case cancel(UInt64)
    }

    private struct Inbox {
        var orders: [Order] = []
        /// Ends the thread's wait for the network.
        var wake: (@Sendable () -> Void)?
    }

    /// How long one wait for the network lasts at most.
    private static let pollMilliseconds: Int32 = 1000

    private let inbox = Mutex(Inbox())
    private let thread = WorkThread()
    private let post: @Sendable (HTTPThread.Report) -> Void
    /// `nil` until the first request.
    private var opened: Result<(library: CurlLibrary, multi: CurlLibrary.Multi), HTTPFailure>?
    private var transfers: [UInt64: HTTPTransfer] = [:]

    init(post: @escaping @Sendable (HTTPThread.Report) -> Void) { self.post = post }

    func send(_ ticket: UInt64, _ request: HTTPRequest) { give(.send(ticket, request)) }

    /// No report follows, unless it is on its way already.
    func cancel(_ ticket: UInt64) { give(.cancel(ticket)) }

    private func give(_ order: Order) {
        inbox.withLock { inbox in
            inbox.orders.append(order)
            inbox.wake?()
        }
        thread.run { [self] in drive() }
    }

    // MARK: - On the HTTP thread

    /// Works until nothing is under way.
    private func drive() {
        let (library, multi): (CurlLibrary, CurlLibrary.Multi)
        do throws(HTTPFailure) {
            (library, multi) = try open()
        } catch {
            for case .send(let ticket, _) in takeOrders() { post(HTTPThread.Report(ticket: ticket, .failure(error))) }
            return
        }
        repeat {
            for order in takeOrders() { carryOut(order, library, multi) }
            var running: Int32 = 0
            _ = library.perform(multi, &running)
            collect(library, multi)
            if !transfers.isEmpty { _ = library.poll(multi, nil, 0, Self.pollMilliseconds, nil) }
        } while !transfers.isEmpty
    }

    private func takeOrders() -> [Order] {
        inbox.withLock { inbox in
            let orders = inbox.orders
            inbox.orders = []
            return orders
        }
    }

    private func open() throws(HTTPFailure) -> (CurlLibrary, CurlLibrary.Multi) {
        if let opened { return try opened.get() }
        do throws(HTTPFailure) {
            let library = try CurlLibrary()
            guard let multi = library.makeMulti() else { throw HTTPFailure(.failed, "libcurl has no memory left") }
            opened = .success((library, multi))
            // Safe: libcurl lets any thread call it, for as long as the handle lives, which is for ever.
            nonisolated(unsafe) let (wake, handle) = (library.wake, multi)
            inbox.withLock { $0.wake = { _ = wake(handle) } }
            return (library, multi)
        } catch {
            opened = .failure(error)
            throw error
        }
    }

    private func carryOut(_ order: Order, _ library: CurlLibrary, _ multi: CurlLibrary.Multi) {
        switch order {
        case .send(let ticket, let request):
            do throws(HTTPFailure) {
                let transfer = try HTTPTransfer(request, library)
                guard library.add(multi, transfer.easy) == 0 else {
                    throw HTTPFailure(.failed, "libcurl did not take the request")
                }
                transfers[ticket] = transfer
            } catch {
                post(HTTPThread.Report(ticket: ticket, .failure(error)))
            }
        case .cancel(let ticket):
            guard let transfer = transfers.removeValue(forKey: ticket) else { return }
            _ = library.remove(multi, transfer.easy)
        }
    }

    /// Reports the transfers that have ended.
    private func collect(_ library: CurlLibrary, _ multi: CurlLibrary.Multi) {
        var left: Int32 = 0
        while let pointer = library.nextMessage(multi, &left) {
            let message = pointer.load(as: CurlLibrary.Message.self)
            guard message.kind == CurlLibrary.messageDone,
                let (ticket, transfer) = transfers.first(where: { $0.value.easy == message.easy })
            else { continue }
            _ = library.remove(multi, transfer.easy)
            transfers[ticket] = nil
            post(HTTPThread.Report(ticket: ticket, transfer.result(message.result)))
        }
    }
}
