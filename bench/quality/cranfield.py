"""The Cranfield collection (Cleverdon 1967): 1,400 abstracts, 225 questions, judgements, in the files of SMART.

Questions are numbered by their place in the file. A document that was judged 1 (a complete answer) to 4 (of minimum
interest) is relevant; the grade -1, one for each question, is not. The gain of a grade is 5 less the grade.
"""

from pathlib import Path


def fields(path: Path):
    """Each record as {letter: text}."""
    record: dict[str, str] = {}
    field = ""
    for line in path.read_text(encoding="latin-1").splitlines():
        if line.startswith(".I"):
            if record:
                yield record
            record, field = {"I": line[2:].strip()}, ""
        elif len(line) == 2 and line[0] == ".":
            field = line[1]
            record[field] = ""
        else:
            record[field] = record.get(field, "") + " " + line
    yield record


def clean(text: str) -> str:
    return " ".join(text.split())


class Cranfield:
    def __init__(self, folder: Path):
        # The abstract repeats the title at its beginning.
        self.documents = {record["I"]: clean(record.get("W", "")) for record in fields(folder / "cran.all.1400")}
        self.questions = [clean(record["W"]).rstrip(" .") for record in fields(folder / "cran.qry")]
        self.gains: list[dict[str, int]] = [{} for _ in self.questions]
        for line in (folder / "cranqrel").read_text().splitlines():
            question, document, grade = line.split()[:3]
            if 1 <= int(grade) <= 4:
                self.gains[int(question) - 1][document] = 5 - int(grade)
