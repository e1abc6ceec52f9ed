package import JSON

/// What goes over the wire, as `protocol/protocol.json` defines it. The types inside are generated; ids and times are
/// plain strings here, and enums keep values that they do not know.
package enum Wire {}

/// What can be written as JSON.
package protocol WireValue: Hashable, Sendable {
    var json: JSON { get }
}

/// An object of the wire: read by its fields, written with absent fields left out.
package protocol WireObject: WireValue {
    static var fieldNames: [String] { get }
    init(_ fields: inout FieldReader) throws(InvalidParams)
    func encode(into object: inout JSONObject)
}

/// The parameters of a method.
package protocol WireParams: WireObject {
    associatedtype Result: WireValue
    static var method: Wire.Method { get }
}

extension WireObject {
    package var json: JSON {
        var object = JSONObject()
        encode(into: &object)
        return .object(object)
    }

    /// Reads what the other side sent as a result or a notification: fields, enum values and figures beyond what this
    /// version knows are no fault. Throws only where a required field is missing or a type is wrong.
    package init(lenient json: JSON, root: String = "result") throws(InvalidParams) {
        self = try ObjectShape<Self>().read(json, DecodeContext(root: root, isStrict: false))
    }

    /// Reads what a person wrote, as strictly as a request, and with it what has no meaning in it.
    package static func checked(
        _ json: JSON, root: String
    ) throws(InvalidParams) -> (value: Self, warnings: [String]) {
        let context = DecodeContext(root: root, isStrict: true)
        return (try ObjectShape<Self>().read(json, context), context.warnings)
    }
}

extension Wire {
    /// Parameters that passed every check of `protocol.json`.
    package struct Decoded<Params: WireParams>: Sendable {
        package var params: Params
        /// Names what was ignored, for the reply's `_meta.warnings`.
        package var warnings: [String]
        /// The request's `_meta`, untouched.
        package var meta: JSON?
    }

    /// What an update does to a field that can be absent.
    package enum Change<Value: Hashable & Sendable>: Hashable, Sendable {
        case keep
        case clear
        case set(Value)
    }
}

extension WireParams {
    /// Checks a request's parameters. `nil` stands for none given.
    package static func decode(_ params: JSON?) throws(InvalidParams) -> Wire.Decoded<Self> {
        let context = DecodeContext(root: "params", isStrict: true)
        guard let object = (params ?? [:]).objectValue else {
            throw context.invalid(expected: "an object: parameters go by name", found: params)
        }
        var fields = FieldReader(object, context)
        fields.skip("_meta")
        let decoded = try Self(&fields)
        fields.warnOfUnknown(besides: fieldNames)
        return Wire.Decoded(params: decoded, warnings: context.warnings, meta: object["_meta"])
    }
}

extension String: WireValue {
    package var json: JSON { .string(self) }
}

extension Bool: WireValue {
    package var json: JSON { .bool(self) }
}

extension Int: WireValue {
    package var json: JSON { .int(Int64(self)) }
}

extension Double: WireValue {
    /// A whole number is written as an integer, so that counts read as counts.
    package var json: JSON { Int64(exactly: self).map(JSON.int) ?? .double(self) }
}

extension JSON: WireValue {
    package var json: JSON { self }
}

extension JSONObject: WireValue {
    package var json: JSON { .object(self) }
}

extension Array: WireValue where Element: WireValue {
    package var json: JSON { .array(map(\.json)) }
}

extension Dictionary: WireValue where Key == String, Value: WireValue {
    /// In the order of the keys, so that equal values are equal bytes.
    package var json: JSON { .object(JSONObject(sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) })) }
}

extension JSONObject {
    /// Adds a member; nothing when there is no value.
    mutating func put(_ key: String, _ value: (some WireValue)?) {
        if let value { updateValue(value.json, forKey: key) }
    }

    /// Adds the member of an update: `null` clears.
    mutating func put(_ key: String, _ change: Wire.Change<some WireValue>) {
        switch change {
        case .keep: break
        case .clear: updateValue(.null, forKey: key)
        case .set(let value): updateValue(value.json, forKey: key)
        }
    }
}
