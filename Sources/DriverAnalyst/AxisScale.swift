/// The ticks of an axis: round steps (1, 2, 2.5 or 5 times a power of ten) that span the values.
struct AxisScale: Hashable, Sendable {
    let low: Double
    let high: Double
    let step: Double

    /// Zero is on the axis unless all values are far from it.
    init(_ values: [Double], ticks wanted: Int = 5) {
        let smallest = values.min() ?? 0
        let largest = values.max() ?? 1
        let isFar = smallest > 0 && (largest - smallest) < largest * 0.3
        var bottom = isFar ? smallest : min(0, smallest)
        var top = max(largest, 0)
        if top <= bottom { top = bottom + max(1, abs(bottom)) }
        step = Self.roundStep((top - bottom) / Double(max(1, wanted)))
        bottom = (bottom / step).rounded(.down) * step
        top = (top / step).rounded(.up) * step
        low = bottom
        high = top > bottom ? top : bottom + step
    }

    var ticks: [Double] {
        let count = min(50, Int(((high - low) / step).rounded()))
        return (0...max(1, count)).map { low + Double($0) * step }
    }

    /// Where a value lies between low (0) and high (1).
    func share(_ value: Double) -> Double { (value - low) / (high - low) }

    /// A tick's text: thousands and millions are shortened.
    func label(_ tick: Double) -> String {
        let largest = max(abs(low), abs(high))
        let (factor, suffix) =
            largest >= 1e9 ? (1e9, "bn") : largest >= 1e6 ? (1e6, "M") : largest >= 1e4 ? (1e3, "k") : (1, "")
        let value = tick / factor
        return value == 0 ? "0" : NumberText.plain((value * 1e6).rounded() / 1e6) + suffix
    }

    private static func roundStep(_ raw: Double) -> Double {
        guard raw > 0, raw.isFinite else { return 1 }
        var power = 1.0
        while power * 10 <= raw { power *= 10 }
        while power > raw { power /= 10 }
        for factor in [1, 2, 2.5, 5, 10] where factor * power >= raw * (1 - 1e-9) { return factor * power }
        return 10 * power
    }
}
