/// What a driver does that its contract forbids.
package struct ConformanceFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }

    /// The same failure, with where it was seen.
    func seen(_ place: String) -> ConformanceFailure { ConformanceFailure("\(place): \(description)") }
}
