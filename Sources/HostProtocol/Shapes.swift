import JSON

/// What a field takes: how it is read, and what to say when it is not there.
protocol Shape {
    associatedtype Value: Hashable & Sendable
    /// In words, to follow "expected".
    var expected: String { get }
    func read(_ json: JSON, _ context: DecodeContext) throws(InvalidParams) -> Value
}

/// Any JSON, `null` too.
struct AnyShape: Shape {
    var expected: String { "a value" }

    func read(_ json: JSON, _ context: DecodeContext) -> JSON { json }
}

/// Any object.
struct MapShape: Shape {
    var expected: String { "an object" }

    func read(_ json: JSON, _ context: DecodeContext) throws(InvalidParams) -> JSONObject {
        guard let object = json.objectValue else { throw context.invalid(expected: expected, found: json) }
        return object
    }
}

struct BooleanShape: Shape {
    var expected: String { "true or false" }

    func read(_ json: JSON, _ context: DecodeContext) throws(InvalidParams) -> Bool {
        guard let value = json.boolValue else { throw context.invalid(expected: expected, found: json) }
        return value
    }
}

struct IntegerShape: Shape {
    var range = Int.min...Int.max

    var expected: String {
        switch (range.lowerBound, range.upperBound) {
        case (.min, .max): "an integer"
        case (let least, .max): "an integer of at least \(least)"
        case (.min, let most): "an integer of at most \(most)"
        case (let least, let most): "an integer from \(least) to \(most)"
        }
    }

    func read(_ json: JSON, _ context: DecodeContext) throws(InvalidParams) -> Int {
        guard let value = json.intValue, !context.isStrict || range.contains(value) else {
            throw context.invalid(expected: expected, found: json)
        }
        return value
    }
}

struct NumberShape: Shape {
    var range = -Double.infinity...Double.infinity

    var expected: String {
        let least = range.lowerBound.json
        let most = range.upperBound.json
        return switch (range.lowerBound.isFinite, range.upperBound.isFinite) {
        case (false, false): "a number"
        case (true, false): "a number of at least \(least)"
        case (false, true): "a number of at most \(most)"
        case (true, true): "a number from \(least) to \(most)"
        }
    }

    func read(_ json: JSON, _ context: DecodeContext) throws(InvalidParams) -> Double {
        guard let value = json.doubleValue, value.isFinite, !context.isStrict || range.contains(value) else {
            throw context.invalid(expected: expected, found: json)
        }
        return value
    }
}

/// Text, its length counted in Unicode scalars, as JSON Schema does.
struct TextShape: Shape {
    var least = 0
    var most = Int.max

    var expected: String {
        switch (least, most) {
        case (0, .max): "a string"
        case (1, .max): "a string that is not empty"
        case (0, _): "a string of at most \(most) characters"
        default: "a string of \(least) to \(most) characters"
        }
    }

    func read(_ json: JSON, _ context: DecodeContext) throws(InvalidParams) -> String {
        guard let text = json.stringValue, !context.isStrict || holds(text) else {
            throw context.invalid(expected: expected, found: json)
        }
        return text
    }

    private func holds(_ text: String) -> Bool {
        let bytes = text.utf8.count
        if bytes < least { return false }
        // A scalar takes one to four bytes.
        if bytes <= most, bytes / 4 >= least { return true }
        let count = text.unicodeScalars.count
        return count >= least && count <= most
    }
}

struct ArrayShape<Element: Shape>: Shape {
    var element: Element
    var least = 0
    var most = Int.max

    init(_ element: Element, least: Int = 0, most: Int = .max) {
        self.element = element
        self.least = least
        self.most = most
    }

    var expected: String {
        switch (least, most) {
        case (0, .max): "an array"
        case (_, .max): "an array of at least \(least)"
        default: "an array of \(least) to \(most)"
        }
    }

    func read(_ json: JSON, _ context: DecodeContext) throws(InvalidParams) -> [Element.Value] {
        guard let elements = json.arrayValue, !context.isStrict || elements.count >= least && elements.count <= most
        else { throw context.invalid(expected: expected, found: json) }
        var values: [Element.Value] = []
        values.reserveCapacity(elements.count)
        for (index, json) in elements.enumerated() {
            values.append(
                try context.within(.element(index)) { () throws(InvalidParams) in try element.read(json, context) })
        }
        return values
    }
}

/// An object whose members all have one shape.
struct DictionaryShape<Element: Shape>: Shape {
    var element: Element

    init(_ element: Element) { self.element = element }

    var expected: String { "an object" }

    func read(_ json: JSON, _ context: DecodeContext) throws(InvalidParams) -> [String: Element.Value] {
        guard let object = json.objectValue else { throw context.invalid(expected: expected, found: json) }
        var values: [String: Element.Value] = [:]
        for (key, json) in object {
            values[key] = try context.within(.field(key)) { () throws(InvalidParams) in
                try element.read(json, context)
            }
        }
        return values
    }
}

/// An object of the wire.
struct ObjectShape<Value: WireObject>: Shape {
    var expected: String { "an object" }

    func read(_ json: JSON, _ context: DecodeContext) throws(InvalidParams) -> Value {
        guard let object = json.objectValue else { throw context.invalid(expected: expected, found: json) }
        var fields = FieldReader(object, context)
        let value = try Value(&fields)
        fields.warnOfUnknown(besides: Value.fieldNames)
        return value
    }
}
