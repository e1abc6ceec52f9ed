"""Typing errors: a letter dropped, put in, replaced, or swapped with the next, each as likely.

One error in twelve is in the first letter (Pollock and Zamora, Automatic spelling correction in scientific and
scholarly text, 1984: 7.8 %); the other places are equally likely. A word of fewer than LETTERS letters is left alone.
"""

from generators.seeded import Seeded

LETTERS = 4
ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def with_typo(word: str, random: Seeded) -> str:
    place = 0 if random.below(12) == 0 else 1 + random.below(len(word) - 1)
    letter = random.choice(ALPHABET)
    kind = random.below(4)
    if kind == 0:
        return word[:place] + word[place + 1 :]
    if kind == 1:
        return word[:place] + letter + word[place:]
    if kind == 2:
        return word[:place] + letter + word[place + 1 :]
    place = min(place, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def misspelt(word: str, count: int, random: Seeded) -> str:
    """The word with so many errors; never the word itself."""
    if len(word) < LETTERS or not word.isalpha():
        return word
    while True:
        spelt = word
        for _ in range(count):
            spelt = with_typo(spelt, random)
        if spelt != word:
            return spelt


def misspelt_text(text: str, count: int, random: Seeded, longer_than: int = LETTERS - 1) -> str:
    """Each word of more letters than that with so many errors."""
    return " ".join(misspelt(word, count, random) if len(word) > longer_than else word for word in text.split())
