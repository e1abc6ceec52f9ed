import JSON

/// How PostgreSQL's values and errors are told.
enum PostgresValue {
    /// Numbers and booleans by the object id of their type (`pg_type.dat`); everything else as the server writes it.
    static func json(_ bytes: UnsafeRawBufferPointer, type: UInt32) -> JSON {
        // A bytea comes as \x and two digits for each byte.
        if type == 17 { return .object(["blob_bytes": .int(Int64(max(0, bytes.count - 2) / 2))]) }
        let text = String(decoding: bytes, as: UTF8.self)
        switch type {
        case 16: return .bool(text == "t")
        case 20, 21, 23, 26: return Int64(text).map { .int($0) } ?? .string(text)
        case 700, 701: return Double(text).map { JSON(number: $0) } ?? .string(text)
        default: return .string(text)
        }
    }

    /// As text, whose type the server finds from where it stands. `nil` in the result is NULL.
    static func texts(_ parameters: [JSON]) throws(DatabaseError) -> [String?] {
        var texts: [String?] = []
        for (index, value) in parameters.enumerated() {
            switch value {
            case .null: texts.append(nil)
            case .bool(let value): texts.append(value ? "true" : "false")
            case .int(let value): texts.append(String(value))
            case .double(let value): texts.append(String(value))
            case .string(let value) where !value.utf8.contains(0): texts.append(value)
            case .string: throw DatabaseError(.syntax, "parameter \(index + 1) contains a NUL character")
            case .array, .object:
                throw DatabaseError(
                    .syntax, "parameter \(index + 1) must be null, a boolean, a number or a string")
            }
        }
        return texts
    }

    /// By SQLSTATE (the manual's appendix A): its first two characters are the class.
    static func reason(state: String) -> DatabaseError.Reason {
        switch (state, state.prefix(2)) {
        case ("25006", _): .readOnly
        case ("42501", _), (_, "28"): .notAllowed
        case ("57014", _), ("55P03", _), ("25P03", _): .timedOut
        case (_, "42"), (_, "26"), (_, "34"), ("08P01", _): .syntax
        case (_, "23"): .constraint
        case (_, "53"), (_, "54"): .limit
        case (_, "08"): .cannotOpen
        default: .failed
        }
    }

    /// The server counts characters from 1.
    static func byteOffset(ofCharacter number: Int, in sql: String) -> Int {
        sql.unicodeScalars.prefix(max(0, number - 1)).reduce(0) { $0 + UTF8.width($1) }
    }
}
