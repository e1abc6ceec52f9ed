import AgentModel
import HostProtocol
import JSON
import JSONRPC
import MemorySearch

/// A filter of the language of searches, where memories are not searched.
enum MemoryTest {
    /// - Throws: what `SearchError` says, with the byte where the text stops making sense.
    static func expression(_ text: String) throws(RPCError) -> FilterExpression {
        let parsed: FilterExpression?
        do throws(SearchError) { parsed = try FilterParser.parse(text) } catch { throw RPCError(error) }
        guard let parsed else {
            throw RPCError(
                .invalidParams, "filter_by: expected a filter, found nothing but spaces", path: "params.filter_by",
                expected: "a filter")
        }
        return parsed
    }
}

extension RPCError {
    /// What a client is told of a parameter of a search. `raw.offset_bytes` is where in its text.
    init(_ error: SearchError) {
        let code: Code =
            switch error.reason {
            case .invalid: .invalidParams
            case .unsupported: .unsupported
            case .limitExceeded: .limitExceeded
            }
        self.init(
            code, error.description, detail: error.offset.map { "at byte \($0)" }, path: "params.\(error.parameter)",
            expected: error.expected, raw: error.offset.map { ["offset_bytes": .int(Int64($0))] })
    }
}
