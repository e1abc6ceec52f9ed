// The standard library's own search and replacement live with its regular expressions, which would be linked, loaded
// and relocated at every start of the host for their sake: docs/decisions/0008. Where those are there all the same, in
// tools and tests, they are preferred.

extension StringProtocol {
    /// Whether another text occurs in this one, compared by bytes of UTF-8. The empty text occurs in every one.
    @_disfavoredOverload
    package func contains(_ other: some StringProtocol) -> Bool {
        let (bytes, wanted) = (Array(utf8), Array(other.utf8))
        guard let first = wanted.first else { return true }
        guard bytes.count >= wanted.count else { return false }
        return (0...bytes.count - wanted.count).contains {
            bytes[$0] == first && bytes[$0..<$0 + wanted.count].elementsEqual(wanted)
        }
    }

    /// The text with each occurrence of another replaced, compared by bytes of UTF-8.
    @_disfavoredOverload
    package func replacing(_ other: String, with replacement: String) -> String {
        let (bytes, wanted) = (Array(utf8), Array(other.utf8))
        guard let first = wanted.first, bytes.count >= wanted.count else { return String(self) }
        var result: [UInt8] = []
        var index = 0
        var isFound = false
        while index < bytes.count {
            if bytes[index] == first, bytes[index...].starts(with: wanted) {
                result += replacement.utf8
                index += wanted.count
                isFound = true
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return isFound ? String(decoding: result, as: UTF8.self) : String(self)
    }
}
