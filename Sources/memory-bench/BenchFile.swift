import AgentModel
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

struct BenchFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Reads a file line by line.
final class LineReader {
    private let file: UnsafeMutablePointer<FILE>
    private var buffer: UnsafeMutablePointer<CChar>?
    private var room = 0

    init(_ path: String) throws {
        guard let file = fopen(path, "r") else { throw BenchFailure("\(path) cannot be read") }
        self.file = file
    }

    deinit {
        free(buffer)
        fclose(file)
    }

    /// At most so many lines, without their ends; none at the end of the file.
    func next(_ count: Int) throws -> [String] {
        var lines: [String] = []
        while lines.count < count {
            let bytes = getline(&buffer, &room, file)
            guard bytes > 0, let buffer else { break }
            let text = UnsafeRawBufferPointer(start: buffer, count: bytes)
            lines.append(String(decoding: text.last == UInt8(ascii: "\n") ? text.dropLast() : text[...], as: UTF8.self))
        }
        return lines
    }
}

/// The files that the generators write.
enum BenchFile {
    static func lines(_ path: String, _ first: Int, _ count: Int) throws -> [String] {
        let lines = try LineReader(path)
        _ = try lines.next(first)
        let found = try lines.next(count)
        guard !found.isEmpty else { throw BenchFailure("\(path) has no line \(first)") }
        return found
    }

    static func drafts(_ path: String, _ first: Int, _ count: Int) throws -> [MemoryDraft] {
        try lines(path, first, count).map(draft)
    }

    static func draft(_ line: String) throws -> MemoryDraft {
        let json = try JSON(parsing: line)
        guard let value = json["value"], let namespace = json["namespace"]?.stringValue else {
            throw BenchFailure("no memory: \(line)")
        }
        var draft = MemoryDraft(id: MemoryID(Clock.uuid()), scope: .user, namespace: namespace, value: value)
        draft.metadata = json["metadata"]?.objectValue
        if let source = json["source"] {
            draft.source = MemorySource(role: source["role"]?.stringValue, seq: source["seq"]?.intValue)
        }
        draft.importance = json["importance"]?.doubleValue ?? Memory.importanceByDefault
        return draft
    }
}

enum Clock {
    static func microseconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
    }

    static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    static func uuid() -> UUID128 {
        UUID128(milliseconds: now().milliseconds, randomA: .random(in: 0...4095), randomB: .random(in: 0...UInt64.max))
    }
}
