"""An author of code that knows only what it is told.

It writes the part that a prompt asks for, in a file and under names that it draws. For what the part needs it looks
through what it was sent: a file that somebody wrote, or a line of text that names a file and what is in it. Of the rest
it makes something up, or leaves it out.
"""

import json
import re

from plans import words

PROMPT = re.compile(r"Write the (\w+) of the (\w+) service in (\w+)\.")
PATH = re.compile(r"[\w./-]*\w\.(?:py|ts|json)\b")
DECLARED = re.compile(r"^(?:export )?(?:def|class|function) (\w+)", re.MULTILINE)


class Wanted:
    """What a prompt asks for; `None` in place of the kind when it asks for no part."""

    def __init__(self, prompt):
        asked = PROMPT.search(prompt)
        self.kind, self.domain, self.language = asked.groups() if asked else (None, None, None)
        self.gives, self.needs = self.listed("Gives", prompt), self.listed("Needs", prompt)

    def listed(self, what, prompt):
        found = re.search(rf"^{what}: (.*)$", prompt, re.MULTILINE)
        return found[1].split(", ") if found else []


class Known:
    """What can be known of files from what was said, oldest first: later words count more."""

    def __init__(self, folder):
        self.folder = folder
        self.names, self.files = {}, {}

    def saw_written(self, path, text):
        self.add(path, DECLARED.findall(text))

    def saw_text(self, text):
        """A name belongs to the file that was named last before it, on the same line."""
        for line in text.splitlines():
            places = list(PATH.finditer(line))
            for place, after in zip(places, places[1:] + [None]):
                self.add(place[0], re.findall(r"\w+", line[place.end():after.start() if after else None]))

    def add(self, path, names):
        path = path.removeprefix(self.folder + "/")
        if path.startswith("/"):
            return
        for name in names:
            act = words.act_of(name)
            # A word of a sentence is no name of a thing in code.
            if act and re.search(r"_|[a-z][A-Z]", name):
                self.names[act] = (path, name)
                self.files[words.MAKER[act]] = path


def choose_references(wanted, known, draw):
    """For each need that is known or made up: (what it is, path, name)."""
    references = []
    for need in wanted.needs:
        if wanted.kind == "manifest":
            found = known.files.get(need) and (known.files[need], None)
        else:
            found = known.names.get(need)
        if not found and draw.below(2):
            kind = need if wanted.kind == "manifest" else words.MAKER[need]
            name = None if wanted.kind == "manifest" else words.name_of(need, wanted.domain, wanted.language, draw)
            found = (words.path_of(kind, wanted.language, draw), name)
        if found:
            references.append((need, *found))
    return references


def write_part(wanted, known, draw):
    """The path and the text of a part, and the names that are in it."""
    path = words.path_of(wanted.kind, wanted.language, draw)
    names = [words.name_of(act, wanted.domain, wanted.language, draw) for act in wanted.gives]
    references = choose_references(wanted, known, draw)
    if wanted.kind == "manifest":
        parts = {need: place for need, place, _ in references}
        return path, json.dumps({"about": about(wanted), **parts}, indent=2) + "\n", []
    used = ", ".join(name for _, _, name in references)
    compose = compose_python if wanted.language == "python" else compose_typescript
    return path, compose(wanted, names, references, used), names


def about(wanted):
    return f"The {wanted.kind} of the {wanted.domain} service"


def compose_python(wanted, names, references, used):
    lines = [f'"""{about(wanted)}."""', ""]
    lines += [f"from {path[:-3].replace('/', '.')} import {name}" for _, path, name in references]
    for name in names or [f"check_all_{wanted.domain}"]:
        is_class = name[0].isupper()
        lines += ["", "", f"class {name}:" if is_class else f"def {name}(*given):"]
        lines.append(f"    uses = [{used}]" if is_class else f"    return [{used}]")
    return "\n".join(lines) + "\n"


def compose_typescript(wanted, names, references, used):
    lines = [f"// {about(wanted)}.", ""]
    lines += [f'import {{ {name} }} from "../{path[:-3]}"' for _, path, name in references]
    for name in names or [f"checkAll{wanted.domain.capitalize()}"]:
        if name[0].isupper():
            lines += ["", f"export class {name} {{", f"  uses = [{used}]", "}"]
        else:
            lines += ["", f"export function {name}(...given: unknown[]) {{", f"  return [{used}]", "}"]
    return "\n".join(lines) + "\n"


def closing_words(path, names, draw):
    """What it says at the end: authors say more or less of what they did."""
    return ("Done.", f"I have written {path}.", f"I have written {path} with {', '.join(names) or 'all of it'}."
            )[draw.below(3)]
