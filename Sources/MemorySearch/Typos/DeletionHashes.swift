/// The hashes by which words that are one edit apart find each other: two words are at distance 1 (a letter added, left
/// out, replaced, or two neighbours swapped) only if a hash of one is a hash of the other (the symmetric deletion of
/// W. Garbe's SymSpell).
///
/// The hashes are stored: their definition never changes.
package enum DeletionHashes {
    /// The hash of the folded word, then of each form with one scalar left out, each hash once. A word of fewer than 4
    /// scalars has none, since nothing is corrected to it.
    package static func of(_ word: String) -> [UInt64] {
        let scalars = Array(word.unicodeScalars)
        guard scalars.count >= 4 else { return [] }
        var hashes = [hash(word.utf8)]
        hashes.reserveCapacity(scalars.count + 1)
        let bytes = Array(word.utf8)
        var start = 0
        for scalar in scalars {
            let end = start + UTF8.width(scalar)
            let rest = hash(bytes[end...], from: hashState(bytes[..<start]))
            if !hashes.contains(rest) { hashes.append(rest) }
            start = end
        }
        return hashes
    }

    /// FNV-1a of 64 bits over the UTF-8 bytes (Fowler, Noll and Vo; draft-eastlake-fnv), then the finaliser of
    /// MurmurHash3, so that all of its bits are as good.
    package static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 { hash(bytes, from: offsetBasis) }

    private static let offsetBasis: UInt64 = 0xcbf2_9ce4_8422_2325

    private static func hashState(_ bytes: some Sequence<UInt8>, from state: UInt64 = offsetBasis) -> UInt64 {
        bytes.reduce(state) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    private static func hash(_ bytes: some Sequence<UInt8>, from state: UInt64) -> UInt64 {
        var hash = hashState(bytes, from: state)
        hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return hash ^ (hash >> 33)
    }
}
