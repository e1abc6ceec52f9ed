/// A hash that is the same in every process, for choices that must not depend on who makes them.
package enum StableHash {
    /// FNV-1a of 64 bits over the bytes (Fowler, Noll and Vo; draft-eastlake-fnv), then the finaliser of MurmurHash3,
    /// so that all of its bits are as good.
    package static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return hash ^ (hash >> 33)
    }
}
