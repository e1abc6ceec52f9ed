import AgentModel
package import JSON

/// An answer that has to meet a schema: how an agent is asked for it, and what it gave.
package enum StructuredAnswer {
    /// What an agent is told that knows no schemas of itself.
    package static func instruction(_ schema: JSON) -> String {
        "Answer with one JSON value and nothing else: no words before or after it, no code fence. "
            + "It has to meet this JSON Schema: \(schema)"
    }

    /// The value in an agent's answer, once it meets the schema.
    /// - Parameters:
    ///   - given: what the agent itself set apart as such.
    ///   - text: its answer: the value alone, or within one code fence.
    package static func value(
        _ given: JSON?, _ text: String, meeting schema: JSON
    ) -> Result<JSON, JSONSchema.Violation> {
        guard let value = given ?? parsed(text) else {
            return .failure(JSONSchema.Violation(path: "$", expected: "JSON, but the answer is none"))
        }
        // A schema that makes no sense was refused with the request.
        guard let schema = try? JSONSchema(schema) else { return .success(value) }
        return schema.violation(in: value).map { .failure($0) } ?? .success(value)
    }

    private static func parsed(_ text: String) -> JSON? {
        let whole = text.trimmedSpace
        if let value = try? JSON.parse(Array(whole.utf8)) { return value }
        let lines = whole.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 2, lines.first?.hasPrefix("```") == true, lines.last == "```" else { return nil }
        return try? JSON.parse(Array(lines.dropFirst().dropLast().joined(separator: "\n").utf8))
    }
}

extension TaskError {
    /// An answer that is not what the task asked for.
    static func schemaUnsatisfied(_ violation: JSONSchema.Violation) -> TaskError {
        TaskError(
            code: 1007, reason: "driver_failed",
            message: "The answer does not meet output_schema: \(violation.path): expected \(violation.expected).",
            retryable: true, raw: ["path": .string(violation.path), "expected": .string(violation.expected)])
    }
}

extension String {
    fileprivate var trimmedSpace: Substring {
        let start = firstIndex { !$0.isWhitespace } ?? endIndex
        let end = lastIndex { !$0.isWhitespace }.map(index(after:)) ?? endIndex
        return self[start..<max(start, end)]
    }
}
