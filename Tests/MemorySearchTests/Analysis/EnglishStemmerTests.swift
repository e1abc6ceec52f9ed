import MemorySearch
import Testing

@Suite struct EnglishStemmerTests {
    /// Pairs from the description of the algorithm and its published vocabulary.
    @Test(arguments: [
        "consign consign", "consigned consign", "consigning consign", "consistency consist", "consolation consol",
        "knackeries knackeri", "knavish knavish", "kneeling kneel", "knightly knight", "kitchens kitchen",
        "ties tie", "cries cri", "gas gas", "this this", "gaps gap", "kiwis kiwi", "hopping hop", "hoping hope",
        "luxuriated luxuri", "bring bring", "exceed exceed", "generously generous", "general general",
        "communities communiti", "sky sky", "skies sky", "news news", "inning inning", "by by", "say say", "cry cri",
        "relational relat", "hopefulness hope", "formative format", "replacement replac", "controlling control",
        "employees employe", "categories categori", "customers custom", "discontinued discontinu", "sales sale",
        "analysis analysi", "youth youth", "boyish boyish", "national nation", "vietnamization vietnam",
        "bled bled", "agreed agre", "succeeding succeed", "early earli", "beautifully beauti",
        "radically radic", "added add",
    ])
    func stems(pair: String) {
        let words = pair.split(separator: " ").map(String.init)
        #expect(EnglishStemmer.stem(words[0]) == words[1])
    }

    /// Words of our own that take each step, with what the published stemmer (Snowball 3.1) makes of them.
    @Test(arguments: [
        "memories memori", "remember rememb", "remembered rememb", "recalled recal", "recalling recal",
        "searching search", "searches search", "indexes index", "indices indic", "queries queri", "querying queri",
        "databases databas", "session's session", "sessions' session", "dying die", "lying lie", "tying tie",
        "vying vie", "evening evening", "outing outing", "canning canning", "herring herring", "earring earring",
        "innings inning", "proceed proceed", "proceeded proceed", "succeeding succeed", "exceedingly exceed",
        "exceeds exceed", "feed feed", "freed freed", "agreedly agre", "egged egg", "ebbed ebb", "offed off",
        "being be", "hoeing hoe", "biologist biolog", "geologists geolog", "geological geolog", "apologist apolog",
        "pasting paste", "pasted paste", "university universiti", "universal universal", "universe univers",
        "organization organiz", "organs organ", "interested interest", "internal internal", "emergency emergenc",
        "lately late", "later later", "laterally lateral", "arsenal arsenal", "communism communism", "generic generic",
        "shipping ship", "shipped ship", "falling fall", "hissing hiss", "fizzed fizz", "failing fail", "filing file",
        "conflated conflat", "troubled troubl", "sized size", "plotting plot", "tanned tan", "happy happi", "say say",
        "enjoy enjoy", "yes yes", "youth youth", "flying fli", "rationalization ration", "conditional condit",
        "valency valenc", "hesitancy hesit", "digitizer digit", "conformably conform", "differently differ",
        "vilely vile", "analogously analog", "predication predic", "operator oper", "feudalism feudal",
        "decisiveness decis", "hopefulness hope", "callousness callous", "formality formal", "sensitivity sensit",
        "sensibility sensibl", "triplicate triplic", "formalize formal", "electricity electr", "electrical electr",
        "goodness good", "revival reviv", "allowance allow", "inference infer", "airliner airlin",
        "gyroscopic gyroscop", "adjustable adjust", "defensible defens", "irritant irrit", "adjustment adjust",
        "dependent depend", "adoption adopt", "homology homolog", "communion communion", "activate activ",
        "angularity angular", "homologous homolog", "effective effect", "bowdlerize bowdler", "probate probat",
        "rate rate", "cease ceas", "controlled control", "rolling roll", "customers' custom", "it's it", "'twas twas",
        "fully fulli", "helplessly helpless", "usefulness use", "skis ski", "skies sky", "idly idl", "gently gentl",
        "ugly ugli", "only onli", "singly singl", "atlas atlas", "cosmos cosmos", "bias bias", "andes andes",
        "news news", "howe howe", "yyyy yyyi", "sayings say", "eyed eye", "joyously joyous",
    ])
    func stemsAsSnowballDoes(pair: String) {
        stems(pair: pair)
    }

    @Test(arguments: ["a", "is", "über", "x86", "東京", "order_id", ""])
    func leavesOtherTextAlone(word: String) {
        #expect(EnglishStemmer.stem(word) == word)
    }
}
