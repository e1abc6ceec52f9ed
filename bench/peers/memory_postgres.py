"""PostgreSQL: a tsvector with a GIN index, ts_rank, and pg_trgm over the words in use for those that are misspelt.

The table of words is the one that pg_trgm's documentation describes. A server process: each call is a round trip over
its Unix socket, with prepared statements. BENCH_POSTGRES is the folder of the socket.
"""

import hashlib
import os
import re
from pathlib import Path

import psycopg

from peers.memory_peer import LIMIT, MemoryPeer, serve
from peers.stop_words import STOP_WORDS

WORDS = """
    CREATE TABLE word AS SELECT word, ndoc FROM ts_stat($$SELECT to_tsvector('simple', content) FROM memory$$);
    CREATE INDEX ON word (word);
    CREATE INDEX ON word USING gin (word gin_trgm_ops);"""


class PostgreSQL(MemoryPeer):
    def __init__(self, folder: Path):
        super().__init__(folder)
        name = "bench_" + hashlib.sha1(str(folder).encode()).hexdigest()[:12]
        server = {"host": os.environ["BENCH_POSTGRES"], "user": "bench", "autocommit": True}
        with psycopg.connect(dbname="postgres", **server) as postgres:
            if not postgres.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                postgres.execute(f"CREATE DATABASE {name}")
        self.database = psycopg.connect(dbname=name, **server)

    def stored_bytes(self) -> int:
        return self.database.execute("SELECT pg_database_size(current_database())").fetchone()[0]

    def build(self, memories):
        self.database.execute(
            """CREATE EXTENSION IF NOT EXISTS pg_trgm;
            DROP TABLE IF EXISTS memory, word;
            CREATE TABLE memory (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, namespace text, content text, importance real,
                document tsvector GENERATED ALWAYS AS (to_tsvector('english', content)) STORED)"""
        )
        with self.database.cursor().copy("COPY memory (namespace, content, importance) FROM STDIN") as copy:
            for memory in memories:
                copy.write_row((memory["namespace"], memory["value"], memory["importance"]))
        self.database.execute("CREATE INDEX ON memory USING gin (document);" + WORDS)
        self.database.execute("VACUUM ANALYZE")
        self.database.execute("CHECKPOINT")

    def corrected(self, word: str) -> str:
        if self.database.execute("SELECT 1 FROM word WHERE word = %s", [word], prepare=True).fetchone():
            return word
        similar = "SELECT word FROM word WHERE word %% %s ORDER BY similarity(word, %s) DESC, ndoc DESC LIMIT 1"
        found = self.database.execute(similar, [word, word], prepare=True).fetchone()
        return found[0] if found else word

    def ranked(self, column: str, question: str) -> list:
        words = [word for word in re.findall(r"\w+", question.lower()) if word not in STOP_WORDS]
        ranking = f"""SELECT {column} FROM memory, to_tsquery('english', %s) AS query WHERE document @@ query
            ORDER BY ts_rank(document, query) DESC LIMIT {LIMIT}"""
        tsquery = " | ".join(self.corrected(word) for word in words)
        return [row[0] for row in self.database.execute(ranking, [tsquery], prepare=True).fetchall()]

    def find(self, question: str) -> list[int]:
        return self.ranked("id", question)

    def recall(self, question: str) -> list[str]:
        return self.ranked("content", question)

    def insert(self, memory: dict):
        self.database.execute(
            "INSERT INTO memory (namespace, content, importance) VALUES (%s, %s, %s)",
            [memory["namespace"], memory["value"], memory["importance"]],
            prepare=True,
        )


if __name__ == "__main__":
    serve(PostgreSQL)
