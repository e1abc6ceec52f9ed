/// Numbers as people read them, the same on every machine.
enum NumberText {
    /// With thousands separators and a fixed number of decimals, rounded half away from zero.
    static func grouped(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return "–" }
        let text = fixed(value, decimals: decimals)
        let parts = text.split(".")
        let whole = Array((parts.first ?? "").drop { $0 == "-" })
        var grouped = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index) % 3 == 0 { grouped.append(",") }
            grouped.append(digit)
        }
        let sign = text.hasPrefix("-") ? "-" : ""
        return sign + grouped + (parts.count > 1 ? "." + parts[1] : "")
    }

    /// With exactly so many decimals and no separators; without an exponent below 9e15.
    static func fixed(_ value: Double, decimals: Int) -> String {
        let places = max(0, min(decimals, 9))
        var factor = 1.0
        for _ in 0..<places { factor *= 10 }
        let scaled = (abs(value) * factor * (1 + 1e-15)).rounded()
        guard scaled < 9e15, let digits = Int64(exactly: scaled) else { return String(value) }
        var text = String(digits)
        if places > 0 {
            if text.count <= places { text = String(repeating: "0", count: places + 1 - text.count) + text }
            text.insert(".", at: text.index(text.endIndex, offsetBy: -places))
        }
        return value < 0 && digits != 0 ? "-" + text : text
    }

    /// As short as it is exact to six decimals: `3`, `0.25`.
    static func plain(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return String(whole) }
        guard abs(value) < 9e8 else { return String(value) }
        var text = fixed(value, decimals: 6)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text == "0" && value != 0 ? String(value) : text
    }

    /// A change with its sign: `+12.3 %`.
    static func percent(_ share: Double) -> String {
        (share >= 0 ? "+" : "") + grouped(share * 100, decimals: 1) + " %"
    }

    /// Decimals that suit numbers of this size: none for whole ones, else two, more for small ones.
    static func decimals(for values: [Double]) -> Int {
        if values.allSatisfy({ $0 == $0.rounded() }) { return 0 }
        let largest = values.map { abs($0) }.max() ?? 0
        return largest >= 1 ? 2 : largest >= 0.01 ? 4 : 6
    }
}
