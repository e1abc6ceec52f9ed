/// Functions of the C library's that the standard library lacks, made of its arithmetic alone: a pure module imports no
/// library, and every platform ranks alike to the last bit.

/// The natural logarithm of a positive normal number, right to about 1e-15 of its size.
func naturalLogarithm(_ value: Double) -> Double {
    guard value > 0, value.isFinite else { return 0 }
    var exponent = Double(value.exponent)
    var significand = value.significand
    if significand > 1.414_213_562_373_095_1 {
        significand /= 2
        exponent += 1
    }
    // ln(m) = 2 artanh((m - 1) / (m + 1)); the argument is within 0.172, so the 11th term is below 1e-17.
    let ratio = (significand - 1) / (significand + 1)
    let square = ratio * ratio
    var sum = 0.0
    var odd = 21.0
    while odd >= 1 {
        sum = sum * square + 1 / odd
        odd -= 2
    }
    return exponent * 0.693_147_180_559_945_3 + 2 * ratio * sum
}

/// 2 to a power, right to about 1e-15; 0 below -1000.
func exponential2(_ power: Double) -> Double {
    guard power > -1_000 else { return 0 }
    let whole = min(power, 1_000).rounded(.down)
    let rest = (min(power, 1_000) - whole) * 0.693_147_180_559_945_3
    var sum = 1.0
    var term = 18.0
    while term >= 1 {
        sum = 1 + rest / term * sum
        term -= 1
    }
    return Double(sign: .plus, exponent: Int(whole), significand: sum)
}
