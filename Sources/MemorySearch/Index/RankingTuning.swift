/// The constants of recall's formula. The score of a document is
///
///     sum over words of max over candidates (
///         weight * idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / average)))
///         * (base + importance * its importance + recency * 2^(-age / half-life)) * weight of its scope
///
/// None is fitted to a collection; docs/decisions/0072 says where each comes from.
package struct RankingTuning: Hashable, Sendable {
    /// How soon more occurrences stop to matter: Robertson's value, the default of Lucene and FTS5.
    package var k1 = 1.2
    /// How much a long document is held against it: likewise.
    package var b = 0.75
    /// What a document keeps whatever its importance and age.
    package var base = 0.8
    /// What an importance of 1 adds, and one of 0 does not. With `recency`, the most that these two can do is 1.1 /
    /// 0.8: what a second occurrence of a word does in a document of average length, and less than a second word does.
    package var importance = 0.2
    /// What being remembered today adds. Half of `importance`: that was said by someone, the date is only circumstance.
    package var recency = 0.1
    /// After how many days half of `recency` is left: a month, so that last week and last year differ, and two days
    /// not.
    package var halfLifeDays = 30.0
    /// The weight of a word that was corrected.
    package var corrected = 0.8
    /// The share of the best possible score below which nothing counts as known.
    package var minimumShare = 0.1

    package init() {}

    /// 1 on the day itself, 0.5 after a half-life; a day that is still to come counts as today.
    package func recency(ageDays: Int) -> Double {
        ageDays <= 0 ? 1 : exponential2(-Double(ageDays) / max(halfLifeDays, 1e-3))
    }

    /// Rises with both parts, also in its rounding: what bounds them bounds it.
    package func factor(importance: Double, recency: Double) -> Double {
        max(0, base) + max(0, self.importance) * importance + max(0, self.recency) * recency
    }

    /// How much a stem tells that `df` of `documents` have (Lucene's form, never negative).
    package static func idf(df: Int, documents: Int) -> Double {
        let df = Double(max(0, df))
        return naturalLogarithm(1 + (max(Double(documents), df) - df + 0.5) / (df + 0.5))
    }
}
