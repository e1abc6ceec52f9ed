/// A number as written, taken apart just far enough to convert it.
struct JSONNumberToken {
    let start: Int
    var end: Int
    let isNegative: Bool
    var isInteger = true
    /// The digits as one integer, exact while `digits` is at most 19.
    var mantissa: UInt64 = 0
    /// How many digits there are, leading zeros left out.
    var digits = 0
    var integerDigits = 0
    /// The power of ten that the mantissa is multiplied with, held within ±1,000,000.
    var exponent = 0
}

extension JSONLexer {
    /// Consumes a number from its sign or first digit on.
    @inline(__always)
    mutating func number() throws(JSONParseError) -> JSONNumberToken {
        let start = position
        let isNegative = bytes[position] == 0x2D
        if isNegative { skip() }
        var token = JSONNumberToken(start: start, end: start, isNegative: isNegative)
        if position < end, bytes[position] == 0x30 {
            skip()
            if position < end, bytes[position] &- 0x30 <= 9 { throw JSONParseError(.invalidNumber, at: position) }
        } else {
            try digits(&token)
        }
        token.integerDigits = token.digits
        if position < end, bytes[position] == 0x2E || bytes[position] | 0x20 == 0x65 {
            try fractionAndExponent(&token)
        }
        token.end = position
        return token
    }

    @inline(__always)
    private mutating func digits(_ token: inout JSONNumberToken) throws(JSONParseError) {
        let start = position
        while position < end {
            let digit = bytes[position] &- 0x30
            guard digit <= 9 else { break }
            if token.digits > 0 || digit > 0 {
                token.mantissa = token.mantissa &* 10 &+ UInt64(digit)
                token.digits &+= 1
            }
            skip()
        }
        guard position > start else {
            throw JSONParseError(position < end ? .invalidNumber : .unexpectedEnd, at: position)
        }
    }

    private mutating func fractionAndExponent(_ token: inout JSONNumberToken) throws(JSONParseError) {
        token.isInteger = false
        if bytes[position] == 0x2E {
            skip()
            let start = position
            try digits(&token)
            token.exponent = -min(position - start, 1_000_000)
        }
        guard position < end, bytes[position] | 0x20 == 0x65 else { return }
        skip()
        let isNegative = position < end && bytes[position] == 0x2D
        if isNegative || (position < end && bytes[position] == 0x2B) { skip() }
        var exponent = JSONNumberToken(start: position, end: position, isNegative: isNegative)
        try digits(&exponent)
        let size = exponent.digits > 6 ? 1_000_000 : Int(exponent.mantissa)
        token.exponent = min(max(token.exponent + (isNegative ? -size : size), -1_000_000), 1_000_000)
    }

    @inline(__always)
    private mutating func skip() { advance() }

    /// An integer if the number is written as one and fits, else the nearest double (`-0` is the integer 0). Throws for
    /// a number beyond the doubles, which no JSON text could carry back.
    @inline(__always)
    func value(_ token: JSONNumberToken) throws(JSONParseError) -> JSON {
        if token.isInteger, token.digits <= 19 {
            if !token.isNegative, token.mantissa <= UInt64(Int64.max) { return .int(Int64(token.mantissa)) }
            if token.isNegative, token.mantissa <= 1 << 63 {
                return .int(Int64(truncatingIfNeeded: 0 &- token.mantissa))
            }
        }
        return .double(try double(token))
    }

    /// Throws if the number is beyond the doubles.
    @inline(__always)
    func check(_ token: JSONNumberToken) throws(JSONParseError) {
        if token.digits + token.exponent > 300 { _ = try double(token) }
    }

    /// Numbers of up to 15 digits with a small exponent take one exactly rounded operation (W. D. Clinger, *How to Read
    /// Floating Point Numbers Accurately*, 1990); others are left to the standard library.
    private func double(_ token: JSONNumberToken) throws(JSONParseError) -> Double {
        if token.digits <= 15, abs(token.exponent) <= 22 {
            let power = JSONLexer.powersOfTen[abs(token.exponent)]
            let mantissa = Double(token.mantissa)
            let size = token.exponent < 0 ? mantissa / power : mantissa * power
            return token.isNegative ? -size : size
        }
        let text = UnsafeBufferPointer(start: bytes + token.start, count: token.end - token.start)
        guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else {
            throw JSONParseError(.numberOutOfRange, at: token.start)
        }
        return value
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
