import AgentModel
import CSystem

/// Opens a database for what an agent may do with it. Belongs into a worker process: a deadline that nobody outside
/// holds is none, and the engines' limits hold for the whole process.
package func openDatabase(_ target: DatabaseTarget) throws(DatabaseError) -> any Database {
    try openDescribedDatabase(target)
}

func openDescribedDatabase(_ target: DatabaseTarget) throws(DatabaseError) -> any DescribedDatabase {
    switch target.dialect {
    case .sqlite:
        guard let path = target.path else { throw DatabaseError(.cannotOpen, "the connection has no path") }
        return try SQLiteDatabase(path: path, readOnly: target.readOnly, refusing: target.refusedPaths)
    case .postgresql:
        return try PostgresDatabase(target)
    }
}

/// From now on this process reaches no files but the database's own, those under `readable`, and, to write, those
/// under `writable`; and no network. Only where the kernel has Landlock: tells whether it does.
/// To be called after the database was opened, before other threads exist.
@discardableResult
package func confineProcess(
    to database: any Database, readable: [String] = [], writable: [String] = []
) throws(DatabaseError) -> Bool {
    let files = (database as? SQLiteDatabase)?.files ?? (readable: [], writable: [])
    // What the C library reads late, for `localtime`.
    let always = ["/etc/localtime", "/usr/share/zoneinfo"]
    let result = withTexts(files.readable + readable + always) { readable in
        withTexts(files.writable + writable) { writable in
            var confinement = cs_confinement(readable: readable, writable: writable, network: false)
            return cs_confine(&confinement)
        }
    }
    guard result >= 0 else { throw DatabaseError(.cannotOpen, "cannot confine the worker: error \(-result)") }
    return result == 1
}

/// The texts as a NULL-ended array of C strings, valid within `body`.
func withTexts<Result>(_ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result) -> Result {
    let bytes: [CChar] = texts.flatMap { (text: String) -> [CChar] in text.utf8.map { CChar(bitPattern: $0) } + [0] }
    return bytes.withUnsafeBufferPointer { buffer in
        var next = buffer.baseAddress
        var pointers: [UnsafePointer<CChar>?] = []
        for text in texts {
            pointers.append(next)
            next = next?.advanced(by: text.utf8.count + 1)
        }
        return (pointers + [nil]).withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
