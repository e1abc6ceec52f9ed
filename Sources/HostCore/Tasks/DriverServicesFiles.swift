import Driver

/// The session's working folder as an agent reaches it through the host: the regular text files in it, whatever links
/// lead there, and nothing outside it or of the store's. Every call blocks: for the file thread.
struct WorkingFolder: Sendable {
    static let fileBytesMax = 10_000_000

    /// Absolute.
    let path: String
    let store: OutsideStore

    private struct Refusal: Error {
        let result: ServiceResult

        init(_ why: String) { result = .refused(why) }
        init(notFound path: String) { result = .notFound("There is no file \(path).") }
    }

    /// The text of a file, or some of its lines.
    func read(_ path: String, firstLine: Int?, lineLimit: Int?) -> ServiceResult {
        do throws(Refusal) {
            let place = try existing(path)
            let (bytes, size) = try attempt(path) { () throws(Folder.Failure) in
                try place.folder.read(place.relative, offset: 0, count: Self.fileBytesMax)
            }
            guard size <= Self.fileBytesMax else { throw Self.tooLarge(path, size) }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw Refusal("\(path) is not a text in UTF-8.")
            }
            guard firstLine != nil || lineLimit != nil else { return .text(text) }
            return .text(text.lines(from: firstLine ?? 1, limit: lineLimit))
        } catch { return error.result }
    }

    /// Makes a file or replaces it as a whole.
    func write(_ path: String, _ text: String, mark: String) -> ServiceResult {
        do throws(Refusal) {
            let bytes = Array(text.utf8)
            guard bytes.count <= Self.fileBytesMax else { throw Self.tooLarge(path, bytes.count) }
            let place = try place(path)
            try attempt(path) { () throws(Folder.Failure) in
                try place.folder.replace(place.relative, with: bytes, mark: mark)
            }
            return .done
        } catch { return error.result }
    }

    // MARK: - Places

    private func existing(_ path: String) throws(Refusal) -> (folder: Folder, relative: String) {
        try check(path)
        guard let real = OutsideStore.real(path) else { throw Refusal(notFound: path) }
        let place = try beneath(real, path)
        do throws(OutsideStore.Failure) { _ = try store.resolve(real) } catch { throw Self.refusal(error, path) }
        return place
    }

    /// Where a file is or would be, through the links that are on the way.
    private func place(_ path: String) throws(Refusal) -> (folder: Folder, relative: String) {
        try check(path)
        var real = OutsideStore.real(path)
        var (above, missing) = (path[...], [Substring]())
        while real == nil, let slash = above.lastIndex(of: "/") {
            missing.insert(above[above.index(after: slash)...], at: 0)
            above = above[..<slash]
            real = OutsideStore.real(above.isEmpty ? "/" : String(above))
        }
        guard let real else { throw Refusal(notFound: path) }
        let whole = missing.isEmpty ? real : "\(real == "/" ? "" : real)/\(missing.joined(separator: "/"))"
        let place = try beneath(whole, path)
        do throws(OutsideStore.Failure) { try store.check(whole) } catch { throw Self.refusal(error, path) }
        return place
    }

    private func check(_ path: String) throws(Refusal) {
        guard path.hasPrefix("/"), !path.utf8.contains(0) else { throw Refusal("\(path) is not an absolute path.") }
    }

    private func beneath(_ real: String, _ path: String) throws(Refusal) -> (folder: Folder, relative: String) {
        guard let root = OutsideStore.real(self.path) else {
            throw Refusal("The session's working folder \(self.path) is not there.")
        }
        let start = root == "/" ? "/" : root + "/"
        guard real.hasPrefix(start) else {
            throw Refusal("\(path) is outside the session's working folder \(self.path).")
        }
        return (Folder(path: root), String(real.dropFirst(start.count)))
    }

    // MARK: - Failures

    private func attempt<Answer>(
        _ path: String, _ work: () throws(Folder.Failure) -> Answer
    ) throws(Refusal) -> Answer {
        do throws(Folder.Failure) {
            return try work()
        } catch {
            switch error {
            case .notFound: throw Refusal(notFound: path)
            case .badPath: throw Refusal("\(path) is not the path of a file.")
            case .notARegularFile: throw Refusal("\(path) is not a regular file.")
            case .io(let failure): throw Refusal("\(path): \(failure).")
            }
        }
    }

    private static func refusal(_ failure: OutsideStore.Failure, _ path: String) -> Refusal {
        switch failure {
        case .notFound: Refusal(notFound: path)
        case .notARegularFile: Refusal("\(path) is not a regular file.")
        case .ofTheStore: Refusal("\(path) belongs to the host's own store.")
        case .exists: Refusal("\(path) is there already.")
        case .io(let failure): Refusal("\(path): \(failure).")
        }
    }

    private static func tooLarge(_ path: String, _ bytes: Int) -> Refusal {
        Refusal("\(path) has \(bytes) bytes; at most \(fileBytesMax) are read or written.")
    }
}

extension String {
    /// So many lines from one on, counted from 1, each with its end; empty when there are fewer.
    func lines(from first: Int, limit: Int?) -> String {
        let bytes = utf8
        var (start, line) = (bytes.startIndex, 1)
        func next(_ index: Index) -> Index {
            bytes[index...].firstIndex(of: UInt8(ascii: "\n")).map(bytes.index(after:)) ?? bytes.endIndex
        }
        while line < first, start < bytes.endIndex {
            start = next(start)
            line += 1
        }
        guard let limit else { return String(self[start...]) }
        var (end, taken) = (start, 0)
        while taken < limit, end < bytes.endIndex {
            end = next(end)
            taken += 1
        }
        return String(self[start..<end])
    }
}
