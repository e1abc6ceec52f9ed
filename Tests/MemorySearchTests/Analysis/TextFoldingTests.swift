import Foundation
import Testing

@testable import MemorySearch

@Suite struct TextFoldingTests {
    @Test(arguments: [
        ("Zürich", "zurich"), ("ÅNGSTRÖM", "angstrom"), ("Łódź", "lodz"), ("México D.F.", "mexico d.f."),
        ("STRAẞE Straße", "strasse strasse"), ("e\u{301}clair", "eclair"), ("Œuvre", "oeuvre"), ("ΑΘΗΝΑ", "αθηνα"),
        ("it’s", "it's"), ("東京", "東京"), ("Smørrebrød", "smorrebrod"), ("ÞÓRR", "thorr"),
        // Turkish, with and without its dot.
        ("İstanbul ISPARTA ısırgan", "istanbul isparta isirgan"),
        ("Tiếng Việt Đà Nẵng Nguyễn", "tieng viet da nang nguyen"),
        ("ΌΣΟΣ όσος", "οσοσ οσοσ"), ("Ёлка Йод", "елка иод"),
        // Compatibility forms.
        ("ＡＢＣ１", "abc1"), ("ﬁnance ﬂow ﬀ", "finance flow ff"), ("x² №5 ①", "x2 no5 1"), ("𝒳𝓎𝔷 ℌ", "xyz h"),
        ("㎏ ㍿", "kg 株式会社"), ("ﾊﾟｿｺﾝ", "パソコン"),
        // Marks of Arabic and Hebrew, a stretched word, presentation forms, digits.
        ("مُحَمَّد", "محمد"), ("أحمد إلى آخر", "احمد الى اخر"), ("محمـــد", "محمد"), ("ﻻ", "لا"), ("٢٠٢٦ १२", "2026 12"),
        ("שָׁלוֹם", "שלום"),
        // Marks that make another letter stay.
        ("かﾞ が か\u{3099}", "が が が"), ("ภาษาไทย", "ภาษาไทย"), ("ที่นี่", "ที่นี่"), ("हिन्दी", "हिन्दी"),
        ("\u{958}", "\u{915}\u{93C}"),
        // Hangul composes.
        ("\u{1112}\u{1161}\u{11AB}글", "한글"), ("ㄱ", "\u{1100}"),
        // Nothing to be seen.
        ("co\u{AD}op\u{200D}\u{FEFF}", "coop"), ("❤\u{FE0F} 👍🏽", "❤ 👍"), ("", ""),
    ])
    func folds(written: String, folded: String) {
        #expect(scalars(TextFolding.fold(written)) == scalars(folded), "\(TextFolding.fold(written))")
        #expect(scalars(TextFolding.fold(folded)) == scalars(folded), "folding again changes nothing")
    }

    private func scalars(_ text: String) -> [UInt32] { text.unicodeScalars.map(\.value) }

    /// Of what two spellings of a text share, folding keeps all.
    @Test func everyCharacterFoldsOnceAndForAll() {
        var folded: [Unicode.Scalar] = []
        var again: [Unicode.Scalar] = []
        for value in UInt32(0)...0x2FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            folded.removeAll()
            again.removeAll()
            TextFolding.fold(CollectionOfOne(scalar), into: &folded)
            TextFolding.fold(folded, into: &again)
            if folded != again { Issue.record("U+\(String(value, radix: 16)) folds twice") }
        }
    }

    /// The standard library is the oracle: a character and its canonical decomposition are the same text.
    @Test func decomposedTextFoldsAlike() {
        var random = IndexRandom(seed: 7)
        let letters = Array("aeiouyncsAEÖçñžőαωйеёкаがゔ한국จคชอ".unicodeScalars)
        let marks = (0x300...0x345).compactMap { Unicode.Scalar($0) } + ["\u{3099}", "\u{E48}"]
        for _ in 0..<2_000 {
            var view = String.UnicodeScalarView()
            view.append(letters[random.below(letters.count)])
            for _ in 0..<random.below(4) { view.append(marks[random.below(marks.count)]) }
            let text = String(view)
            for other in [text.decomposedStringWithCanonicalMapping, text.precomposedStringWithCanonicalMapping] {
                #expect(scalars(TextFolding.fold(text)) == scalars(TextFolding.fold(other)), "\(scalars(text))")
            }
        }
    }

    @Test func aLongRunOfMarksTakesNoLongerThanItsLength() {
        let marks = String(repeating: "\u{94D}", count: 50_000) + String(repeating: "\u{93C}", count: 50_000)
        #expect(TextFolding.fold("क" + marks).unicodeScalars.count == 100_001)
    }
}
