/// Why a search cannot be run, by the parameter that is at fault.
package struct SearchError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: String, Hashable, Sendable {
        /// The value does not mean anything.
        case invalid
        /// The parameter or the form is known, and there is nothing here that does it.
        case unsupported
        /// The value asks for more than `SearchLimits` allow.
        case limitExceeded
    }

    package let reason: Reason
    /// As the request names it: `filter_by`.
    package let parameter: String
    /// Where in the value, in UTF-8 bytes from its start; `nil` when the whole value is at fault.
    package let offset: Int?
    /// What would be accepted, or for `unsupported` what is not there.
    package let expected: String
    /// What stands there instead, cut short.
    package let found: String?

    package init(
        _ reason: Reason, _ parameter: String, at offset: Int? = nil, expected: String, found: String? = nil
    ) {
        self.reason = reason
        self.parameter = parameter
        self.offset = offset
        self.expected = expected
        self.found = found.map(Self.shortened)
    }

    package var description: String {
        let place = offset.map { " at byte \($0)" } ?? ""
        let instead = found.map { ", found \($0)" } ?? ""
        return switch reason {
        case .invalid: "\(parameter)\(place): expected \(expected)\(instead)"
        case .unsupported: "\(parameter)\(place): \(expected) is not supported"
        case .limitExceeded: "\(parameter)\(place): at most \(expected)\(instead)"
        }
    }

    private static func shortened(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(41)
        guard scalars.count > 40 else { return text }
        return String(String.UnicodeScalarView(scalars.prefix(40))) + "..."
    }
}
