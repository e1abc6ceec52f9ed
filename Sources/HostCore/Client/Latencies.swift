/// How long replies took, by method, in a fixed number of buckets that grow by a quarter: a percentile read from them
/// is at most a quarter too high.
struct Latencies {
    struct Summary: Hashable {
        var count = 0
        var p50 = 0
        var p90 = 0
        var p99 = 0
        /// Exact.
        var max = 0
    }

    fileprivate struct Histogram {
        var buckets = [UInt32](repeating: 0, count: Latencies.bucketCount)
        var count = 0
        var max: UInt64 = 0
    }

    private static let bucketCount = 96

    private var histograms: [String: Histogram] = [:]

    mutating func add(_ method: String, nanoseconds: UInt64) {
        let microseconds = nanoseconds / 1000
        histograms[method, default: Histogram()].add(microseconds)
    }

    /// In microseconds.
    var summaries: [String: Summary] { histograms.mapValues(\.summary) }

    /// Four buckets to each power of two.
    fileprivate static func bucket(of microseconds: UInt64) -> Int {
        guard microseconds >= 4 else { return Int(microseconds) }
        let power = 63 - microseconds.leadingZeroBitCount
        let quarter = Int(microseconds >> UInt64(power - 2)) & 3
        return min((power - 1) * 4 + quarter, bucketCount - 1)
    }

    /// The highest value that falls into a bucket.
    fileprivate static func ceiling(of bucket: Int) -> Int {
        guard bucket >= 4 else { return bucket }
        let power = bucket / 4 + 1
        return (4 + bucket % 4 + 1) << (power - 2) - 1
    }
}

extension Latencies.Histogram {
    fileprivate mutating func add(_ microseconds: UInt64) {
        buckets[Latencies.bucket(of: microseconds)] &+= 1
        count += 1
        max = Swift.max(max, microseconds)
    }

    fileprivate var summary: Latencies.Summary {
        var summary = Latencies.Summary(count: count)
        summary.max = Int(clamping: max)
        summary.p50 = percentile(50)
        summary.p90 = percentile(90)
        summary.p99 = percentile(99)
        return summary
    }

    private func percentile(_ percent: Int) -> Int {
        var left = (count * percent + 99) / 100
        for (index, bucket) in buckets.enumerated() where bucket > 0 {
            left -= Int(bucket)
            if left <= 0 { return Swift.min(Latencies.ceiling(of: index), Int(clamping: max)) }
        }
        return Int(clamping: max)
    }
}
