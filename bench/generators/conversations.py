"""Long conversations of two speakers, and questions whose evidence is known: the same ones for the same seed.

A fact is asked for in one turn and told in the next, tersely (the evidence then shares few words with a question asked
later), or told in a full sentence, asked for or not. Topics come up several times, with other people and places,
between turns of small talk about the same things. The later question is worded by other templates than what was said,
and each mention picks one of several words for the same thing.
"""

import re
from dataclasses import dataclass

from generators import conversation_words
from generators.seeded import Seeded

NAMES = ["Maria", "Jonas", "Aisha", "Pierre", "Nadia", "Viktor", "Chloe", "Samir", "Greta", "Oscar", "Lena", "Diego"]
TURNS = 600
QUESTIONS = 40
ROLES = ("user", "assistant")

CHATTER = conversation_words.CHATTER.strip().splitlines()


def slots() -> dict[str, list[tuple[str, ...]]]:
    """The words for each thing of each slot."""
    lines = conversation_words.SLOTS.replace("\n    ", " ").strip().splitlines()
    named = (line.split(": ") for line in lines)
    return {name: [tuple(thing.split("/")) for thing in things.split(", ")] for name, things in named}


def kinds() -> list[dict[str, list[str]]]:
    """The templates of each topic by their mark."""
    blocks = conversation_words.KINDS.strip().split("\n\n")
    return [{mark: [line[2:] for line in block.splitlines() if line[0] == mark] for mark in "?-=!"} for block in blocks]


SLOTS = slots()
KINDS = kinds()


@dataclass
class Question:
    text: str
    evidence: int  # the turn, by its place


@dataclass
class Conversation:
    turns: list[tuple[str, str]]  # role, text
    questions: list[Question]


class Fact:
    """One choice for each slot, kept over all that is said about it."""

    def __init__(self, random: Seeded, names: dict[str, str]):
        self.random, self.names = random, names
        self.chosen: dict[str, tuple[str, ...]] = {}

    def mention(self, slot: str) -> str:
        if slot in self.names:
            return self.names[slot]
        if slot not in self.chosen:
            self.chosen[slot] = self.random.choice(SLOTS[slot])
        return self.random.choice(self.chosen[slot])

    def say(self, templates: list[str]) -> str:
        text = self.random.choice(templates)
        text = re.sub(r"\[([^]]*)]", lambda match: self.random.choice(match[1].split("|")), text)
        text = re.sub(r"{(\w+)}", lambda match: self.mention(match[1]), text)
        return text[0].upper() + text[1:]


def conversation(random: Seeded) -> Conversation:
    first = random.below(len(NAMES))
    names = [NAMES[first], NAMES[(first + 1 + random.below(len(NAMES) - 1)) % len(NAMES)]]
    turns: list[tuple[str, str]] = []
    told: list[tuple[Fact, list[str], int]] = []

    def add(text: str):
        turns.append((ROLES[len(turns) % 2], text))

    while len(turns) < TURNS - 3:
        topic = random.choice(KINDS)
        # Who tells is whose turn it is after the question.
        kind = random.below(10)
        teller = names[(len(turns) + (kind < 6)) % 2]
        fact = Fact(random, {"name": teller})
        if kind < 6:
            add(fact.say(topic["?"]))
            add(fact.say(topic["-" if kind < 3 else "="]))
        else:
            add(fact.say(topic["="]))
        told.append((fact, topic["!"], len(turns) - 1))
        for _ in range(random.below(5)):
            add(Fact(random, {}).say(CHATTER))
    asked = [Question(fact.say(questions), turn) for fact, questions, turn in random.sample(told, QUESTIONS)]
    return Conversation(turns, asked)


def conversations(count: int, seed: int = 11) -> list[Conversation]:
    random = Seeded(seed)
    return [conversation(random) for _ in range(count)]
