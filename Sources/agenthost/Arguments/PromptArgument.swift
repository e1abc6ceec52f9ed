import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Arguments {
    /// What an agent is asked: the words that are no flags, or with `-` what stdin holds.
    /// - Parameters:
    ///   - missing: what to say when there are none.
    ///   - advice: what to do then.
    func prompt(_ missing: String, advice: String) throws(CommandLineError) -> String {
        guard let first = rest.first else { throw CommandLineError(missing, advice: advice) }
        guard rest == ["-"] else {
            guard rest.count > 1 || !first.isEmpty else { throw CommandLineError("the prompt is empty") }
            return rest.joined(separator: " ")
        }
        guard let bytes = InputBytes.read(0), let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandLineError("stdin is no text in UTF-8", .dataError)
        }
        let prompt = text.hasSuffix("\n") ? String(text.dropLast()) : text
        guard !prompt.allSatisfy(\.isWhitespace) else { throw CommandLineError("the prompt is empty", .dataError) }
        return prompt
    }

    /// The JSON object in a file, or with `-` in stdin.
    static func object(in operand: String) throws(CommandLineError) -> JSONObject {
        guard let bytes = operand == "-" ? InputBytes.read(0) : InputBytes.read(path: operand) else {
            throw CommandLineError("cannot read \(operand): \(String(cString: strerror(errno)))", .noInput)
        }
        guard let object = (try? JSON.parse(bytes))?.objectValue else {
            throw CommandLineError("\(operand) is no JSON object", .dataError)
        }
        return object
    }
}
