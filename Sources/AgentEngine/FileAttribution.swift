package import AgentModel
package import JSON

/// Whose the changes to files are that happened while several steps ran in one folder. A step's own list is what
/// differs between two looks at the folder; what others did meanwhile is in it as well.
///
/// A change belongs to the steps whose tools named the file. One that only others named, while they ran, is theirs;
/// one that nobody named may be anybody's, and is marked. What changed last while the step still waited for its turn
/// in the session is no step's.
package struct FileAttribution: Sendable {
    /// A step that ran while another one did.
    package struct Neighbour: Hashable, Sendable {
        /// From its own look at the folder to its end, in milliseconds since 1970.
        package var span: ClosedRange<Int64>
        /// Files that its tools named.
        package var named: Set<String>

        package init(span: ClosedRange<Int64>, named: Set<String>) {
            self.span = span
            self.named = named
        }
    }

    /// Files that the step's tools named.
    package var named: Set<String>
    package var neighbours: [Neighbour]

    /// When other tasks had the session before the step did, after its look at the folder.
    package var waits: [ClosedRange<Int64>]

    package init(named: Set<String>, neighbours: [Neighbour], waits: [ClosedRange<Int64>] = []) {
        self.named = named
        self.neighbours = neighbours
        self.waits = waits
    }

    /// - Parameters:
    ///   - changes: what differs between the two looks.
    ///   - times: by path, when the file was changed last, in milliseconds since 1970.
    /// - Returns: those that are the step's, marked where they may be another's.
    package func changes(_ changes: [FileChange], times: [String: Int64]) -> [FileChange] {
        changes.compactMap { change in
            if let time = times[change.path], waits.contains(where: { $0.contains(time) }) { return nil }
            // Nothing tells when a file was removed.
            let isAlone = neighbours.isEmpty && (waits.isEmpty || times[change.path] != nil)
            guard !isAlone, !named.contains(change.path) else { return change }
            let isAnothers = neighbours.contains { neighbour in
                guard neighbour.named.contains(change.path), let time = times[change.path] else { return false }
                return neighbour.span.contains(time)
            }
            guard !isAnothers else { return nil }
            var change = change
            change.isShared = true
            return change
        }
    }

    /// Longer texts are contents, not names.
    private static let textBytesMax = 4096
    private static let depthMax = 16

    /// The files that are named in what a tool was given: as a whole text, or as a word of a command.
    /// - Parameter paths: relative to the folder.
    package static func names(in json: JSON, among paths: Set<String>, depth: Int = 0) -> Set<String> {
        guard depth < depthMax else { return [] }
        switch json {
        case .object(let object):
            return object.reduce(into: []) { $0.formUnion(names(in: $1.value, among: paths, depth: depth + 1)) }
        case .array(let items):
            return items.reduce(into: []) { $0.formUnion(names(in: $1, among: paths, depth: depth + 1)) }
        case .string(let text) where text.utf8.count <= textBytesMax:
            let words = text.split { $0.isWhitespace || "\"'`=<>|&;(),:".contains($0) }
            return Set(([Substring(text)] + words).compactMap { path(in: $0, among: paths) })
        default: return []
        }
    }

    /// The longest end of a word, of whole components, that is such a path.
    private static func path(in word: Substring, among paths: Set<String>) -> String? {
        var rest = word
        while !rest.isEmpty {
            if paths.contains(String(rest)) { return String(rest) }
            guard let slash = rest.firstIndex(of: "/") else { return nil }
            rest = rest[rest.index(after: slash)...]
        }
        return nil
    }
}
