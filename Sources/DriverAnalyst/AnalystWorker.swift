import AgentModel
import Databases
import Driver
import JSON

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The analyst as a line agent: a process that reads its task from stdin and tells on stdout what it does.
package enum AnalystWorker {
    private static let lineBytesMax = 16 << 20

    /// - Parameter refusing: files that are never opened as a database, e.g. the host's store.
    /// - Returns: the exit code: 0 when a result was written, whatever it says; 1 when there was no task or nobody to
    /// tell.
    package static func main(input: Int32 = 0, output: Int32 = 1, refusing: [String] = []) -> Int32 {
        guard let line = readLine(input), let json = try? JSON.parse(line),
            case .start(let start)? = try? HostLine(json)
        else { return 1 }
        let sink = LineSink(output)
        sink.write(.result(outcome(start, sink, refusing)))
        return sink.isBroken ? 1 : 0
    }

    private static func outcome(_ start: LineStart, _ sink: LineSink, _ refusing: [String]) -> RunOutcome {
        let task = Analyst.Task(
            prompt: start.prompt, mode: start.mode, planOnly: start.planOnly, stepsMax: start.recursionLimit,
            databaseName: start.connection?.name ?? "",
            recollection: Recollection(start.memories.map(Recollection.Item.init)),
            taken: StepRecord.read(start.continuation?.state))
        let analyst = Analyst(task, sink: sink, output: ResultsFolder(path: start.resultsDirectory))
        guard let connection = start.connection else { return analyst.run(on: nil) }
        do throws(DatabaseError) {
            return analyst.run(on: try open(connection, start, refusing))
        } catch {
            return RunOutcome(
                stopReason: .error, error: .driverFailed("The database cannot be opened: \(error.message)"))
        }
    }

    /// Opens the database and confines this process to it and to the results folder, for the rest of its life.
    private static func open(
        _ connection: LineStart.Connection, _ start: LineStart, _ refusing: [String]
    ) throws(DatabaseError) -> any Database {
        let target = DatabaseTarget(
            dialect: connection.dialect, path: connection.path, url: connection.url,
            passwordEnv: connection.passwordEnv,
            readOnly: connection.readOnly || start.planOnly, allowSuperuser: connection.allowSuperuser,
            refusedPaths: refusing)
        let database = try openDatabase(target)
        // A folder must be there to be allowed; that it cannot be made is told when the files are written.
        _ = mkdir(start.resultsDirectory, 0o700)
        try confineProcess(to: database, writable: [start.resultsDirectory])
        return database
    }

    private static func readLine(_ input: Int32) -> [UInt8]? {
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while line.count <= lineBytesMax {
            let count = read(input, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return line.isEmpty ? nil : line }
            if let end = buffer[..<count].firstIndex(of: UInt8(ascii: "\n")) { return line + buffer[..<end] }
            line += buffer[..<count]
        }
        return nil
    }
}

/// Writes events as lines, one write each.
private final class LineSink: AnalystSink {
    private let descriptor: Int32
    private(set) var isBroken = false

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    func emit(_ event: DriverEvent) { write(.event(event)) }

    func write(_ line: AgentLine) {
        var rest = line.bytes[...]
        while !rest.isEmpty, !isBroken {
            let count = rest.withUnsafeBytes { unistdWrite(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { isBroken = true } else { rest = rest.dropFirst(count) }
        }
    }
}
