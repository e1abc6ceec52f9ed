"""A store of memories that is measured in its own process: what it is told comes as lines, and so do the answers.

usage: memory_<peer>.py FOLDER, then on stdin
    build FILE                  stores the memories of a JSON Lines file  -> seconds it took, bytes on disk
    recall FILE FIRST COUNT     asks these lines of a file of questions   -> microseconds of each, ten texts wanted
    first FILE FIRST 1          the same in a process that has not opened the store yet, and its opening with it
    find FILE FIRST COUNT       the same as recall, and only the numbers of the memories are wanted
    insert FILE FIRST COUNT     stores these lines, each durable by itself -> microseconds of each
    agree FILE OTHER COUNT      asks both files line for line  -> the share of the first's hits that the second finds
    put, get, list FILE FIRST COUNT  likewise, for a peer that is more of a table than a search engine
Times are taken around the call into the store, in this process; a command stops early when SECONDS are over. The answer
"none" means that the peer cannot do this.
"""

import itertools
import json
import sys
import time
from pathlib import Path

LIMIT = 10
SECONDS = 3
LEAST = 10


def lines(path: str, first: int = 0, count: int | None = None) -> list[str]:
    with open(path) as file:
        return [line.rstrip("\n") for line in itertools.islice(file, first, None if count is None else first + count)]


def records(path: str, first: int = 0, count: int | None = None):
    with open(path) as file:
        for line in itertools.islice(file, first, None if count is None else first + count):
            yield json.loads(line)


class MemoryPeer:
    def __init__(self, folder: Path):
        self.folder = folder

    def stored_bytes(self) -> int:
        return sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())

    def timed(self, action, items) -> str:
        times = []
        begin = time.perf_counter()
        for item in items:
            before = time.perf_counter_ns()
            action(item)
            times.append((time.perf_counter_ns() - before) / 1000)
            if time.perf_counter() - begin > SECONDS and len(times) >= LEAST:
                break
        return " ".join(f"{time:.1f}" for time in times)

    def do_build(self, path: str) -> str:
        begin = time.perf_counter()
        self.build(records(path))
        return f"{time.perf_counter() - begin:.2f} {self.stored_bytes()}"

    def do_recall(self, path: str, first: str, count: str) -> str:
        return self.timed(self.recall, lines(path, int(first), int(count)))

    def do_find(self, path: str, first: str, count: str) -> str:
        return self.timed(self.find, lines(path, int(first), int(count)))

    def do_agree(self, path: str, other: str, count: str) -> str:
        begin = time.perf_counter()
        found = wanted = 0
        for right, wrong in zip(lines(path, 0, int(count)), lines(other)):
            hits = set(self.recall(right))
            wanted += len(hits)
            found += len(hits & set(self.recall(wrong)))
            if time.perf_counter() - begin > SECONDS:
                break
        return f"{found / max(wanted, 1):.4f}"

    def do_insert(self, path: str, first: str, count: str) -> str:
        return self.timed(self.insert, list(records(path, int(first), int(count))))

    def answer(self, command: str, *arguments: str) -> str:
        # A peer is asked for what its class has a method for.
        if not hasattr(self, {"agree": "recall"}.get(command, command)):
            return "none"
        if hasattr(self, f"do_{command}"):
            return getattr(self, f"do_{command}")(*arguments)
        path, first, count = arguments
        return self.timed(getattr(self, command), list(enumerate(records(path, int(first), int(count)), int(first))))


def first(peer: type[MemoryPeer], folder: Path, path: str, first: str, count: str) -> str:
    question = lines(path, int(first), 1)[0]
    if not hasattr(peer, "recall"):
        return "none"
    begin = time.perf_counter_ns()
    peer(folder).recall(question)
    return f"{(time.perf_counter_ns() - begin) / 1000:.1f}"


def serve(peer: type[MemoryPeer]):
    folder = Path(sys.argv[1])
    store = None
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "first":
            answer = first(peer, folder, *arguments)
        else:
            store = store or peer(folder)
            answer = store.answer(command, *arguments)
        print(answer, flush=True)
