/// Brings text to the form in which words are compared: lower case, without diacritics, compatibility forms of Latin
/// letters replaced by plain ones. Scripts other than Latin only change case.
package enum TextFolding {
    package static func fold(_ text: some StringProtocol) -> String {
        var folded = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                folded.append(scalar.lowercasedASCII)
            } else if let plain = plainForms[scalar] {
                folded.append(contentsOf: plain.unicodeScalars)
            } else if isCombiningMark(scalar) {
                continue
            } else if let narrow = narrowForm(scalar) {
                folded.append(narrow.lowercasedASCII)
            } else {
                for lower in scalar.properties.lowercaseMapping.unicodeScalars {
                    folded.append(contentsOf: (plainForms[lower] ?? String(lower)).unicodeScalars)
                }
            }
        }
        return String(folded)
    }

    /// Combining Diacritical Marks; a mark of the Unicode block stands after its letter in decomposed text.
    private static func isCombiningMark(_ scalar: Unicode.Scalar) -> Bool { (0x300...0x36F).contains(scalar.value) }

    /// The ASCII character of a full-width form (U+FF01 to U+FF5E).
    private static func narrowForm(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        guard (0xFF01...0xFF5E).contains(scalar.value) else { return nil }
        return Unicode.Scalar(scalar.value - 0xFEE0)
    }

    /// Each line: the plain form, then the letters that fold to it, in lower and upper case.
    private static let plainForms: [Unicode.Scalar: String] = {
        let lines: [(String, String)] = [
            ("a", "àáâãäåāăąǎǟǡǻȁȃȧạảấầẩẫậắằẳẵặÀÁÂÃÄÅĀĂĄǍǞǠǺȀȂȦẠẢẤẦẨẪẬẮẰẲẴẶªₐ"),
            ("ae", "æǣǽÆǢǼ"), ("b", "ḃḅḇɓḂḄḆ"), ("c", "çćĉċčḉÇĆĈĊČḈ"), ("d", "ďđḋḍḏḑḓðĎĐḊḌḎḐḒÐ"),
            ("e", "èéêëēĕėęěȅȇȩẹẻẽếềểễệḕḗḙḛÈÉÊËĒĔĖĘĚȄȆȨẸẺẼẾỀỂỄỆ"), ("f", "ḟƒḞ"), ("fi", "ﬁ"), ("fl", "ﬂ"),
            ("g", "ĝğġģǧǵḡĜĞĠĢǦǴḠ"), ("h", "ĥħȟḣḥḧḩḫĤĦȞḢḤḦḨḪ"), ("i", "ìíîïĩīĭįıǐȉȋịỉḭÌÍÎÏĨĪĬĮİǏȈȊỊỈḬ"), ("ij", "ĳĲ"),
            ("j", "ĵǰĴ"), ("k", "ķǩḱḳḵĸĶǨḰḲḴ"), ("l", "ĺļľŀłḷḹḻḽĹĻĽĿŁḶḸḺḼ"), ("m", "ḿṁṃḾṀṂ"),
            ("n", "ñńņňŉŋǹṅṇṉÑŃŅŇŊǸṄṆṈ"),
            ("o", "òóôõöøōŏőơǒǫǭȍȏȫȭȯȱọỏốồổỗộớờởỡợÒÓÔÕÖØŌŎŐƠǑǪǬȌȎȪȬȮȰỌỎỐỒỔỖỘỚỜỞỠỢº"), ("oe", "œŒ"),
            ("p", "ṕṗṔṖ"), ("r", "ŕŗřȑȓṙṛṝṟŔŖŘȐȒṘṚṜṞ"), ("s", "śŝşšșṡṣṥṧṩſŚŜŞŠȘṠṢṤṦṨ"), ("ss", "ßẞ"),
            ("t", "ţťŧțṫṭṯṱŢŤŦȚṪṬṮṰ"), ("th", "þÞ"), ("u", "ùúûüũūŭůűųưǔǖǘǚǜȕȗụủứừửữựÙÚÛÜŨŪŬŮŰŲƯǓǕǗǙǛȔȖỤỦỨỪỬỮỰ"),
            ("v", "ṽṿṼṾ"), ("w", "ŵẁẃẅẇẉŴẀẂẄẆẈ"), ("x", "ẋẍẊẌ"), ("y", "ýÿŷȳẏỳỵỷỹÝŸŶȲẎỲỴỶỸ"), ("z", "źżžẑẓẕŹŻŽẐẒẔ"),
            ("'", "’‘ʼ"), ("-", "‐‑‒–"),
        ]
        var forms: [Unicode.Scalar: String] = [:]
        for (plain, letters) in lines {
            for scalar in letters.unicodeScalars { forms[scalar] = plain }
        }
        return forms
    }()
}

extension Unicode.Scalar {
    fileprivate var lowercasedASCII: Unicode.Scalar {
        (65...90).contains(value) ? Unicode.Scalar(UInt8(value) + 32) : self
    }
}
