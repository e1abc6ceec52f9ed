import CSystem
import JSON

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The process that opens a user's database: one request in, one reply out.
///
/// Who started it sets its limits and kills it at the deadline. Should that one be gone, it ends itself a little later.
package enum DatabaseWorker {
    package static let requestBytesMax = 16 << 20

    /// Reads a request (a line of JSON), answers with a `DatabaseReply` (a line of JSON). Returns the exit code of the
    /// process: 0 when a reply was written, whatever it says; 1 when there was no request or nobody to answer.
    package static func main(input: Int32, output: Int32) -> Int32 {
        guard let line = readLine(input) else { return 1 }
        let reply: DatabaseReply
        if let request = (try? JSON.parse(line)).flatMap(DatabaseRequest.init) {
            alarm(UInt32(clamping: request.limits.milliseconds / 1000 + 5))
            reply = answer(request)
        } else {
            reply = .failed(DatabaseError(.failed, "expected a request as one line of JSON"))
        }
        return send(reply.json.encoded() + [0x0a], to: output) ? 0 : 1
    }

    /// Opens, confines this process for the rest of its life, and does what is asked.
    private static func answer(_ request: DatabaseRequest) -> DatabaseReply {
        do throws(DatabaseError) {
            let database = try openDescribedDatabase(request.target)
            try confineProcess(to: database)
            return try perform(request, on: database)
        } catch {
            return .failed(error)
        }
    }

    /// Without confinement: for tests, and for a process that does more than this.
    static func perform(
        _ request: DatabaseRequest, on database: any DescribedDatabase
    ) throws(DatabaseError) -> DatabaseReply {
        switch request.operation {
        case .test:
            return .tested(engineVersion: database.engineVersion, tables: try database.tables().count)
        case .schema(let wanted):
            let overview = try database.overview(wanted, request.limits)
            return .schema(overview.tables, isTruncated: overview.isTruncated)
        case .query(let sql, let parameters):
            return .result(try database.query(sql, parameters, request.limits))
        }
    }

    private static func readLine(_ input: Int32) -> [UInt8]? {
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(input, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return line.isEmpty || count < 0 ? nil : line }
            if let end = buffer[..<count].firstIndex(of: 0x0a) { return line + buffer[..<end] }
            line += buffer[..<count]
            guard line.count <= requestBytesMax else { return nil }
        }
    }

    private static func send(_ bytes: [UInt8], to output: Int32) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                write(output, buffer.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }
}
