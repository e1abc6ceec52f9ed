import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the CLI keeps of a conversation: `projects/FOLDER/ID.jsonl` in its configuration folder, a line for each thing
/// that was said or done. The line of a prompt tells where it came from (`promptSource`) and its id (`uuid`), which is
/// the one that the CLI was given with it, if any. Seen in 2.1.329; where nothing is found, nothing is told.
struct ClaudeRecord {
    private static let firstBytes = 256 << 10
    private static let bytesMax = 16 << 20

    let path: String

    /// Looks in every project: a conversation may be resumed from another working folder than it began in.
    init?(of id: String, in folder: String) {
        guard !id.isEmpty, !id.utf8.contains(UInt8(ascii: "/")), let projects = opendir("\(folder)/projects") else {
            return nil
        }
        defer { closedir(projects) }
        var found: (path: String, changed: Int)?
        while let entry = readdir(projects) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var status = stat()
            let path = "\(folder)/projects/\(name)/\(id).jsonl"
            guard !name.hasPrefix("."), stat(path, &status) == 0, Self.changed(status) > found?.changed ?? -1 else {
                continue
            }
            found = (path, Self.changed(status))
        }
        guard let found else { return nil }
        path = found.path
    }

    private static func changed(_ status: stat) -> Int {
        #if canImport(Darwin)
            return status.st_mtimespec.tv_sec
        #else
            return status.st_mtim.tv_sec
        #endif
    }

    /// The id of the last prompt; `nil` when there is none within the last 16 MiB.
    func lastPrompt() -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let end = Int(lseek(file, 0, SEEK_END))
        var size = Self.firstBytes
        while end > 0 {
            let start = max(0, end - size)
            if let prompt = Self.lastPrompt(in: Self.read(file, from: start, to: end)) { return prompt }
            guard start > 0, size < Self.bytesMax else { return nil }
            size *= 8
        }
        return nil
    }

    private static func read(_ file: Int32, from start: Int, to end: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: end - start) { buffer, count in
            while count < end - start {
                let read = pread(file, buffer.baseAddress.map { $0 + count }, end - start - count, off_t(start + count))
                guard read > 0 else { return }
                count += read
            }
        }
    }

    /// Lines that are torn, or no JSON, say nothing.
    private static func lastPrompt(in bytes: [UInt8]) -> String? {
        for line in bytes.split(separator: UInt8(ascii: "\n")).reversed() {
            guard let json = try? JSON.parse(line), json["type"] == "user", json["promptSource"] != nil,
                json["isSidechain"] != true
            else { continue }
            return json["uuid"]?.stringValue
        }
        return nil
    }
}
