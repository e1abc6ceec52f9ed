"""What is asked, each with the same two methods: take texts, and name the best ten by their places."""

import json
import os
import subprocess
from pathlib import Path


class AgentHost:
    """The store in a process of its own, with recall's defaults: what BENCH_MEMORY_BENCH names."""

    name = "agenthost"

    def __init__(self, folder: Path):
        folder.mkdir(parents=True)
        self.folder = folder
        program = [os.environ["BENCH_MEMORY_BENCH"], str(folder / "store")]
        self.process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def call(self, *words: str) -> str:
        print(*words, file=self.process.stdin, flush=True)
        if not (answer := self.process.stdout.readline()):
            raise RuntimeError(f"memory-bench has ended: {words}")
        return answer.strip()

    def take(self, texts: list[str], namespace: str = "texts", roles: list[str] | None = None):
        """With roles, the texts are the turns of a conversation."""
        path = self.folder / "memories.jsonl"
        with open(path, "w") as file:
            for place, text in enumerate(texts):
                memory = {"namespace": namespace, "value": text, "metadata": {"place": place}}
                if roles:
                    memory["source"] = {"role": roles[place], "seq": place + 1}
                print(json.dumps(memory), file=file)
        self.call("build", str(path))

    def best(self, question: str, namespace: str = "texts") -> list[int]:
        return [int(place) for place in self.call("ask", namespace, question).split()]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Peer:
    """A peer of the memory bench, in this process; a store for each namespace."""

    def __init__(self, name: str, peer: type, folder: Path, first_number: int):
        self.name, self.peer, self.folder, self.first_number = name, peer, folder, first_number
        self.stores = {}

    def take(self, texts: list[str], namespace: str = "texts", roles: list[str] | None = None):
        folder = self.folder / namespace
        folder.mkdir(parents=True)
        self.stores[namespace] = self.peer(folder)
        self.stores[namespace].build({"value": text, "namespace": namespace, "importance": 0.5} for text in texts)

    def best(self, question: str, namespace: str = "texts") -> list[int]:
        return [number - self.first_number for number in self.stores[namespace].find(question)]

    def close(self):
        self.stores.clear()
