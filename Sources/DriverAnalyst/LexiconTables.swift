extension Lexicon {
    /// Each line: words that stand for the same thing in names and questions; the first names the meaning. With the
    /// abbreviations that columns are full of, and the German of business databases.
    static let synonyms: [[String]] = [
        // Who
        ["customer", "client", "buyer", "purchaser", "shopper", "cust", "kunde", "kunden"],
        ["employee", "staff", "worker", "salesperson", "salesman", "salespeople", "rep", "emp", "mitarbeiter"],
        ["supplier", "vendor", "lieferant", "lieferanten"],
        ["student", "pupil", "learner", "schueler", "schuler"],
        ["teacher", "instructor", "lecturer", "professor", "tutor", "lehrer"],
        ["person", "people"],
        ["company", "firm", "firma", "organisation", "organization"],
        ["shipper", "carrier"],
        ["manager", "boss", "supervisor"],
        // What
        ["product", "item", "article", "goods", "merchandise", "sku", "prod", "artikel", "produkt", "produkte"],
        ["order", "purchase", "bestellung", "bestellungen", "auftrag", "auftrage"],
        ["line", "position", "positionen", "detail"],
        ["category", "kind", "genre", "cat", "kategorie", "kategorien", "warengruppe"],
        ["class", "course", "lesson", "kurs", "kurse"],
        ["subject", "fach"],
        ["invoice", "bill", "rechnung", "rechnungen"],
        ["store", "shop", "branch", "outlet", "filiale", "filialen"],
        ["department", "dept", "division", "abteilung"],
        ["sensor", "device", "probe", "gerat"],
        ["reading", "measurement", "observation", "messung", "messungen", "messwert"],
        ["location", "place", "site", "standort"],
        ["warehouse", "depot", "lager"],
        // How much
        ["price", "preis", "stuckpreis", "einzelpreis"],
        ["amount", "sum", "value", "betrag", "wert", "amt"],
        ["cost", "expense", "kosten"],
        ["quantity", "qty", "units", "unit", "pieces", "piece", "menge", "anzahl", "stuck"],
        ["discount", "rebate", "reduction", "markdown", "rabatt", "disc"],
        ["revenue", "sales", "turnover", "income", "umsatz", "proceeds", "takings"],
        ["freight", "postage", "fracht", "versandkosten"],
        ["salary", "wage", "pay", "gehalt"],
        ["tax", "vat", "mwst", "steuer"],
        ["grade", "mark", "score", "note"],
        ["temperature", "temp", "temperatur"],
        ["humidity", "feuchte"],
        ["pressure", "druck"],
        ["stock", "inventory", "bestand"],
        ["weight", "mass", "gewicht"],
        ["size", "grosse"],
        ["age", "alter"],
        ["rating", "stars", "bewertung"],
        ["duration", "length", "dauer"],
        ["margin", "marge"],
        // Where
        ["country", "nation", "land"],
        ["city", "town", "ort", "stadt"],
        ["region", "area"],
        ["address", "street", "addr", "adresse", "strasse"],
        ["postal", "zip", "postcode", "plz"],
        // When
        ["date", "day", "datum", "tag", "dt"],
        ["time", "timestamp", "ts", "moment", "zeit", "zeitpunkt"],
        ["birth", "born", "birthday", "dob", "geburtsdatum"],
        ["hire", "hired", "employed"],
        ["ship", "shipped", "dispatched"],
        // How it is named and marked
        ["name", "label", "bezeichnung", "titel"],
        ["description", "desc", "beschreibung"],
        ["phone", "telephone", "tel", "telefon"],
        ["email", "mail"],
        ["number", "no", "nr", "num", "nummer"],
        ["status", "state", "zustand"],
        ["active", "enabled", "aktiv"],
        ["discontinued", "obsolete"],
        ["paid", "settled", "bezahlt"],
        ["open", "unpaid", "outstanding"],
    ]

    /// Where the words of a schema give no hint, a group by country means that of the first of these, not the last.
    static let counterparties = ["customer", "student", "person", "company"]

    /// Words of a name that make it a time, if its values agree.
    static let timeNameWords: Set<String> = [
        "date", "time", "day", "at", "on", "ts", "timestamp", "epoch", "created", "updated", "when", "datum", "zeit",
        "zeitpunkt", "modified", "born", "birth", "start", "end", "since", "until", "begin", "recorded", "measured",
        "logged", "julian", "jd", "dt", "ordered", "placed", "sold", "paid", "shipped", "moment", "datetime", "tag",
    ]

    /// Times that are about a row's later life or a person, not about when it happened.
    static let secondaryTimeWords: Set<String> = [
        "required", "due", "updated", "modified", "changed", "birth", "born", "dob", "birthday", "deleted", "expiry",
        "expires", "expire", "end", "until", "valid", "cancelled", "canceled", "shipped", "ship", "delivered", "hire",
        "hired", "delivery", "closed", "returned", "last",
    ]

    /// Words that make a number of pieces something else than what was sold.
    static let stockWords: Set<String> = [
        "stock", "reorder", "level", "inventory", "per", "minimum", "min", "max", "maximum", "available", "hand",
        "bestand",
    ]

    /// Words that make a column an amount of something else than the sale itself.
    static let sideAmountWords: Set<String> = ["tax", "discount", "freight", "cost", "refund", "fee"]

    /// What is averaged when nothing else is asked.
    static let intensive: Set<String> = [
        "price", "rate", "percent", "percentage", "pct", "ratio", "temperature", "humidity", "pressure", "grade", "age",
        "rating", "average", "avg", "margin", "speed", "salary", "weight", "height", "size", "level", "discount",
        "latitude", "longitude", "index", "gpa", "duration", "concentration", "voltage",
    ]

    /// Prefixes and endings of table names that carry no meaning.
    static let tableAffixes: Set<String> = ["tbl", "tab", "t", "dim", "fact", "fct", "stg", "table", "tb"]

    /// The ends of names of keys.
    static let keyWords: Set<String> = [
        "id", "key", "code", "no", "nr", "num", "number", "ref", "fk", "pk", "uuid", "guid",
    ]

    /// Names of columns that tell a reader which row it is, best first.
    static let labelWords = ["name", "title", "label", "company", "description", "subject", "email", "code"]

    static let months: [String: Int] = [
        "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8,
        "september": 9, "october": 10, "november": 11, "december": 12, "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6,
        "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
    ]

    static let numbers: [String: Int] = [
        "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
        "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100,
        "dozen": 12,
    ]

    /// Values of columns that only say yes or no.
    static let flagValues: [(yes: String, no: String)] = [
        ("1", "0"), ("y", "n"), ("yes", "no"), ("true", "false"), ("t", "f"), ("-1", "0"), ("ja", "nein"), ("j", "n"),
        ("x", ""),
    ]

    /// Words of a status that a reader of a sum should hear of.
    static let voidWords: Set<String> = [
        "cancelled", "canceled", "refunded", "returned", "void", "voided", "rejected", "draft", "storniert", "failed",
    ]

    /// Words that carry nothing about the data.
    static let fillerWords = """
        a an the this that these those is are was were be been being am do does did done has have had having i me my \
        we us our you your it its they them their he she his her please show tell give get let s can could would will \
        should shall may might want need like know see look make made take find out up all any some there here what \
        which who whom whose where how much many of to for from in on at by with as into about than then so if just \
        also really very quite exactly data database dataset result results value values record records row rows table \
        tables column columns entry entries figure figures analyze analyse analysis analyzing analysing report \
        reporting summarize summarise summary calculate compute determine display present presented print provide \
        return returned visualize visualise plot chart graph draw question answer insight insights info information \
        detail details come came go going went gone happen happened doing get got getting bring brought generate \
        generated produce produced have placed place put created recorded registered listed called named respectively \
        overall general generally altogether together currently now today ever so far each their own kind sort \
        terms based according regarding concerning respect compared comparison versus vs performed perform performing \
        performance develop developed evolve evolved change changed changing behave look looked living live lives \
        located situated based help well good best bought buy buys purchased using use used sent only during within \
        while when whether same different per across among between other others belong belongs belonging existing \
        exist exists contain contains main interesting important relevant actual real thank thanks hello hi \
        top first handled handle took taken processed process earn earned made-up responsible total
        """
}
