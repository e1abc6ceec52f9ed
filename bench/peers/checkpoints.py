"""Checkpoints of a long conversation, on AgentHost or on LangGraph's SQLite saver.

usage: checkpoints.py agenthost FOLDER | checkpoints.py langgraph FOLDER
Prints five numbers: bytes stored for 1,000 turns of 1,000 bytes with a checkpoint after each, the bytes said, the
microseconds that a turn took among the first and among the last hundred of them, and the median time in microseconds to
read the latest state at 10,000 checkpoints.
"""

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import time

TURNS, TEXT_BYTES = 1000, 1000
CHECKPOINTS, STATE_BYTES = 10_000, 200
READS = 300


def stored_below(folder):
    """What a store takes once nothing of it is in the write-ahead log any more, whose size is no figure of its own."""
    connection = sqlite3.connect(os.path.join(folder, "agenthost.db"))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return sum(os.path.getsize(os.path.join(path, name)) for path, _, names in os.walk(folder) for name in names)


def spread(times):
    """Microseconds for one turn, of the first hundred and of the last."""
    first, last = times[: 101], times[-101:]
    return (first[-1] - first[0]) * 1e4, (last[-1] - last[0]) * 1e4


class Host:
    """A host on a store of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen(
            [os.environ["BENCH_AGENTHOST"], "serve", "--store", folder, "--config", os.environ["BENCH_CONFIGURATION"]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.number = 0

    def send(self, method, **params):
        self.number += 1
        request = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        return self.number

    def call(self, method, heard=lambda message: None, **params):
        number = self.send(method, **params)
        while True:
            message = json.loads(self.process.stdout.readline())
            if message.get("id") == number:
                return message["result"]
            heard(message)

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def run(self, turns, steps, heard=lambda message: None):
        """A task of so many turns; the session and its last checkpoint."""
        session = self.call("session.create", recursion_limit=10_000)["id"]
        prompt = json.dumps({"repeat": turns, "steps": steps}) + "\n" + json.dumps({"result": {"output": "done"}})
        result = self.call("task.execute", heard, session_id=session, prompt=prompt)
        assert result["status"] == "completed", result
        return result["checkpoint_id"]


def on_agenthost(folder):
    # What a store has before anything was said is in the first conversation, which is not counted.
    steps = [{"say": "x" * TEXT_BYTES}, {"checkpoint": {"phase": "gathering"}}]
    host = Host(folder)
    host.run(TURNS, steps)
    host.close()
    before, times, rounds = stored_below(folder), [], 3
    for _ in range(rounds):
        host, times = Host(folder), []

        def heard(message):
            if message.get("params", {}).get("type") == "checkpoint.saved":
                times.append(time.perf_counter())

        host.run(TURNS, steps, heard)
        host.close()
    stored = (stored_below(folder) - before) / rounds

    host = Host(folder)
    latest = host.run(CHECKPOINTS, [{"checkpoint": {"text": "y" * STATE_BYTES}}])
    reads = []
    for _ in range(READS):
        begin = time.perf_counter()
        host.call("checkpoint.get", checkpoint_id=latest)
        reads.append(time.perf_counter() - begin)
    host.close()
    return stored, spread(times[:TURNS]), statistics.median(reads) * 1e6


def on_langgraph(folder):
    from langgraph.checkpoint.base import empty_checkpoint
    from langgraph.checkpoint.sqlite import SqliteSaver

    path = os.path.join(folder, "langgraph.db")
    connection = sqlite3.connect(path, check_same_thread=False)
    saver = SqliteSaver(connection)
    saver.setup()

    def save(thread, config, number, values):
        checkpoint = {**empty_checkpoint(), "channel_values": values, "channel_versions": {"state": number}}
        return saver.put(config, checkpoint, {"source": "loop", "step": number}, {"state": number})

    def begin(thread):
        return {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}

    config, messages, times = begin("1"), [], []
    for turn in range(TURNS):
        messages.append("x" * TEXT_BYTES)
        config = save("1", config, turn, {"messages": messages})
        times.append(time.perf_counter())
    stored = sum(os.path.getsize(path + end) for end in ("", "-wal") if os.path.exists(path + end))

    config = begin("2")
    for number in range(CHECKPOINTS):
        config = save("2", config, number, {"text": "y" * STATE_BYTES})
    reads = []
    for _ in range(READS):
        start = time.perf_counter()
        saver.get_tuple(begin("2"))
        reads.append(time.perf_counter() - start)
    connection.close()
    return stored, spread(times), statistics.median(reads) * 1e6


folder = os.path.join(sys.argv[2], "checkpoints-" + sys.argv[1])
os.makedirs(folder, exist_ok=True)
stored, (first, last), read = {"agenthost": on_agenthost, "langgraph": on_langgraph}[sys.argv[1]](folder)
print(stored, TURNS * TEXT_BYTES, first, last, read)
