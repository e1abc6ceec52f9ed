extension Lexicon {
    /// Phrases by what they ask for, compared word by word with the folded question.
    static let phrases: [Phrase] =
        counting + aggregates + ranking + adjectives + grouping + comparing + times + purposes + figures

    private static let counting: [Phrase] = [
        Phrase("how many", .count), Phrase("number of", .count), Phrase("count of", .count), Phrase("count", .count),
        Phrase("counts of", .count), Phrase("numbers of", .count), Phrase("amount of", .aggregate(.sum)),
        Phrase("different", .distinct), Phrase("distinct", .distinct), Phrase("unique", .distinct),
    ]

    private static let aggregates: [Phrase] = [
        Phrase("average", .aggregate(.average)), Phrase("avg", .aggregate(.average)),
        Phrase("mean", .aggregate(.average)),
        Phrase("median", .aggregate(.median)), Phrase("total", .aggregate(.sum)), Phrase("totals", .aggregate(.sum)),
        Phrase("sum", .aggregate(.sum)), Phrase("sum of", .aggregate(.sum)), Phrase("how much", .aggregate(.sum)),
        Phrase("overall", .aggregate(.sum)), Phrase("maximum", .aggregate(.maximum)),
        Phrase("max", .aggregate(.maximum)),
        Phrase("minimum", .aggregate(.minimum)), Phrase("min", .aggregate(.minimum)),
    ]

    private static let ranking: [Phrase] = [
        Phrase("top", .rank(descending: true)), Phrase("bottom", .rank(descending: false)),
        Phrase("best", .rank(descending: true)), Phrase("worst", .rank(descending: false)),
        Phrase("highest", .rank(descending: true)), Phrase("lowest", .rank(descending: false)),
        Phrase("greatest", .rank(descending: true)), Phrase("largest", .rank(descending: true)),
        Phrase("biggest", .rank(descending: true)), Phrase("smallest", .rank(descending: false)),
        Phrase("leading", .rank(descending: true)), Phrase("most", .most(descending: true)),
        Phrase("least", .most(descending: false)), Phrase("fewest", .most(descending: false)),
        Phrase("most important", .rank(descending: true)), Phrase("most popular", .rank(descending: true)),
        Phrase("least popular", .rank(descending: false)), Phrase("most valuable", .rank(descending: true)),
        Phrase("most successful", .rank(descending: true)),
        Phrase("most profitable", .adjective(concept: "profit", descending: true)),
        Phrase("least profitable", .adjective(concept: "profit", descending: false)),
        Phrase("latest", .latest(descending: true)), Phrase("newest", .latest(descending: true)),
        Phrase("most recent", .latest(descending: true)), Phrase("earliest", .latest(descending: false)),
    ]

    /// Adjectives with what they measure.
    private static let adjectives: [Phrase] = [
        ("most expensive", "price", true), ("cheapest", "price", false), ("least expensive", "price", false),
        ("dearest", "price", true), ("priciest", "price", true), ("oldest", "age", true), ("youngest", "age", false),
        ("heaviest", "weight", true), ("lightest", "weight", false), ("longest", "duration", true),
        ("shortest", "duration", false), ("hottest", "temperature", true), ("warmest", "temperature", true),
        ("coldest", "temperature", false), ("coolest", "temperature", false), ("best paid", "salary", true),
    ].map { Phrase($0.0, .adjective(concept: $0.1, descending: $0.2)) }

    private static let grouping: [Phrase] = [
        Phrase("by", .groupBy), Phrase("per", .each), Phrase("each", .each), Phrase("for each", .each),
        Phrase("for every", .each), Phrase("every", .each), Phrase("of each", .each), Phrase("in each", .each),
        Phrase("grouped by", .each), Phrase("group by", .each), Phrase("broken down by", .each),
        Phrase("split by", .each), Phrase("breakdown by", .each), Phrase("across", .each),
        Phrase("ranked by", .groupBy),
        Phrase("sorted by", .groupBy), Phrase("ordered by", .groupBy), Phrase("order by", .groupBy),
        Phrase("measured by", .groupBy), Phrase("in terms of", .groupBy), Phrase("according to", .groupBy),
    ]

    private static let comparing: [Phrase] = [
        Phrase("more than", .compare(.more)), Phrase("greater than", .compare(.more)),
        Phrase("larger than", .compare(.more)),
        Phrase("higher than", .compare(.more)), Phrase("bigger than", .compare(.more)), Phrase("over", .compare(.more)),
        Phrase("above", .compare(.more)), Phrase("exceeding", .compare(.more)), Phrase("at least", .compare(.atLeast)),
        Phrase("no less than", .compare(.atLeast)), Phrase("or more", .compare(.atLeast)),
        Phrase("less than", .compare(.less)),
        Phrase("fewer than", .compare(.less)), Phrase("smaller than", .compare(.less)),
        Phrase("lower than", .compare(.less)),
        Phrase("cheaper than", .compare(.less)), Phrase("under", .compare(.less)), Phrase("below", .compare(.less)),
        Phrase("at most", .compare(.atMost)), Phrase("no more than", .compare(.atMost)),
        Phrase("up to", .compare(.atMost)),
        Phrase("equal to", .compare(.equal)), Phrase("exactly", .compare(.equal)), Phrase("between", .between),
        Phrase("and", .and), Phrase("or", .or), Phrase("without", .without), Phrase("with no", .without),
        Phrase("have no", .without), Phrase("has no", .without), Phrase("had no", .without),
        Phrase("without any", .without),
        Phrase("never", .without), Phrase("not", .negation), Phrase("no", .negation), Phrase("isnt", .negation),
        Phrase("arent", .negation),
        Phrase("excluding", .negation), Phrase("except", .negation), Phrase("except for", .negation),
    ]

    private static let times: [Phrase] = [
        Phrase("year", .time(.year)), Phrase("years", .time(.year)), Phrase("quarter", .time(.quarter)),
        Phrase("quarters", .time(.quarter)), Phrase("month", .time(.month)), Phrase("months", .time(.month)),
        Phrase("week", .time(.week)), Phrase("weeks", .time(.week)), Phrase("day", .time(.day)),
        Phrase("days", .time(.day)),
        Phrase("hour", .time(.hour)), Phrase("hours", .time(.hour)), Phrase("date", .time(.day)),
        Phrase("weekday", .time(.weekday)), Phrase("weekdays", .time(.weekday)),
        Phrase("day of the week", .time(.weekday)),
        Phrase("day of week", .time(.weekday)), Phrase("yearly", .periodic(.year)), Phrase("annual", .periodic(.year)),
        Phrase("annually", .periodic(.year)), Phrase("quarterly", .periodic(.quarter)),
        Phrase("monthly", .periodic(.month)),
        Phrase("weekly", .periodic(.week)), Phrase("daily", .periodic(.day)), Phrase("hourly", .periodic(.hour)),
    ]

    private static let purposes: [Phrase] = [
        Phrase("analyze", .analyze), Phrase("analyse", .analyze), Phrase("analysis of", .analyze),
        Phrase("analysis", .analyze),
        Phrase("examine", .analyze), Phrase("investigate", .analyze), Phrase("study", .analyze),
        Phrase("compare", .compareTimes), Phrase("versus", .compareTimes), Phrase("vs", .compareTimes),
        Phrase("trend", .trend), Phrase("trends", .trend), Phrase("over time", .trend), Phrase("development", .trend),
        Phrase("evolution", .trend), Phrase("growth", .trend), Phrase("timeline", .trend),
        Phrase("time series", .trend),
        Phrase("history", .trend), Phrase("over the years", .trend), Phrase("over the months", .trend),
        Phrase("seasonality", .trend), Phrase("evolve", .trend), Phrase("evolved", .trend), Phrase("develop", .trend),
        Phrase("developed", .trend), Phrase("change over", .trend),
        Phrase("profile", .profile), Phrase("data quality", .profile), Phrase("data profile", .profile),
        Phrase("quality check", .profile), Phrase("overview", .profile), Phrase("describe", .profile),
        Phrase("explore", .profile),
        Phrase("audit", .profile), Phrase("health check", .profile), Phrase("outliers", .profile),
        Phrase("schema", .schema), Phrase("which tables", .schema), Phrase("what tables", .schema),
        Phrase("list tables", .schema), Phrase("list the tables", .schema), Phrase("show tables", .schema),
        Phrase("list all tables", .schema), Phrase("show all tables", .schema), Phrase("show the tables", .schema),
        Phrase("share", .share), Phrase("percentage", .share), Phrase("percentage of", .share),
        Phrase("proportion", .share),
        Phrase("share of", .share), Phrase("distribution", .share), Phrase("breakdown", .share),
        Phrase("list", .list), Phrase("show", .list), Phrase("which", .list), Phrase("what", .list),
        Phrase("who", .list),
        Phrase("names of", .list), Phrase("display", .list), Phrase("find", .list),
        Phrase("in", .preposition("in")), Phrase("from", .preposition("from")), Phrase("of", .preposition("of")),
        Phrase("for", .preposition("for")), Phrase("with", .preposition("with")), Phrase("to", .preposition("to")),
        Phrase("at", .preposition("at")), Phrase("on", .preposition("on")), Phrase("than", .preposition("than")),
    ]

    private static let figures: [Phrase] = [
        Phrase("revenue", .metric(.revenue)), Phrase("revenues", .metric(.revenue)), Phrase("sales", .metric(.revenue)),
        Phrase("turnover", .metric(.revenue)), Phrase("income", .metric(.revenue)),
        Phrase("takings", .metric(.revenue)),
        Phrase("umsatz", .metric(.revenue)), Phrase("proceeds", .metric(.revenue)), Phrase("profit", .metric(.profit)),
        Phrase("profits", .metric(.profit)), Phrase("earnings", .metric(.profit)),
        Phrase("gross profit", .metric(.profit)),
        Phrase("sales revenue", .metric(.revenue)), Phrase("sales amount", .metric(.revenue)),
        Phrase("sales value", .metric(.revenue)),
        Phrase("total sales", .metric(.revenue)), Phrase("units sold", .metric(.quantity)),
        Phrase("quantity sold", .metric(.quantity)),
        Phrase("items sold", .metric(.quantity)), Phrase("pieces sold", .metric(.quantity)),
        Phrase("sell", .verb(.revenue)), Phrase("sells", .verb(.revenue)), Phrase("sold", .verb(.revenue)),
        Phrase("selling", .verb(.revenue)), Phrase("seller", .verb(.revenue)), Phrase("sellers", .verb(.revenue)),
        Phrase("spend", .verb(.revenue)), Phrase("spent", .verb(.revenue)), Phrase("spends", .verb(.revenue)),
        Phrase("earn", .verb(.revenue)), Phrase("earned", .verb(.revenue)), Phrase("spending", .verb(.revenue)),
    ]
}
