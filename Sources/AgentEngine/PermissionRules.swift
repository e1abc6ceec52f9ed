package import JSON

/// What a session's permissions say about a tool that an agent wants to use.
///
/// `rules` come first and in their order; for an ask about several files each is looked at by itself and the strictest
/// answer counts. Where they say `ask` or nothing, `tools` answers, then `granted`: what a user allowed or refused
/// before.
package struct PermissionRules: Hashable, Sendable {
    /// From lenient to strict.
    package enum Decision: String, Sendable, CaseIterable, Comparable {
        case allow, ask, deny

        package static func < (left: Decision, right: Decision) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    /// What is asked.
    package struct Question: Hashable, Sendable {
        package var tool: String
        /// Files that it is about, absolute and without links.
        package var paths: [String]
        /// SHA-256 of the tool's input, members sorted, in lower-case hex.
        package var inputHash: String

        package init(tool: String, paths: [String], inputHash: String) {
            self.tool = tool
            self.paths = paths
            self.inputHash = inputHash
        }
    }

    /// A decision that needs nobody.
    package struct Standing: Hashable, Sendable {
        package var decision: Decision
        /// The answer given before that decided, as it stands in `granted`; `nil`: the policy itself.
        package var grant: JSON?

        package init(decision: Decision, grant: JSON? = nil) {
            self.decision = decision
            self.grant = grant
        }
    }

    private enum ToolPattern: Hashable, Sendable {
        case name(String)
        case pattern(GlobPattern)
    }

    private struct Rule: Hashable, Sendable {
        var tool: ToolPattern
        var path: GlobPattern?
        var inputHash: String?
        var decision: Decision
        var json: JSON

        /// `nil` for what is no rule.
        init?(_ json: JSON, folder: String?, isGranted: Bool = false) {
            guard let tool = json["tool"]?.stringValue,
                let decision = json["decision"]?.stringValue.flatMap(Decision.init(rawValue:))
            else { return nil }
            // What a user granted is this tool, even if an agent gave it a name that reads as a pattern.
            self.tool = isGranted ? .name(tool) : .pattern(GlobPattern(tool))
            self.decision = decision
            self.json = json
            inputHash = json["input_sha256"]?.stringValue
            guard let pattern = json["path"]?.stringValue else { return }
            if pattern.hasPrefix("/") {
                path = GlobPattern(pattern)
            } else if let folder {
                path = GlobPattern(folder == "/" ? "/" + pattern : folder + "/" + pattern)
            } else {
                return nil
            }
        }

        func fits(_ question: Question, path asked: String?) -> Bool {
            switch tool {
            case .name(let name): guard name == question.tool else { return false }
            case .pattern(let pattern): guard pattern.matches(question.tool) else { return false }
            }
            if let inputHash, inputHash != question.inputHash { return false }
            guard let path else { return true }
            return asked.map(path.matches) ?? false
        }
    }

    private let rules: [Rule]
    private let tools: [String: Decision]
    private let granted: [Rule]

    /// - Parameters:
    ///   - permissions: a `PermissionPolicy` of the protocol; what is no rule in it is left out.
    ///   - folder: the session's working folder, absolute and without links, for paths that are relative to it.
    package init(_ permissions: JSONObject, folder: String?) {
        rules = (permissions["rules"]?.arrayValue ?? []).compactMap { Rule($0, folder: folder) }
        granted = (permissions["granted"]?.arrayValue ?? []).compactMap {
            Rule($0, folder: folder, isGranted: true)
        }
        tools = (permissions["tools"]?.objectValue ?? [:]).reduce(into: [:]) { tools, member in
            tools[member.key] = member.value.stringValue.flatMap(Decision.init(rawValue:))
        }
    }

    /// Whether any of them looks at paths.
    package var needsPaths: Bool { (rules + granted).contains { $0.path != nil } }

    /// `nil`: somebody has to be asked.
    package func standing(for question: Question) -> Standing? {
        let ruled = decision(of: rules, question)
        if let ruled, ruled.decision != .ask { return Standing(decision: ruled.decision) }
        if ruled == nil, let decision = tools[question.tool], decision != .ask { return Standing(decision: decision) }
        guard let given = decision(of: granted, question), given.decision != .ask else { return nil }
        return Standing(decision: given.decision, grant: given.json)
    }

    /// A file that no rule speaks of is nobody's to allow, but one that is refused refuses the whole.
    private func decision(of rules: [Rule], _ question: Question) -> Rule? {
        let asked: [String?] = question.paths.isEmpty ? [nil] : question.paths
        let found = asked.map { path in rules.first { $0.fits(question, path: path) } }
        if let refused = found.first(where: { $0?.decision == .deny }) { return refused }
        return found.contains(nil) ? nil : found.compactMap(\.self).max { $0.decision < $1.decision }
    }
}

extension PermissionRules {
    /// What stays of a user's answer "always": the tool, in the working folder if it is about files there, else with
    /// the very same input.
    /// - Parameter folder: without links.
    package static func lasting(_ decision: Decision, _ question: Question, folder: String?) -> JSON {
        var rule: JSONObject = ["tool": .string(question.tool), "decision": .string(decision.rawValue)]
        if let folder, !question.paths.isEmpty, question.paths.allSatisfy({ $0.hasPrefix(folder + "/") }) {
            rule["path"] = "**"
        } else {
            rule["input_sha256"] = .string(question.inputHash)
        }
        return .object(rule)
    }

    /// What stays of an answer to an agent that is gone: good once, for the very same input.
    package static func once(_ decision: Decision, _ question: Question) -> JSON {
        [
            "tool": .string(question.tool), "decision": .string(decision.rawValue),
            "input_sha256": .string(question.inputHash), "once": true,
        ]
    }
}
