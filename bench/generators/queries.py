"""Writes questions to generated memories, the same ones for the same memories and seed.

usage: queries.py MEMORIES.jsonl FOLDER [COUNT [SEED]]

Writes FOLDER/short.txt (two or three words of one memory, none of them a function word), FOLDER/long.txt (eight words:
a question word, two function words and five of one memory in its order), and both with one typo in one word of four
letters or more: short-typo.txt, long-typo.txt. Line for line they ask for the same.
"""

import json
import os
import sys
from pathlib import Path

from generators.seeded import Seeded
from generators.typos import LETTERS, misspelt
from peers.stop_words import STOP_WORDS

QUESTIONS = ("what", "which", "who", "where", "when", "how", "why")
FUNCTIONS = ("is", "was", "the", "of", "for", "about", "with", "did", "our")


def picked_memories(path: str, count: int, random: Seeded):
    """Memories from all parts of the file, by a seek to a random place."""
    with open(path, "rb") as file:
        size = os.path.getsize(path)
        for _ in range(count):
            while True:
                file.seek(random.below(size))
                file.readline()
                if line := file.readline():
                    break
            yield json.loads(line)["value"].rstrip(".").split()


def content_words(memory: list[str]) -> list[str]:
    return [word for word in dict.fromkeys(memory) if word not in STOP_WORDS and len(word) > 2]


def question(words: list[str], random: Seeded) -> list[str]:
    """Eight words around five."""
    functions = random.sample(FUNCTIONS, 2)
    return [random.choice(QUESTIONS), functions[0], *words[:2], functions[1], *words[2:]]


def with_one_typo(query: list[str], words: list[str], random: Seeded) -> list[str]:
    wrong = random.choice([word for word in words if len(word) >= LETTERS])
    right = query.index(wrong)
    return query[:right] + [misspelt(wrong, 1, random)] + query[right + 1 :]


def write(memories: str, folder: Path, count: int, seed: int):
    random = Seeded(seed)
    files = {name: open(folder / f"{name}.txt", "w") for name in ("short", "short-typo", "long", "long-typo")}
    picked = picked_memories(memories, 10 * count, random)
    written = 0
    while written < count:
        words = content_words(next(picked))
        if len(words) < 5 or all(len(word) < LETTERS for word in words):
            continue
        for name, length in (("short", 2 + random.below(2)), ("long", 5)):
            chosen = random.sample(words, length)
            while all(len(word) < LETTERS for word in chosen):
                chosen = random.sample(words, length)
            query = chosen if name == "short" else question(chosen, random)
            print(*query, file=files[name])
            print(*with_one_typo(query, chosen, random), file=files[f"{name}-typo"])
        written += 1


if __name__ == "__main__":
    count, seed = (int(argument) for argument in (sys.argv[3:] + ["2000", "7"][len(sys.argv) - 3 :]))
    write(sys.argv[1], Path(sys.argv[2]), count, seed)
