import AgentModel
package import Driver

/// An argument with placeholders, e.g. `--session={session_id}`. What looks like no placeholder stands for itself.
package struct ArgumentTemplate: Hashable, Sendable {
    /// What may stand between braces. A prompt may not: it can be longer than an argument, and others can read
    /// arguments.
    package enum Placeholder: String, Sendable, CaseIterable {
        case sessionID = "session_id"
        case taskID = "task_id"
        case runID = "run_id"
        case driverSessionID = "driver_session_id"
        case offeredID = "offered_id"
        case workingDirectory = "working_dir"
        case resultsDirectory = "results_dir"
        case mode
        case model
    }

    package enum Fault: Error, Hashable, Sendable {
        case unknownPlaceholder(String)
        /// The value has a zero byte, at which an argument ends.
        case zeroByte(Placeholder)
        /// The argument starts with a value that looks like an option.
        case looksLikeOption(Placeholder)
    }

    private enum Part: Hashable, Sendable {
        case text(String)
        case placeholder(Placeholder)
    }

    private let parts: [Part]

    package init(_ text: String) throws(Fault) {
        var parts: [Part] = []
        var literal = ""
        var rest = text[...]
        while let character = rest.first {
            guard character == "{", let end = rest.firstIndex(of: "}"), Self.isName(rest[..<end].dropFirst()) else {
                literal.append(character)
                rest = rest.dropFirst()
                continue
            }
            let name = String(rest[..<end].dropFirst())
            guard let placeholder = Placeholder(rawValue: name) else { throw .unknownPlaceholder(name) }
            if !literal.isEmpty { parts.append(.text(literal)) }
            literal = ""
            parts.append(.placeholder(placeholder))
            rest = rest[end...].dropFirst()
        }
        if !literal.isEmpty { parts.append(.text(literal)) }
        self.parts = parts
    }

    /// The argument for one run; `nil` when one of its placeholders has no value: then it is left out.
    package func expanded(for request: RunRequest) throws(Fault) -> String? {
        var argument = ""
        for part in parts {
            switch part {
            case .text(let text): argument += text
            case .placeholder(let placeholder):
                guard let value = placeholder.value(in: request) else { return nil }
                if value.utf8.contains(0) { throw .zeroByte(placeholder) }
                if argument.isEmpty, value.hasPrefix("-") { throw .looksLikeOption(placeholder) }
                argument += value
            }
        }
        return argument
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == 0x5f }
    }
}

extension ArgumentTemplate.Placeholder {
    /// `nil` when the run has none.
    fileprivate func value(in request: RunRequest) -> String? {
        switch self {
        case .sessionID: request.session.id.description
        case .taskID: request.task.id.description
        case .runID: request.runID.description
        case .driverSessionID: request.resumeID
        case .offeredID: request.offeredID
        case .workingDirectory: request.session.workingDirectory
        case .resultsDirectory: request.session.resultsDirectory
        case .mode: request.task.mode.rawValue
        case .model: request.session.model
        }
    }
}

extension ArgumentTemplate.Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownPlaceholder("prompt"): "the prompt is no argument: the agent gets it on its stdin"
        case .unknownPlaceholder(let name):
            "there is no placeholder {\(name)}, only "
                + ArgumentTemplate.Placeholder.allCases.map { "{\($0.rawValue)}" }.joined(separator: " ")
        case .zeroByte(let placeholder): "the value of {\(placeholder.rawValue)} has a zero byte"
        case .looksLikeOption(let placeholder): "the value of {\(placeholder.rawValue)} looks like an option"
        }
    }
}
