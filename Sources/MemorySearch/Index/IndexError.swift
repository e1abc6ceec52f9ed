/// Why rows of the index cannot be read or made.
package enum IndexError: Error, Hashable, Sendable {
    /// The bytes of a row are not what this code writes; the index is to be rebuilt.
    case damaged(String)
    /// A number outgrew its place in the key of a row.
    case full(String)
}
