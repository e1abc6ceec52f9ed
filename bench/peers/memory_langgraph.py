"""LangGraph's SqliteStore: put, get and listing. It has no search in texts without an embedding model."""

import sqlite3
from pathlib import Path

from langgraph.store.base import PutOp
from langgraph.store.sqlite import SqliteStore

from peers.memory_peer import LIMIT, MemoryPeer, serve

BATCH = 10_000


class LangGraph(MemoryPeer):
    def __init__(self, folder: Path):
        super().__init__(folder)
        database = sqlite3.connect(folder / "langgraph.db", isolation_level=None, check_same_thread=False)
        self.store = SqliteStore(database)
        self.store.setup()
        database.execute("PRAGMA synchronous=FULL")

    def build(self, memories):
        batch = []
        for number, memory in enumerate(memories):
            batch.append(PutOp((memory["namespace"],), f"m{number}", memory))
            if len(batch) == BATCH:
                self.store.batch(batch)
                batch = []
        if batch:
            self.store.batch(batch)

    def put(self, item: tuple[int, dict]):
        number, memory = item
        self.store.put((memory["namespace"],), f"m{number}", memory)

    def get(self, item: tuple[int, dict]):
        number, memory = item
        assert self.store.get((memory["namespace"],), f"m{number}")

    def list(self, item: tuple[int, dict]):
        _, memory = item
        self.store.search((memory["namespace"],), limit=LIMIT)


if __name__ == "__main__":
    serve(LangGraph)
