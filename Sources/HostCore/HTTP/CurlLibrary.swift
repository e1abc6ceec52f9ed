import CSystem

/// The functions of libcurl that are used, looked up at run time: most hosts never need them, and linking the library
/// would cost every start of the host. Names, types and numbers are those of `curl.h` and `multi.h`, 7.68 and newer.
struct CurlLibrary {
    typealias Multi = UnsafeMutableRawPointer
    typealias Easy = UnsafeMutableRawPointer
    typealias List = UnsafeMutableRawPointer

    /// `CURLMsg`
    struct Message {
        var kind: Int32
        var easy: Easy?
        var result: Int32
    }

    enum Option {
        static let writeData: Int32 = 10_001
        static let url: Int32 = 10_002
        static let proxy: Int32 = 10_004
        static let errorBuffer: Int32 = 10_010
        static let postFields: Int32 = 10_015
        static let userAgent: Int32 = 10_018
        static let headers: Int32 = 10_023
        static let noProxy: Int32 = 10_177
        static let writeFunction: Int32 = 20_011
        static let followLocation: Int32 = 52
        static let postFieldsSize: Int32 = 60
        static let verifyPeer: Int32 = 64
        static let verifyHost: Int32 = 81
        static let noSignal: Int32 = 99
        static let milliseconds: Int32 = 155
        static let connectMilliseconds: Int32 = 156
        static let protocols: Int32 = 181
    }

    static let responseCode: Int32 = 0x20_0002
    /// `CURLPROTO_HTTP | CURLPROTO_HTTPS`
    static let httpAndHTTPS = 3
    static let errorBufferSize = 256
    static let messageDone: Int32 = 1
    static let resultTimedOut: Int32 = 28

    let makeEasy: @convention(c) () -> Easy?
    let freeEasy: @convention(c) (Easy) -> Void
    let errorText: @convention(c) (Int32) -> UnsafePointer<CChar>?
    let append: @convention(c) (List?, UnsafePointer<CChar>) -> List?
    let freeList: @convention(c) (List?) -> Void
    let makeMulti: @convention(c) () -> Multi?
    let add: @convention(c) (Multi, Easy) -> Int32
    let remove: @convention(c) (Multi, Easy) -> Int32
    let perform: @convention(c) (Multi, UnsafeMutablePointer<Int32>) -> Int32
    let nextMessage: @convention(c) (Multi, UnsafeMutablePointer<Int32>) -> UnsafeMutableRawPointer?
    let poll: @convention(c) (Multi, UnsafeMutableRawPointer?, UInt32, Int32, UnsafeMutablePointer<Int32>?) -> Int32
    let wake: @convention(c) (Multi) -> Int32
    private let setOption: UnsafeMutableRawPointer
    private let getInfo: UnsafeMutableRawPointer

    private static let names = [
        "libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so", "libcurl.4.dylib", "/usr/lib/libcurl.4.dylib",
        "/opt/homebrew/opt/curl/lib/libcurl.4.dylib",
    ]

    /// Call it once in a process, on the thread that will use it.
    init() throws(HTTPFailure) {
        guard let library = withCStrings(Self.names, cs_library_open) else {
            throw HTTPFailure(
                .libraryMissing,
                "HTTP needs libcurl: install libcurl4 (Debian, Ubuntu), libcurl (Fedora), curl (Homebrew)")
        }
        func symbol(_ name: String) throws(HTTPFailure) -> UnsafeMutableRawPointer {
            guard let symbol = cs_library_symbol(library, name) else {
                throw HTTPFailure(.libraryMissing, "the installed libcurl is too old: it lacks \(name)")
            }
            return symbol
        }
        func function<Function>(_ name: String) throws(HTTPFailure) -> Function {
            unsafeBitCast(try symbol(name), to: Function.self)
        }
        makeEasy = try function("curl_easy_init")
        freeEasy = try function("curl_easy_cleanup")
        errorText = try function("curl_easy_strerror")
        append = try function("curl_slist_append")
        freeList = try function("curl_slist_free_all")
        makeMulti = try function("curl_multi_init")
        add = try function("curl_multi_add_handle")
        remove = try function("curl_multi_remove_handle")
        perform = try function("curl_multi_perform")
        nextMessage = try function("curl_multi_info_read")
        poll = try function("curl_multi_poll")
        wake = try function("curl_multi_wakeup")
        setOption = try symbol("curl_easy_setopt")
        getInfo = try symbol("curl_easy_getinfo")
        let initialise: @convention(c) (Int) -> Int32 = try function("curl_global_init")
        // Everything: `CURL_GLOBAL_DEFAULT`.
        guard initialise(3) == 0 else { throw HTTPFailure(.libraryMissing, "libcurl could not be set up") }
    }

    func set(_ easy: Easy, _ option: Int32, _ value: Int) { _ = cs_curl_set_number(setOption, easy, option, value) }

    /// libcurl copies the text.
    func set(_ easy: Easy, _ option: Int32, _ text: String) { _ = cs_curl_set_pointer(setOption, easy, option, text) }

    /// libcurl keeps the pointer until the transfer is freed.
    func set(_ easy: Easy, _ option: Int32, _ pointer: UnsafeRawPointer?) {
        _ = cs_curl_set_pointer(setOption, easy, option, pointer)
    }

    typealias Writer =
        @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int

    func setWriter(_ easy: Easy, _ writer: Writer, _ context: UnsafeMutableRawPointer) {
        _ = cs_curl_set_writer(setOption, easy, Option.writeFunction, writer)
        _ = cs_curl_set_pointer(setOption, easy, Option.writeData, context)
    }

    func status(_ easy: Easy) -> Int {
        var status = 0
        _ = cs_curl_get_number(getInfo, easy, Self.responseCode, &status)
        return status
    }
}
