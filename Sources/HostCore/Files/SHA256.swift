import CSystem
import JSON

/// SHA-256 in lower-case hex.
package enum SHA256 {
    package static func hex(of bytes: [UInt8]) -> String {
        var hash = cs_sha256()
        cs_sha256_begin(&hash)
        bytes.withUnsafeBytes { cs_sha256_add(&hash, $0.baseAddress, $0.count) }
        return hex(ending: &hash)
    }

    /// Of a value, whatever the order of its members.
    static func hex(of json: JSON) -> String { hex(of: json.sorted.encoded()) }

    static func hex(ending hash: inout cs_sha256) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        cs_sha256_end(&hash, &digest)
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// SHA-256 of bytes that come one after the other.
struct SHA256Stream: Sendable {
    private var hash = cs_sha256()

    init() { cs_sha256_begin(&hash) }

    mutating func add(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { cs_sha256_add(&hash, $0.baseAddress, $0.count) }
    }

    /// Lower-case hex of all so far.
    var hex: String {
        var ending = hash
        return SHA256.hex(ending: &ending)
    }
}

extension JSON {
    fileprivate var sorted: JSON {
        switch self {
        case .array(let items): .array(items.map(\.sorted))
        case .object(let object):
            .object(JSONObject(object.map { ($0.key, $0.value.sorted) }.sorted { $0.0 < $1.0 }))
        default: self
        }
    }
}
