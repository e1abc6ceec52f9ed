"""Measures what is found, for bench/src/quality.c: rows of its tables, their columns apart by tabs.

usage: measure.py FOLDER
CRANFIELD names the folder of that collection (../shared/data/cranfield unless set); without it only conversations are
measured. All figures are means over the questions.
"""

import os
import sys
from pathlib import Path

from generators.conversations import conversations
from generators.seeded import Seeded
from generators.typos import LETTERS, misspelt_text
from peers.memory_fts5 import FTS5
from peers.memory_tantivy import Tantivy
from quality.cranfield import Cranfield
from quality.engines import AgentHost, Peer
from quality.metrics import mean, ndcg, recall

CONVERSATIONS = 20
# Of the errors: where they fall moves a figure by .005.
SEEDS = (1, 2, 3)
# A long word has more letters than that; errors are in words of LETTERS letters at least.
LONG = 4

# What is done to a question: the errors in each word, and the letters that it must have more of.
SPELLINGS = [
    ("", 0, 0),
    (", one typo in each long word", 1, LONG),
    (", one typo, short words too", 1, LETTERS - 1),
    (", two typos, short words too", 2, LETTERS - 1),
]
# recall@10 that the issue of memory asks for.
CRANFIELD_BARS = {0: ".40", 1: ".385"}


def row(*columns):
    print(*columns, sep="\t", flush=True)


def figure(name: str, value: float, bar: str | None = None):
    if name.startswith("agenthost") and bar:
        row("own", name, f"{value:.4f}", bar)
    else:
        row("base" if name == AgentHost.name else "peer", name, f"{value:.4f}")


def misspelt(questions: list[str], errors: int, longer_than: int) -> list[list[str]]:
    """The questions with so many errors, once for each seed; as they are without."""
    if errors == 0:
        return [questions]
    randoms = [Seeded(seed) for seed in SEEDS]
    return [[misspelt_text(question, errors, random, longer_than) for question in questions] for random in randoms]


def engines(folder: Path) -> list:
    ours = [AgentHost(folder / "agenthost")] if os.environ.get("BENCH_MEMORY_BENCH") else []
    return ours + [Peer("FTS5", FTS5, folder / "fts5", 1), Peer("tantivy", Tantivy, folder / "tantivy", 0)]


def measure_cranfield(source: Path, folder: Path):
    collection = Cranfield(source)
    places = list(collection.documents)
    compared = engines(folder)
    for engine in compared:
        engine.take(list(collection.documents.values()))
    for spelling, (what, errors, longer_than) in enumerate(SPELLINGS):
        variants = misspelt(collection.questions, errors, longer_than)
        questions = [question for variant in variants for question in variant]
        gains = collection.gains * len(variants)
        found = [[[places[place] for place in engine.best(question)] for question in questions] for engine in compared]
        for measure, bars in ((recall, CRANFIELD_BARS), (ndcg, {})):
            row("head", f"Cranfield{what}", f"{measure.__name__}@10")
            for engine, lists in zip(compared, found):
                figure(engine.name, mean(map(measure, lists, gains)), bars.get(spelling))
    for engine in compared:
        engine.close()


def measure_conversations(folder: Path):
    """The evidence is one turn: recall@10 is how often it is among the ten."""
    talks = conversations(CONVERSATIONS)
    compared = engines(folder)
    plain = [AgentHost(folder / "unblended")] if isinstance(compared[0], AgentHost) else []
    for engine in plain:
        engine.name += ", turns unblended"
    compared[1:1] = plain
    for number, talk in enumerate(talks):
        texts = [text for _, text in talk.turns]
        for engine in compared:
            engine.take(texts, f"conversation/{number}", None if engine in plain else [role for role, _ in talk.turns])
    for what, errors, longer_than in SPELLINGS[:2]:
        row("head", f"conversations{what}", "recall@10")
        for engine in compared:
            shares = []
            for number, talk in enumerate(talks):
                for variant in misspelt([question.text for question in talk.questions], errors, longer_than):
                    for question, asked in zip(variant, talk.questions):
                        shares.append(asked.evidence in engine.best(question, f"conversation/{number}"))
            figure(engine.name, mean(shares))
    for engine in compared:
        engine.close()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    cranfield = Path(os.environ.get("CRANFIELD") or "../shared/data/cranfield")
    if (cranfield / "cran.qry").exists():
        measure_cranfield(cranfield, folder / "cranfield")
    else:
        row("head", "Cranfield", "recall@10")
        row("note", "the collection (CRANFIELD names its folder)", "not here")
    measure_conversations(folder / "conversations")
