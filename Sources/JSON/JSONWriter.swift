/// Writes JSON straight into bytes, with no tree in between. Commas and colons come by themselves.
///
/// The caller pairs `begin` and `end` and gives each object member a key; nothing checks that.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8]
    private var needsComma = false

    /// - Parameter capacity: how many bytes to make room for at once.
    package init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// - Parameter bytes: what the text is appended to; given up by the caller, so that nothing is copied.
    package init(appendingTo bytes: consuming [UInt8]) {
        self.bytes = bytes
    }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    package mutating func key(_ key: String) {
        separate()
        bytes.appendJSON(key)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func value(_ value: String) {
        separate()
        bytes.appendJSON(value)
    }

    package mutating func value(_ value: Int64) {
        separate()
        bytes.appendJSON(value)
    }

    package mutating func value(_ value: Double) {
        separate()
        bytes.appendJSON(value)
    }

    package mutating func value(_ value: Bool) {
        separate()
        bytes.append(word: value ? "true" : "false")
    }

    package mutating func value(tree value: JSON) {
        separate()
        value.write(into: &bytes)
    }

    package mutating func null() {
        separate()
        bytes.append(word: "null")
    }

    /// Splices in a value that is encoded already.
    package mutating func append(raw value: [UInt8]) {
        separate()
        bytes.append(contentsOf: value)
    }

    package mutating func append(raw value: ArraySlice<UInt8>) {
        separate()
        bytes.append(contentsOf: value)
    }

    package mutating func append(raw value: StaticString) {
        separate()
        bytes.append(word: value)
    }

    package mutating func member(_ key: String, _ value: String) {
        self.key(key)
        self.value(value)
    }

    package mutating func member(_ key: String, _ value: Int64) {
        self.key(key)
        self.value(value)
    }

    package mutating func member(_ key: String, _ value: Bool) {
        self.key(key)
        self.value(value)
    }

    package mutating func member(_ key: String, tree value: JSON) {
        self.key(key)
        self.value(tree: value)
    }

    package mutating func member(_ key: String, raw value: [UInt8]) {
        self.key(key)
        append(raw: value)
    }

    package mutating func member(_ key: String, raw value: StaticString) {
        self.key(key)
        append(raw: value)
    }

    /// Ends a line of output, after a whole value.
    package mutating func newline() {
        bytes.append(UInt8(ascii: "\n"))
        needsComma = false
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    @inline(__always)
    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }
}
