"""The plans: small services, each of 6 to 12 parts, from a seed."""

from generators.seeded import Seeded
from plans import words

SEED = 20


class Step:
    """One part: what it gives and what it needs, by act. A manifest needs whole parts."""

    def __init__(self, kind, needs, makers):
        self.kind, self.needs, self.makers = kind, needs, makers
        self.gives = words.GIVES.get(kind, [])

    def prompt(self, domain, language):
        """It names neither files nor what is in them: those are the author's to choose."""
        lines = [f"Write the {self.kind} of the {domain} service in {language}."]
        if self.gives:
            lines.append(f"Gives: {', '.join(self.gives)}")
        if self.needs:
            lines.append(f"Needs: {', '.join(self.needs)}")
        lines.append("Choose the file and the names yourself, and refer to what was written for the other steps.")
        return "\n".join(lines)


class Plan:
    def __init__(self, number, domain, language, batches, listed):
        self.number, self.domain, self.language, self.batches = number, domain, language, batches
        self.steps = [step for batch in batches for step in batch]
        self.title = f"The {domain} service"
        self.listed = listed

    def prompt(self, step):
        return step.prompt(self.domain, self.language)

    def wire(self):
        """The `batches` of plan.create. What is in an earlier batch is done anyway: only some of that is listed."""
        return [{"steps": [self.wire_step(step) for step in batch]} for batch in self.batches]

    def wire_step(self, step):
        needed = sorted(self.listed & {(step.kind, maker) for maker in step.makers})
        return {"id": step.kind, "description": f"The {step.kind} of the service", "type": "create_file",
                "prompt": self.prompt(step), "depends_on": [maker for _, maker in needed]}


def make_plan(number, domain, draw):
    language = draw.choice(list(words.LANGUAGES))
    layers = [[kind for kind in words.LAYERS if words.LAYERS[kind] == layer] for layer in range(4)]
    # Two parts to begin with, then some of each layer, then what is written last.
    kinds = layers[0] + draw.sample(layers[1], 1 + draw.below(3)) + draw.sample(layers[2], 1 + draw.below(3))
    kinds += draw.sample(layers[3], 1 + draw.below(2)) + list(words.LEAVES[: 1 + draw.below(2)])
    batches, listed, done = [], set(), []
    for layer in range(5):
        batch = []
        for kind in kinds:
            if words.LAYERS.get(kind, 4) != layer:
                continue
            # Some build on another part of their own batch, the others are independent of each other.
            beside = [step.kind for step in batch] if draw.below(4) == 0 else []
            step = make_step(kind, done + beside, draw)
            batch.append(step)
            listed |= {(kind, maker) for maker in step.makers if maker in beside or draw.below(2)}
        batches += [batch] if batch else []
        done += [step.kind for step in batch]
    return Plan(number, domain, language, batches, listed)


def make_step(kind, earlier, draw):
    earlier = [maker for maker in earlier if maker in words.GIVES]
    if not earlier:
        return Step(kind, [], [])
    if kind == "manifest":
        makers = draw.sample(earlier, min(len(earlier), 3 + draw.below(3)))
        return Step(kind, makers, makers)
    offered = [act for maker in earlier for act in words.GIVES[maker]]
    needs = draw.sample(offered, min(len(offered), 1 + draw.below(4)))
    return Step(kind, needs, sorted({words.MAKER[act] for act in needs}))


def all_plans(count=20, seed=SEED):
    draw = Seeded(seed)
    return [make_plan(number, words.DOMAINS[number % len(words.DOMAINS)], draw) for number in range(count)]
