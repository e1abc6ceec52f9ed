#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the kernel refused, with its reason.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    package let action: String
    package let code: Int32

    /// - Parameter code: an errno, negated or not.
    package init(_ action: String, _ code: Int32) {
        self.action = action
        self.code = abs(code)
    }

    package var description: String { "cannot \(action): \(String(cString: strerror(code)))" }
}
