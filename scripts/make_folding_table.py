#!/usr/bin/env python3
"""Writes Sources/MemorySearch/Analysis/FoldingTable.swift: how each character is folded and what kind of word it makes.

A character's folded form is NFKC_Casefold of The Unicode Standard (section 3.13 and UAX #15; case folding,
compatibility forms, default ignorables removed), then without the marks that only accent a letter, with the letters
that have no decomposition in Unicode replaced by plain ones, and with the digits of every script as ASCII.

Python's tables are pinned to one version of Unicode. Another one is a new version of the analysis: the index keeps
folded words.

usage: scripts/make_folding_table.py [--check]
"""
import pathlib
import sys
import unicodedata

PINNED = "14.0.0"
OUTPUT = pathlib.Path(__file__).parent.parent / "Sources/MemorySearch/Analysis/FoldingTable.swift"
LAST = 0x10FFFF

# Default_Ignorable_Code_Point, as DerivedCoreProperties.txt has it.
IGNORABLE = [
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
]
# Arabic tatweel stretches a word; skin tones vary an emoji.
DROPPED = [(0x640, 0x640), (0x1F3FB, 0x1F3FF)]
# Letters that read as plain ones but do not decompose, after case folding. Based on what ASCII spelling is usual in the
# languages that use them.
PLAIN = {
    "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ĸ": "k", "ł": "l", "ŋ": "n",
    "ŧ": "t", "ƀ": "b", "ɓ": "b", "ƈ": "c", "ɖ": "d", "ɗ": "d", "ƒ": "f", "ɠ": "g", "ƙ": "k", "ƚ": "l", "ɲ": "n",
    "ɵ": "o", "ƥ": "p", "ƭ": "t", "ʋ": "v", "ƴ": "y", "ƶ": "z", "ȥ": "z", "ǥ": "g", "ɨ": "i", "ʉ": "u", "ɉ": "j",
    "ɍ": "r", "ɏ": "y", "ȼ": "c", "ɇ": "e", "ⱥ": "a", "ⱦ": "t", "ꞌ": "'",
    "\u2018": "'", "\u2019": "'", "\u201b": "'", "\u02bc": "'", "\u02b9": "'", "\u2032": "'",
    "\u2010": "-", "\u2012": "-", "\u2013": "-", "\u2212": "-",
}


def within(ranges, code):
    return any(first <= code <= last for first, last in ranges)


def accents(char):
    """Whether a mark only accents its letter. Kept: nuktas (7), kana voicing (8), viramas (9), and the vowel and tone
    signs of the scripts of India and Southeast Asia (class 0 or 84 to 132)."""
    order = unicodedata.combining(char)
    return unicodedata.category(char) == "Me" or order == 1 or 10 <= order <= 36 or order >= 200


def fold(code):
    text = chr(code)
    for _ in range(8):
        before = text
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", text).casefold()).casefold()
        text = unicodedata.normalize("NFD", text)
        text = "".join(PLAIN.get(c, c) for c in text if not within(IGNORABLE + DROPPED, ord(c)) and not accents(c))
        text = "".join(str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c for c in text)
        text = unicodedata.normalize("NFC", text)
        if text == before:
            return text
    raise SystemExit(f"U+{code:04X} does not come to rest")


SEPARATOR, WORD, PAIRS, EXTENDS, SYMBOL = range(5)
PAIRED = ("CJK ", "HIRAGANA ", "KATAKANA", "HALFWIDTH KATAKANA", "HANGUL ", "HALFWIDTH HANGUL", "BOPOMOFO ", "THAI ",
          "LAO ", "KHMER ", "MYANMAR ", "IDEOGRAPHIC ITERATION", "IDEOGRAPHIC CLOSING", "IDEOGRAPHIC NUMBER ZERO",
          "VERTICAL IDEOGRAPHIC ITERATION")
EMOJI = [(0x2600, 0x27BF), (0x1F000, 0x1F3FA), (0x1F400, 0x1FAFF)]


def kind(code):
    char = chr(code)
    category = unicodedata.category(char)
    if code == 0x200B:  # Zero width space: stands between words.
        return SEPARATOR
    if within(IGNORABLE, code) or 0x1F3FB <= code <= 0x1F3FF:
        return EXTENDS
    name = unicodedata.name(char, "")
    # What only goes on with a syllable: vowels and finals of Hangul, half-width voicing.
    if name.startswith(("HANGUL JUNGSEONG", "HANGUL JONGSEONG")) or code in (0xFF9E, 0xFF9F):
        return EXTENDS
    paired = name.startswith(PAIRED) and category not in ("Nd", "No", "So", "Po", "Sc")
    if category[0] == "M" and (paired or unicodedata.combining(char) == 8):
        return EXTENDS
    if paired and category[0] in "LN":
        return PAIRS
    if category[0] in "LMN":
        return WORD
    return SYMBOL if category == "So" and within(EMOJI, code) else SEPARATOR


def runs(forms):
    """(first, count, kind, value): kind 0 a constant step to the target for each code, 1 for each second, 2 one target
    for all."""
    result, codes, index = [], sorted(forms), 0
    while index < len(codes):
        best = (1, 0)
        for shape, stride in ((2, 1), (0, 1), (1, 2)):
            count = 1
            while count < 512 and index + count < len(codes):
                code, target = codes[index + count], forms[codes[index + count]]
                first = forms[codes[index]]
                step = code - codes[index]
                if step != count * stride:
                    break
                same = target == first
                moved = len(target) == len(first) == 1 and ord(target) - ord(first) == step
                if not (same if shape == 2 else moved):
                    break
                count += 1
            best = max(best, (count, -shape))
        count, shape = best[0], -best[1]
        result.append((codes[index], count, shape, forms[codes[index]]))
        index += count
    return result


def literal(name, comment, numbers, kind_of="UInt32"):
    lines, line = [], "       "
    for number in numbers:
        item = f" 0x{number:x},"
        if len(line) + len(item) > 120:
            lines.append(line)
            line = "       "
        line += item
    return f"    /// {comment}\n    static let {name}: [{kind_of}] = [\n" + "\n".join(lines + [line]) + "\n    ]\n"


def main():
    if unicodedata.unidata_version != PINNED:
        raise SystemExit(f"this Python has Unicode {unicodedata.unidata_version}, the table is of {PINNED}")
    assigned = [c for c in range(0x80, LAST + 1) if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co")]
    forms = {c: fold(c) for c in assigned}
    forms = {c: form for c, form in forms.items() if form != chr(c)}
    forms |= {c: "" for first, last in IGNORABLE for c in range(first, last + 1)}

    sequences, places, starts, values = [], {}, [], []
    for first, count, shape, target in runs(forms):
        starts.append(first << 11 | (count - 1) << 2 | shape)
        if len(target) == 1:
            values.append(ord(target))
            continue
        if target not in places:
            places[target] = len(sequences)
            sequences += [ord(c) for c in target]
        values.append(1 << 31 | len(target) << 16 | places[target])

    kept = [c for c in assigned if unicodedata.combining(chr(c)) and not accents(chr(c))]
    orders = [c << 8 | unicodedata.combining(chr(c)) for c in kept]
    pairs = []
    for code in assigned:
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) != 2 or parts[0].startswith("<") or code in forms:
            continue
        first, second = (int(p, 16) for p in parts)
        if unicodedata.normalize("NFC", chr(first) + chr(second)) == chr(code):
            pairs.append(first << 42 | second << 21 | code)

    kinds, before = [], None
    for code in range(0x80, LAST + 1):
        unknown = unicodedata.category(chr(code)) in ("Cn", "Cs", "Co") and not within(IGNORABLE, code)
        now = SEPARATOR if unknown else kind(code)
        if now != before:
            kinds.append(code << 3 | now)
            before = now

    swift = f"""// Generated by scripts/make_folding_table.py from Unicode {PINNED}; do not edit.
// swift-format-ignore-file

/// How characters past ASCII are folded, and which kinds of words they make. Every table is in ascending order and is
/// constant data: nothing is built when the process starts.
enum FoldingTable {{
    static let unicodeVersion = "{PINNED}"

"""
    swift += "\n".join([
        literal("starts", "First character << 11 | count - 1 << 2 | shape: 0 each moves by the same step, 1 each second does,"
                "\n    /// 2 all fold to the same.", starts),
        literal("values", "Beside `starts`: the folded form of the first, or 1 << 31 | length << 16 | place in `sequences`.",
                values),
        literal("sequences", "Folded forms that are not one character.", sequences),
        literal("orders", "Marks that stay, << 8 | canonical combining class.", orders),
        literal("pairs", "First << 42 | second << 21 | what they compose to.", sorted(pairs), "UInt64"),
        literal("kinds", "First character of a range << 3 | `CharacterKind`.", kinds),
    ]) + "}\n"
    if "--check" in sys.argv:
        raise SystemExit(0 if OUTPUT.read_text() == swift else f"{OUTPUT} is not what this script writes")
    OUTPUT.write_text(swift)
    print(f"{len(forms)} forms in {len(starts)} runs, {len(orders)} marks, {len(pairs)} pairs, {len(kinds)} ranges")


main()
