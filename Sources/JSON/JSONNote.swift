/// Something in an accepted text that its writer probably did not intend.
package struct JSONNote: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// A key occurs again in its object; the last value counts.
        case duplicateKey
        /// A string or key has half of a surrogate pair, which became U+FFFD.
        case loneSurrogate
    }

    package let kind: Kind
    /// Where, from the outermost value on, as in `steps[2].title`; empty for the outermost value itself.
    package private(set) var path: String
    /// The offset of the string in the text, in bytes.
    package let offset: Int

    package init(_ kind: Kind, path: String = "", offset: Int) {
        self.kind = kind
        self.path = path
        self.offset = offset
    }

    package var description: String {
        let place = path.isEmpty ? "the value" : path
        return switch kind {
        case .duplicateKey: "\(place): duplicate key, the last value counts"
        case .loneSurrogate: "\(place): half of a surrogate pair became U+FFFD"
        }
    }

    /// The note as seen from the object that holds its value under `key`.
    mutating func nest(under key: String) {
        let name = key.abbreviated
        path = path.isEmpty ? name : path.hasPrefix("[") ? name + path : "\(name).\(path)"
    }

    /// The note as seen from the array that holds its value at `index`.
    mutating func nest(at index: Int) {
        path = path.isEmpty || path.hasPrefix("[") ? "[\(index)]\(path)" : "[\(index)].\(path)"
    }
}

extension String {
    /// The string if it is short, else its first 32 scalars: enough to recognise a key by, however long it is.
    package var abbreviated: String {
        utf8.count <= 64 ? self : String(String.UnicodeScalarView(unicodeScalars.prefix(32))) + "…"
    }
}
