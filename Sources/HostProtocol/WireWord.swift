package import JSON

/// A word of a list that may grow: a value that this version does not know is kept as it is.
package protocol WireWord: WireValue, RawRepresentable where RawValue == String {
    init(rawValue: String)
    static var allKnown: [Self] { get }
}

extension WireWord {
    package var json: JSON { .string(rawValue) }

    package var isKnown: Bool { Self.allKnown.contains(self) }
}
