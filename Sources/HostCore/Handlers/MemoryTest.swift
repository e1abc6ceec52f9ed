import AgentModel
import HostProtocol
import JSON
import JSONRPC
import MemorySearch

/// A filter of the language of searches, looked at memory by memory.
struct MemoryTest: Sendable {
    private let filter: FilterExpression

    /// - Throws: what `SearchError` says, with the byte where the text stops making sense.
    init(_ text: String, parameter: String) throws(RPCError) {
        let parsed: FilterExpression?
        do throws(SearchError) { parsed = try FilterParser.parse(text, parameter: parameter) } catch {
            throw RPCError(error)
        }
        guard let parsed else {
            throw RPCError(
                .invalidParams, "\(parameter): expected a filter, found nothing but spaces",
                path: "params.\(parameter)", expected: "a filter")
        }
        filter = parsed
    }

    /// Those that meet the filter, in their order.
    func passing(_ memories: [Memory]) -> [Memory] {
        var evaluation = FilterEvaluation()
        return memories.filter { memory in
            let object = Wire.Memory(memory).json.objectValue ?? [:]
            return evaluation.matches(filter, MemoryDocument(number: 0, object: object))
        }
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
