"""What is asked, each with the same two methods: take texts, and name the best ten by their places."""

import json
import os
import subprocess
from pathlib import Path

from quality.metrics import DEPTH

Turn = tuple[str, str]


class AgentHost:
    """Through standard input and output, with its defaults."""

    name = "agenthost"

    def __init__(self, folder: Path):
        folder.mkdir(parents=True)
        self.folder = folder
        environment = os.environ | {"AGENTHOST_HOME": str(folder / "home")}
        self.process = subprocess.Popen(
            [os.environ["BENCH_AGENTHOST"], "serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        self.last_id = 0

    def call(self, method: str, parameters: dict) -> dict:
        self.last_id += 1
        request = {"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": parameters}
        print(json.dumps(request), file=self.process.stdin, flush=True)
        for line in self.process.stdout:
            reply = json.loads(line)
            if reply.get("id") == self.last_id and "method" not in reply:
                if "error" in reply:
                    raise RuntimeError(f"{method}: {reply['error']}")
                return reply["result"]
        raise RuntimeError("agenthost has ended")

    def take(self, texts: list[str], namespace: str = "texts", roles: list[str] | None = None):
        """With roles, the texts are the turns of a conversation."""
        path = self.folder / "import.jsonl"
        with open(path, "w") as file:
            for place, text in enumerate(texts):
                memory = {"namespace": namespace, "value": text, "metadata": {"place": place}}
                if roles:
                    memory["source"] = {"role": roles[place], "seq": place + 1}
                print(json.dumps(memory), file=file)
        self.call("memory.import", {"path": str(path)})

    def best(self, question: str, namespace: str = "texts") -> list[int]:
        found = self.call("memory.recall", {"query": question, "namespace": namespace, "limit": DEPTH})
        return [hit["memory"]["metadata"]["place"] for hit in found["memories"]]

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
