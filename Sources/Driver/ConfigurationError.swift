package import JSON

/// What is wrong with a driver's configuration.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The member, e.g. `arguments[2]`.
    package let path: String
    package let message: String

    package init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    package var description: String { "\(path): \(message)" }
}

/// The members that configurations of drivers have in common.
package struct ConfigurationMembers {
    package let json: JSON

    package init(_ json: JSON) { self.json = json }

    /// A name as sessions use it: lower-case letters, digits, `-` and `_`.
    package func name(_ key: String) throws(ConfigurationError) -> String {
        let name = try text(key)
        let isName = name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
        }
        guard isName else {
            throw ConfigurationError(path: key, message: "only lower-case letters, digits, - and _ are allowed")
        }
        return name
    }

    /// An absolute path, or a name to look up in `PATH`.
    package func executable(_ key: String) throws(ConfigurationError) -> String {
        let executable = try text(key)
        guard executable.hasPrefix("/") || !executable.contains("/") else {
            throw ConfigurationError(path: key, message: "expected an absolute path or a name without /")
        }
        return executable
    }

    /// A text that must be there.
    package func text(_ key: String) throws(ConfigurationError) -> String {
        guard let text = json[key]?.stringValue, !text.isEmpty, !text.utf8.contains(0) else {
            throw ConfigurationError(path: key, message: "expected a text that is not empty")
        }
        return text
    }

    /// A text that may be absent.
    package func optionalText(_ key: String) throws(ConfigurationError) -> String? {
        json[key] == nil ? nil : try text(key)
    }

    package func texts(_ key: String) throws(ConfigurationError) -> [String] {
        guard let value = json[key] else { return [] }
        guard let texts = value.arrayValue?.map(\.stringValue),
            !texts.contains(where: { $0?.utf8.contains(0) != false })
        else { throw ConfigurationError(path: key, message: "expected a list of texts") }
        return texts.compactMap { $0 }
    }

    /// An object of texts, as variables of an environment are.
    package func variables(_ key: String) throws(ConfigurationError) -> [String: String] {
        guard let value = json[key] else { return [:] }
        guard let object = value.objectValue else {
            throw ConfigurationError(path: key, message: "expected an object of texts")
        }
        var variables: [String: String] = [:]
        for member in object {
            guard let text = member.value.stringValue, !text.utf8.contains(0), !member.key.isEmpty,
                !member.key.utf8.contains(0), !member.key.contains("=")
            else { throw ConfigurationError(path: "\(key).\(member.key)", message: "expected a text") }
            variables[member.key] = text
        }
        return variables
    }
}
