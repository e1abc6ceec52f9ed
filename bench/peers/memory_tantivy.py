"""tantivy: English stemmer and stop words, words OR-ed; a fuzzy query of distance 1 for words that it does not have.

Its FuzzyTermQuery scores every match alike, so it is asked only where the plain query would miss a word, and boosted to
what BM25 gives a word of FEW memories: that is the better use of it. A durable insert is a commit, after which the
reader has to be reloaded.
"""

import math
from pathlib import Path

import tantivy

from peers.memory_peer import LIMIT, MemoryPeer, serve

HEAP_BYTES = 128 << 20
FEW = 50


class Tantivy(MemoryPeer):
    def __init__(self, folder: Path):
        super().__init__(folder)
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("content", stored=True, tokenizer_name="english")
        builder.add_unsigned_field("number", stored=False, fast=True)
        self.schema = builder.build()
        self.analyzer = (
            tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
            .filter(tantivy.Filter.lowercase())
            .filter(tantivy.Filter.stopword("english"))
            .filter(tantivy.Filter.stemmer("english"))
            .build()
        )
        self.index = tantivy.Index(self.schema, path=str(folder))
        self.index.register_tokenizer("english", self.analyzer)
        self.writer = None
        self.searcher = self.index.searcher()
        self.number = self.searcher.num_docs

    def add(self, memory: dict):
        self.writer = self.writer or self.index.writer(HEAP_BYTES, 1)
        document = tantivy.Document.from_dict({"content": memory["value"], "number": self.number}, self.schema)
        self.writer.add_document(document)
        self.number += 1

    def build(self, memories):
        for memory in memories:
            self.add(memory)
        self.writer.commit()
        self.end_writing()
        self.reload()

    def end_writing(self):
        """Only one process may have a writer, and merges go on until it is asked to wait for them."""
        self.writer.wait_merging_threads()
        self.writer = None

    def reload(self):
        self.index.reload()
        self.searcher = self.index.searcher()

    def word_query(self, word: str):
        if len(word) >= 4 and self.searcher.doc_freq("content", word) == 0:
            fuzzy = tantivy.Query.fuzzy_term_query(self.schema, "content", word, distance=1)
            return tantivy.Query.boost_query(fuzzy, math.log(1 + self.searcher.num_docs / FEW))
        return tantivy.Query.term_query(self.schema, "content", word)

    def hits(self, question: str) -> list[tantivy.DocAddress]:
        words = self.analyzer.analyze(question)
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, self.word_query(word)) for word in words])
        return [address for _, address in self.searcher.search(query, LIMIT, count=False).hits]

    def find(self, question: str) -> list[int]:
        return self.searcher.fast_field_values("number", self.hits(question))

    def recall(self, question: str) -> list[str]:
        return [self.searcher.doc(address)["content"][0] for address in self.hits(question)]

    def insert(self, memory: dict):
        self.add(memory)
        self.writer.commit()
        self.reload()

    def do_insert(self, *arguments: str) -> str:
        times = super().do_insert(*arguments)
        self.end_writing()
        return times


if __name__ == "__main__":
    serve(Tantivy)
