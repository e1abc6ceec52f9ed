"""SQLite's FTS5: stems by Porter, bm25(), words OR-ed without stop words; the store's own settings for durability."""

import re
import sqlite3
from pathlib import Path

from peers.memory_peer import LIMIT, MemoryPeer, serve
from peers.stop_words import STOP_WORDS


def any_of(text: str) -> str:
    words = re.findall(r"\w+", text.lower())
    return " OR ".join(f'"{word}"' for word in [word for word in words if word not in STOP_WORDS] or words)


class FTS5(MemoryPeer):
    def __init__(self, folder: Path):
        super().__init__(folder)
        self.database = sqlite3.connect(folder / "fts5.db", isolation_level=None, timeout=30)
        self.database.executescript(
            """PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
            CREATE VIRTUAL TABLE IF NOT EXISTS memory
                USING fts5(content, namespace UNINDEXED, importance UNINDEXED, tokenize="porter unicode61");"""
        )

    def build(self, memories):
        self.database.execute("BEGIN")
        self.database.executemany(
            "INSERT INTO memory VALUES (?, ?, ?)",
            ((memory["value"], memory["namespace"], memory["importance"]) for memory in memories),
        )
        self.database.execute("INSERT INTO memory(memory) VALUES ('optimize')")
        self.database.execute("COMMIT")
        self.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def ranked(self, column: str, question: str) -> list:
        # bm25() under the name rank is the faster way to sort, says its documentation.
        select = f"SELECT {column} FROM memory WHERE memory MATCH ? ORDER BY rank LIMIT {LIMIT}"
        return [row[0] for row in self.database.execute(select, (any_of(question),)).fetchall()]

    def find(self, question: str) -> list[int]:
        return self.ranked("rowid", question)

    def recall(self, question: str) -> list[str]:
        return self.ranked("content", question)

    def insert(self, memory: dict):
        row = (memory["value"], memory["namespace"], memory["importance"])
        self.database.execute("INSERT INTO memory VALUES (?, ?, ?)", row)


if __name__ == "__main__":
    serve(FTS5)
