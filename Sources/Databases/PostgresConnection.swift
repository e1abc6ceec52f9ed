import AgentModel
import CSystem
import JSON

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// One connection to a PostgreSQL server, and statements sent over it by the extended protocol: one at a time, their
/// parameters apart from their text.
final class PostgresConnection {
    private let library: PostgresLibrary
    private let handle: PostgresLibrary.Connection
    /// What must not appear in an error.
    private let password: String?
    /// Set when an answer did not come in time: what comes later would be taken for another statement's.
    private var isLost = false

    init(url: String, password: String?) throws(DatabaseError) {
        library = try PostgresLibrary()
        self.password = password
        guard url.hasPrefix("postgresql://") || url.hasPrefix("postgres://"), !url.utf8.contains(0) else {
            throw DatabaseError(.cannotOpen, "expected a url that begins with postgresql://")
        }
        try Self.refusePassword(in: url, library)
        // What comes later wins over what the url says.
        var settings = [("dbname", url), ("client_encoding", "UTF8"), ("fallback_application_name", "agenthost")]
        settings += [("connect_timeout", "10")] + (password.map { [("password", $0)] } ?? [])
        let connect = library.connect
        let opened = withTexts(settings.map(\.0)) { keys in
            withTexts(settings.map(\.1)) { values in connect(keys, values, 1) }
        }
        guard let opened else { throw DatabaseError(.cannotOpen, "out of memory") }
        handle = opened
        guard library.status(handle) == 0 else {
            throw DatabaseError(.cannotOpen, redacted(library.errorMessage(handle)))
        }
        _ = library.setNoticeProcessor(handle, { _, _ in }, nil)
    }

    deinit { library.finish(handle) }

    private static func refusePassword(in url: String, _ library: PostgresLibrary) throws(DatabaseError) {
        guard let options = library.parse(url, nil) else {
            throw DatabaseError(.cannotOpen, "expected a url as postgresql://user@host:port/database")
        }
        defer { library.freeOptions(options) }
        var option = options.assumingMemoryBound(to: PostgresLibrary.Option.self)
        while let keyword = option.pointee.keyword {
            if ["password", "sslpassword"].contains(String(cString: keyword)), option.pointee.value != nil {
                throw DatabaseError(.notAllowed, "the url holds a password: put it into an environment variable")
            }
            option += 1
        }
    }

    var serverVersion: String {
        library.parameterStatus(handle, "server_version").map { String(cString: $0) } ?? "unknown"
    }

    private func redacted(_ message: UnsafePointer<CChar>?) -> String {
        let text = message.map { String(cString: $0) } ?? ""
        let line = text.split(separator: "\n").joined(separator: " ")
        guard let password, !password.isEmpty else { return line }
        return line.replacing(password, with: "***")
    }

    /// The outcome of one statement.
    struct Outcome {
        var columns: [String] = []
        var rows: [[JSON]] = []
        var changes: Int?
    }

    /// Runs one statement and hands each row to `take`, until that one returns `false`; the rest is read and dropped.
    /// `deadline` is in milliseconds of the monotonic clock.
    func run(
        _ sql: String, _ parameters: [String?] = [], deadline: UInt64, take: ([JSON]) -> Bool
    ) throws(DatabaseError) -> Outcome {
        guard !isLost else { throw DatabaseError(.failed, "the connection is lost") }
        guard send(sql, parameters) else { throw DatabaseError(.failed, redacted(library.errorMessage(handle))) }
        _ = library.setSingleRowMode(handle)
        var outcome = Outcome()
        var failure: DatabaseError?
        var wantsMore = true
        while let result = try nextResult(deadline) {
            defer { library.clear(result) }
            switch library.resultStatus(result) {
            case Status.singleRow:
                if wantsMore { wantsMore = take(row(of: result)) }
                outcome.columns = columns(of: result)
            case Status.rows:
                outcome.columns = columns(of: result)
                outcome.changes = changes(of: result)
            case Status.done:
                outcome.changes = changes(of: result)
            case Status.copyIn, Status.copyOut, Status.copyBoth:
                // The connection now speaks another protocol.
                isLost = true
                throw DatabaseError(.notAllowed, "COPY is not allowed")
            default:
                failure = failure ?? error(of: result, in: sql)
            }
        }
        if let failure { throw failure }
        return outcome
    }

    /// `ExecStatusType`.
    private enum Status {
        static let done: Int32 = 1
        static let rows: Int32 = 2
        static let copyOut: Int32 = 3
        static let copyIn: Int32 = 4
        static let copyBoth: Int32 = 8
        static let singleRow: Int32 = 9
    }

    private func send(_ sql: String, _ parameters: [String?]) -> Bool {
        let texts = parameters.map { $0 ?? "" }
        return withTexts(texts) { values in
            // An absent text is NULL.
            let pointers = parameters.indices.map { parameters[$0] == nil ? nil : values?[$0] }
            return pointers.withUnsafeBufferPointer { buffer in
                library.send(handle, sql, Int32(clamping: texts.count), nil, buffer.baseAddress, nil, nil, 0) == 1
            }
        }
    }

    private func nextResult(_ deadline: UInt64) throws(DatabaseError) -> PostgresLibrary.Result? {
        while library.isBusy(handle) == 1 {
            let now = cs_monotonic_ms()
            guard now < deadline else {
                isLost = true
                throw DatabaseError(.timedOut, "the server did not answer in time")
            }
            var entry = pollfd(fd: library.socket(handle), events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, Int32(clamping: deadline - now)) > 0 else { continue }
            guard library.consumeInput(handle) == 1 else {
                isLost = true
                throw DatabaseError(.failed, redacted(library.errorMessage(handle)))
            }
        }
        return library.nextResult(handle)
    }

    private func columns(of result: PostgresLibrary.Result) -> [String] {
        (0..<library.columnCount(result)).map { column in
            library.columnName(result, column).map { String(cString: $0) } ?? ""
        }
    }

    private func row(of result: PostgresLibrary.Result) -> [JSON] {
        (0..<library.columnCount(result)).map { column in
            guard library.isNull(result, 0, column) == 0, let value = library.value(result, 0, column) else {
                return .null
            }
            let count = Int(library.length(result, 0, column))
            let bytes = UnsafeRawBufferPointer(start: value, count: count)
            return PostgresValue.json(bytes, type: library.columnType(result, column))
        }
    }

    private func changes(of result: PostgresLibrary.Result) -> Int? {
        library.changedRows(result).flatMap { Int(String(cString: $0)) }
    }

    private func error(of result: PostgresLibrary.Result, in sql: String) -> DatabaseError {
        func field(_ code: Character) -> String? {
            library.errorField(result, Int32(code.asciiValue ?? 0)).map { redacted($0) }
        }
        let message = [field("M"), field("H").map { "(\($0))" }].compactMap(\.self).joined(separator: " ")
        return DatabaseError(
            PostgresValue.reason(state: field("C") ?? ""), message.isEmpty ? "the statement failed" : message,
            position: field("P").flatMap { Int($0) }.map { PostgresValue.byteOffset(ofCharacter: $0, in: sql) })
    }
}
