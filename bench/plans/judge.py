"""Looks at the files that a plan has left: which references to the other steps' parts are right.

Python is parsed, and so is JSON; of TypeScript the lines that import and export. A reference is right when the file
that it names is there and declares that name, and the name is one for what the step needs. What else a part refers to
in its place is wrong; where there is nothing it is missing.
"""

import ast
import json
import os.path
import re
from pathlib import Path

from plans import words

IMPORTED = re.compile(r'^import \{ (\w+) \} from "([^"]+)"$', re.MULTILINE)
EXPORTED = re.compile(r"^export (?:function|class) (\w+)", re.MULTILINE)


class Part:
    """A file: what it says it is, what it declares, what it refers to as (path, name)."""

    def __init__(self, path, text):
        self.path, self.declared, self.references = path, set(), []
        about = re.search(r"The (\w+) of the (\w+) service", text)
        self.kind = about[1] if about else None
        if path.endswith(".json"):
            places = {key: value for key, value in json.loads(text).items() if key != "about"}
            self.references = [(value, key) for key, value in places.items()]
        elif path.endswith(".py"):
            self.read_python(ast.parse(text))
        else:
            self.declared = set(EXPORTED.findall(text))
            for name, module in IMPORTED.findall(text):
                self.references.append((os.path.normpath(f"{path}/../{module}") + ".ts", name))

    def read_python(self, tree):
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                self.declared.add(node.name)
            if isinstance(node, ast.ImportFrom):
                module = node.module.replace(".", "/") + ".py"
                self.references += [(module, alias.name) for alias in node.names]


class Verdict:
    def __init__(self):
        self.right = self.wrong = self.missing = 0

    def __iadd__(self, other):
        self.right += other.right
        self.wrong += other.wrong
        self.missing += other.missing
        return self

    @property
    def asked(self):
        return self.right + self.wrong + self.missing


def read_parts(folder):
    files = [path for path in Path(folder).glob("*/*") if path.suffix in (".py", ".ts", ".json")]
    return {str(path.relative_to(folder)): Part(str(path.relative_to(folder)), path.read_text()) for path in files}


def is_right(parts, need, path, name):
    there = parts.get(path)
    if not there:
        return False
    if need in words.GIVES:
        return name == need and there.kind == need
    return name in there.declared and words.act_of(name) == need


def judge(plan, folder):
    """Every need of every step is one reference that is right, wrong or missing."""
    parts, verdict = read_parts(folder), Verdict()
    for step in plan.steps:
        # A step that was begun twice may have written twice: what it wrote last is what others are to use.
        own = [part for part in parts.values() if part.kind == step.kind]
        made = max(own, key=lambda part: (Path(folder) / part.path).stat().st_mtime_ns, default=None)
        references = made.references if made else []
        right = sum(any(is_right(parts, need, *reference) for reference in references) for need in step.needs)
        wrong = min(len(step.needs) - right, max(0, len(references) - right))
        verdict.right += right
        verdict.wrong += wrong
        verdict.missing += len(step.needs) - right - wrong
    return verdict
