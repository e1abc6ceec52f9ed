import CSystem

/// The functions of libpq that are used, looked up at run time: most hosts never need them, and linking the library
/// would cost every start of the host. Names and types are those of `libpq-fe.h`.
struct PostgresLibrary {
    typealias Connection = OpaquePointer
    typealias Result = OpaquePointer
    typealias Text = UnsafePointer<CChar>
    typealias Texts = UnsafePointer<Text?>
    /// `PQconninfoOption`.
    struct Option {
        var keyword, environment, compiled, value, label, display: Text?
        var size: Int32
    }

    let connect: @convention(c) (Texts?, Texts?, Int32) -> Connection?
    /// Returns an array of `Option` that ends with one without a key word.
    let parse: @convention(c) (Text, UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?
    let freeOptions: @convention(c) (UnsafeMutableRawPointer?) -> Void
    let finish: @convention(c) (Connection) -> Void
    let status: @convention(c) (Connection) -> Int32
    let errorMessage: @convention(c) (Connection) -> Text?
    let socket: @convention(c) (Connection) -> Int32
    let setNoticeProcessor:
        @convention(c) (
            Connection, (@convention(c) (UnsafeMutableRawPointer?, Text?) -> Void)?, UnsafeMutableRawPointer?
        ) -> UnsafeRawPointer?
    let parameterStatus: @convention(c) (Connection, Text) -> Text?
    let send:
        @convention(c) (
            Connection, Text, Int32, UnsafePointer<UInt32>?, Texts?, UnsafePointer<Int32>?, UnsafePointer<Int32>?, Int32
        ) -> Int32
    let setSingleRowMode: @convention(c) (Connection) -> Int32
    let consumeInput: @convention(c) (Connection) -> Int32
    let isBusy: @convention(c) (Connection) -> Int32
    let nextResult: @convention(c) (Connection) -> Result?
    let resultStatus: @convention(c) (Result) -> Int32
    let errorField: @convention(c) (Result, Int32) -> Text?
    let rowCount: @convention(c) (Result) -> Int32
    let columnCount: @convention(c) (Result) -> Int32
    let columnName: @convention(c) (Result, Int32) -> Text?
    let columnType: @convention(c) (Result, Int32) -> UInt32
    let value: @convention(c) (Result, Int32, Int32) -> Text?
    let length: @convention(c) (Result, Int32, Int32) -> Int32
    let isNull: @convention(c) (Result, Int32, Int32) -> Int32
    let changedRows: @convention(c) (Result) -> Text?
    let clear: @convention(c) (Result) -> Void

    static let names = [
        "libpq.so.5", "libpq.so", "libpq.5.dylib", "libpq.dylib", "/opt/homebrew/opt/libpq/lib/libpq.5.dylib",
        "/usr/local/opt/libpq/lib/libpq.5.dylib",
        "/Applications/Postgres.app/Contents/Versions/latest/lib/libpq.5.dylib",
    ]

    init() throws(DatabaseError) {
        guard let library = withTexts(Self.names, { $0.flatMap { cs_library_open($0) } }) else {
            throw DatabaseError(
                .cannotOpen,
                "PostgreSQL needs its client library, libpq: install libpq5 (Debian, Ubuntu), libpq (Fedora, Homebrew)")
        }
        let symbols = Symbols(library: library)
        connect = try symbols.function("PQconnectdbParams")
        parse = try symbols.function("PQconninfoParse")
        freeOptions = try symbols.function("PQconninfoFree")
        finish = try symbols.function("PQfinish")
        status = try symbols.function("PQstatus")
        errorMessage = try symbols.function("PQerrorMessage")
        socket = try symbols.function("PQsocket")
        setNoticeProcessor = try symbols.function("PQsetNoticeProcessor")
        parameterStatus = try symbols.function("PQparameterStatus")
        send = try symbols.function("PQsendQueryParams")
        setSingleRowMode = try symbols.function("PQsetSingleRowMode")
        consumeInput = try symbols.function("PQconsumeInput")
        isBusy = try symbols.function("PQisBusy")
        nextResult = try symbols.function("PQgetResult")
        resultStatus = try symbols.function("PQresultStatus")
        errorField = try symbols.function("PQresultErrorField")
        rowCount = try symbols.function("PQntuples")
        columnCount = try symbols.function("PQnfields")
        columnName = try symbols.function("PQfname")
        columnType = try symbols.function("PQftype")
        value = try symbols.function("PQgetvalue")
        length = try symbols.function("PQgetlength")
        isNull = try symbols.function("PQgetisnull")
        changedRows = try symbols.function("PQcmdTuples")
        clear = try symbols.function("PQclear")
    }

    private struct Symbols {
        let library: UnsafeMutableRawPointer

        func function<Function>(_ name: String) throws(DatabaseError) -> Function {
            guard let symbol = cs_library_symbol(library, name) else {
                throw DatabaseError(.cannotOpen, "the installed libpq is too old: it lacks \(name)")
            }
            return unsafeBitCast(symbol, to: Function.self)
        }
    }
}
