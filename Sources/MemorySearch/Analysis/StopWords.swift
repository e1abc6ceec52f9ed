/// Words that say too little to be looked for where others are there to look for.
package enum StopWords {
    /// The list that Snowball gives with its English stemmer (https://snowballstem.org/algorithms/english/stop.txt),
    /// without the forms in `'s`, which an analysed word never has, and with `can` and `will` as PostgreSQL's list has
    /// them: in a question they are verbs like `could` and `would`.
    package static func isEnglish(_ folded: String) -> Bool {
        isEnglish(folded.utf8, key: key(folded.utf8))
    }

    /// - Parameter key: of the word
    static func isEnglish(_ folded: some Collection<UInt8>, key: UInt64) -> Bool {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        while low < keys.count, keys[low] == key {
            if english[low].utf8.elementsEqual(folded) { return true }
            low += 1
        }
        return false
    }

    /// The first 8 bytes of a word: they decide nearly every comparison.
    static func key(_ word: some Sequence<UInt8>) -> UInt64 {
        var key: UInt64 = 0
        var left = 8
        for byte in word {
            key = key << 8 | UInt64(byte)
            left -= 1
            if left == 0 { break }
        }
        return key << UInt64(8 * left)
    }

    private static let keys = english.map { key($0.utf8) }

    /// In ascending order.
    static let english: [String] = [
        "a", "about", "above", "after", "again", "against", "all", "am", "an", "and", "any", "are", "aren't", "as",
        "at", "be", "because", "been", "before", "being", "below", "between", "both", "but", "by", "can", "can't",
        "cannot", "could", "couldn't", "did", "didn't", "do", "does", "doesn't", "doing", "don't", "down", "during",
        "each", "few", "for", "from", "further", "had", "hadn't", "has", "hasn't", "have", "haven't", "having", "he",
        "he'd", "he'll", "her", "here", "hers", "herself", "him", "himself", "his", "how", "i", "i'd", "i'll", "i'm",
        "i've", "if", "in", "into", "is", "isn't", "it", "its", "itself", "me", "more", "most", "mustn't", "my",
        "myself", "no", "nor", "not", "of", "off", "on", "once", "only", "or", "other", "ought", "our", "ours",
        "ourselves", "out", "over", "own", "same", "shan't", "she", "she'd", "she'll", "should", "shouldn't", "so",
        "some", "such", "than", "that", "the", "their", "theirs", "them", "themselves", "then", "there", "these",
        "they", "they'd", "they'll", "they're", "they've", "this", "those", "through", "to", "too", "under", "until",
        "up", "us", "very", "was", "wasn't", "we", "we'd", "we'll", "we're", "we've", "were", "weren't", "what", "when",
        "where", "which", "while", "who", "whom", "why", "will", "with", "won't", "would", "wouldn't", "you", "you'd",
        "you'll", "you're", "you've", "your", "yours", "yourself", "yourselves",
    ]
}
