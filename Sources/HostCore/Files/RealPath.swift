#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where a path leads, links and all.
enum RealPath {
    /// The path without links, `.` and `..`; of one that is not there (yet), as much as there is of it without them,
    /// and the rest as it would be made. Blocks: for the file thread.
    /// - Parameter path: absolute; another is returned as it is and fits no absolute pattern.
    static func of(_ path: String) -> String { of(path, linksLeft: 40) }

    private static func of(_ path: String, linksLeft: Int) -> String {
        guard path.hasPrefix("/"), !path.utf8.contains(0) else { return path }
        var rest: [Substring] = []
        var head = path.split(separator: "/")
        while !head.isEmpty {
            if let found = realpath("/" + head.joined(separator: "/"), nil) {
                defer { free(found) }
                return joined(String(cString: found), rest)
            }
            // A link to what is not there: writing through it makes that.
            if linksLeft > 0, let target = target(of: head) {
                return of(([target] + rest.map(String.init)).joined(separator: "/"), linksLeft: linksLeft - 1)
            }
            rest.insert(head.removeLast(), at: 0)
        }
        return joined("/", rest)
    }

    /// Where a link leads, absolute; `nil` for what is no link.
    private static func target(of parts: [Substring]) -> String? {
        let path = "/" + parts.joined(separator: "/")
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = bytes.withUnsafeMutableBytes { bytes in
            bytes.bindMemory(to: CChar.self).baseAddress.map { readlink(path, $0, bytes.count) } ?? -1
        }
        guard count > 0 else { return nil }
        let target = String(decoding: bytes[..<count], as: UTF8.self)
        return target.hasPrefix("/") ? target : "/" + (parts.dropLast() + [target[...]]).joined(separator: "/")
    }

    /// Nothing of the rest is there: `..` takes back what stands before it.
    private static func joined(_ found: String, _ rest: [Substring]) -> String {
        var parts = found.split(separator: "/")
        for part in rest {
            switch part {
            case ".": break
            case "..": _ = parts.popLast()
            default: parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }
}
