/// One request on its way: libcurl's handle for it, with the memory that libcurl points to. Lives on the HTTP thread.
final class HTTPTransfer {
    let easy: CurlLibrary.Easy
    private let library: CurlLibrary
    private let errorBuffer: UnsafeMutablePointer<CChar>
    private let body: UnsafeMutableBufferPointer<UInt8>
    private var headers: CurlLibrary.List?
    private let responseBytesMax: Int
    private var response: [UInt8] = []
    private var isTooLong = false

    init(_ request: HTTPRequest, _ library: CurlLibrary) throws(HTTPFailure) {
        guard let easy = library.makeEasy() else { throw HTTPFailure(.failed, "libcurl has no memory left") }
        self.easy = easy
        self.library = library
        errorBuffer = .allocate(capacity: CurlLibrary.errorBufferSize)
        errorBuffer.initialize(repeating: 0, count: CurlLibrary.errorBufferSize)
        body = .allocate(capacity: request.body.count)
        _ = body.initialize(from: request.body)
        responseBytesMax = request.responseBytesMax
        // Without `Expect` a server is not asked first whether it wants the body, which costs a round trip.
        for header in ["Content-Type: application/json", "Accept: application/json", "Expect:"] + request.headers {
            headers = library.append(headers, header) ?? headers
        }
        setUp(request)
    }

    deinit {
        library.freeEasy(easy)
        library.freeList(headers)
        errorBuffer.deallocate()
        body.deallocate()
    }

    private func setUp(_ request: HTTPRequest) {
        typealias Option = CurlLibrary.Option
        library.set(easy, Option.url, request.url)
        library.set(easy, Option.protocols, CurlLibrary.httpAndHTTPS)
        library.set(easy, Option.followLocation, 0)
        library.set(easy, Option.verifyPeer, 1)
        library.set(easy, Option.verifyHost, 2)
        // No proxy, whatever the environment says: what is sent goes where the configuration says, or nowhere.
        library.set(easy, Option.proxy, "")
        library.set(easy, Option.noProxy, "*")
        library.set(easy, Option.noSignal, 1)
        library.set(easy, Option.userAgent, "agenthost")
        library.set(easy, Option.milliseconds, request.milliseconds)
        library.set(easy, Option.connectMilliseconds, min(request.milliseconds, 10_000))
        library.set(easy, Option.errorBuffer, UnsafeRawPointer(errorBuffer))
        library.set(easy, Option.headers, UnsafeRawPointer(headers))
        library.set(easy, Option.postFieldsSize, body.count)
        library.set(easy, Option.postFields, UnsafeRawPointer(body.baseAddress))
        library.setWriter(
            easy,
            { bytes, size, count, context in
                guard let bytes, let context else { return 0 }
                let transfer = Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
                return transfer.take(UnsafeRawBufferPointer(start: bytes, count: size * count))
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Returns how many bytes were taken; fewer than were given end the transfer.
    private func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard response.count + bytes.count <= responseBytesMax else {
            isTooLong = true
            return 0
        }
        response += bytes
        return bytes.count
    }

    /// What came of it.
    /// - Parameter result: libcurl's code, 0 when there is a response.
    func result(_ code: Int32) -> Result<HTTPResponse, HTTPFailure> {
        if isTooLong {
            return .failure(HTTPFailure(.tooLong, "the response is longer than \(responseBytesMax) bytes"))
        }
        guard code == 0 else {
            let detail = String(cString: errorBuffer)
            let text = detail.isEmpty ? library.errorText(code).map { String(cString: $0) } ?? "error \(code)" : detail
            return .failure(HTTPFailure(code == CurlLibrary.resultTimedOut ? .timedOut : .failed, text))
        }
        return .success(HTTPResponse(status: library.status(easy), body: response))
    }
}
